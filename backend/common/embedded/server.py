"""Passend's own PostgreSQL for demo and tests: start, reuse and stop.

One server per data folder, listening on a Unix socket only. It outlives the command that started
it, so that the next command need not wait; `manage.py postgres stop` ends it. Durability is left
as in production (fsync and synchronous_commit on): races and benchmarks on it tell the truth.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from backend.common.embedded.binaries import find_binaries
from backend.common.embedded.errors import (
    MINIMUM_FREE_MB,
    DiskFullError,
    EmbeddedServerError,
    FolderInaccessibleError,
    FolderInUseError,
    FolderOccupiedError,
    StartFailedError,
    VersionMismatchError,
    error_from_log,
)
from backend.common.embedded.privileges import ServerUser, owner_of, server_user

SUPERUSER = "postgres"
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# 107 bytes on Linux, 103 on macOS; the lower one keeps a checkout movable between the two.
LONGEST_SOCKET_PATH = 103
SHORT_SOCKET_PARENT = Path("/tmp")  # noqa: S108 - sticky, and our folder in it is checked
# Recovery after a crash replays at most max_wal_size; a minute is ample on a slow disk.
START_TIMEOUT_SECONDS = 60
LARGEST_LOG_BYTES = 5_000_000
MEGABYTE = 1024 * 1024

# What differs from PostgreSQL's defaults, written to postgresql.conf before every start.
CONFIGURATION = {
    "listen_addresses": "",
    # 64 racing clients, two servers of demo and tests, their pools and the suite in parallel.
    "max_connections": "300",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "max_wal_senders": "0",
    # Many short queries: compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements carry personal data; the log says what failed, never on which values.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class RunningServer:
    """What postmaster.pid tells of a server that answers."""

    pid: int
    socket_dir: str


@dataclass(frozen=True)
class EmbeddedServer:
    """The PostgreSQL server of one data folder."""

    data_dir: Path

    def running(self) -> RunningServer | None:
        """The server, when it answers on its socket. Raises FolderInaccessibleError."""
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise self._inaccessible() from error
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        if not ready or not _answers(Path(lines[4]) / SOCKET_NAME):
            return None
        return RunningServer(int(lines[0]), lines[4])

    def start(self) -> RunningServer:
        """The running server; started, and its data folder made, where that is needed.

        Any number of processes may call this at once: one starts, the others wait for it.
        """
        server = self.running()
        if server:
            return server
        with self._locked():
            return self.running() or self._start()

    def stop(self) -> bool:
        """Stops the server; False where none was running."""
        with self._locked():
            if not self.running():
                return False
            binaries, _major = find_binaries()
            command = [str(binaries / "pg_ctl"), "-m", "fast", "-w", "-t", "60", "stop"]
            result = self._user(binaries).run(command, cwd=self.data_dir, PGDATA=str(self.data_dir))
            if result.returncode:
                raise StartFailedError(self.data_dir, result.stderr)
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self.data_dir.with_name(self.data_dir.name + ".lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except PermissionError as error:
            raise self._inaccessible() from error
        except OSError as error:
            raise DiskFullError(self.data_dir, MINIMUM_FREE_MB, 0) from error
        try:
            self._wait_for_lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _wait_for_lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + 2 * START_TIMEOUT_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FolderInUseError(self.data_dir, "") from None
                time.sleep(0.1)

    def _user(self, binaries: Path) -> ServerUser:
        return server_user(self.data_dir, binaries)

    def _start(self) -> RunningServer:
        binaries, major = find_binaries()
        user = self._user(binaries)
        self._check_disk()
        self._initialise(binaries, major, user)
        self._check_ownership(user)
        self._remove_stale_pid_file()
        self._write_configuration(user)
        log = self.data_dir / "log"
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.unlink()
        seen = log.stat().st_size if log.exists() else 0
        # No path on this command line: pg_ctl hands it to a shell. The folder goes by PGDATA.
        command = [
            str(binaries / "pg_ctl"),
            "-w",
            "-t",
            str(START_TIMEOUT_SECONDS),
            "-l",
            "log",
            "start",
        ]
        result = user.run(command, cwd=self.data_dir, PGDATA=str(self.data_dir))
        server = self.running()
        if server is None:
            text = log.read_bytes()[seen:].decode(errors="replace") if log.exists() else ""
            raise error_from_log(self.data_dir, text or result.stdout + result.stderr)
        return server

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.data_dir.parent).free // MEGABYTE
        if free < MINIMUM_FREE_MB:
            raise DiskFullError(self.data_dir, MINIMUM_FREE_MB, free)

    def _initialise(self, binaries: Path, major: int, user: ServerUser) -> None:
        """Makes the data folder, whole or not at all: initdb works beside it, a rename ends it."""
        try:
            if (self.data_dir / "PG_VERSION").exists():
                found = (self.data_dir / "PG_VERSION").read_text().strip()
                if found != str(major):
                    raise VersionMismatchError(self.data_dir, found, str(major))
                return
            if self.data_dir.exists() and any(self.data_dir.iterdir()):
                raise FolderOccupiedError(self.data_dir)
        except PermissionError as error:
            raise self._inaccessible() from error
        staging = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        if user.switches:
            os.chown(staging, user.uid, user.gid)
        # The same order of letters on every machine; PostgreSQL 17 brings its own C.UTF-8.
        locale = ["--locale-provider=builtin"] if major >= 17 else []
        options = [
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-instructions",
        ]
        builtin = ["--builtin-locale=C.UTF-8", "--locale=C"] if locale else ["--locale=C.UTF-8"]
        command = [str(binaries / "initdb"), *options, *locale, *builtin]
        result = user.run(command, cwd=staging, PGDATA=str(staging))
        if result.returncode:
            shutil.rmtree(staging, ignore_errors=True)
            raise error_from_log(self.data_dir, result.stdout + result.stderr)
        if self.data_dir.exists():
            self.data_dir.rmdir()
        staging.rename(self.data_dir)

    def _check_ownership(self, user: ServerUser) -> None:
        if self.data_dir.stat().st_uid != user.uid:
            raise self._inaccessible()

    def _remove_stale_pid_file(self) -> None:
        """Forgets a server of before a restart of the machine, whose process id was given anew.

        PostgreSQL itself recognises ids that are free, not ids that now belong to another program.
        """
        path = self.data_dir / "postmaster.pid"
        try:
            pid = int(path.read_text().splitlines()[0])
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if program != "postgres":
            path.unlink()

    def _write_configuration(self, user: ServerUser) -> None:
        settings = {
            **CONFIGURATION,
            "unix_socket_directories": _quoted_folder(self._socket_dir(user)),
        }
        lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
        path = self.data_dir / "postgresql.conf"
        path.write_text("# Written by Passend at every start.\n" + "\n".join(lines) + "\n")
        if user.switches:
            os.chown(path, user.uid, user.gid)

    def _socket_dir(self, user: ServerUser) -> Path:
        """The data folder, or a short one under /tmp where its path cannot name a socket.

        That is when it is too long, or holds a comma, which separates hosts for the driver.
        """
        length = len(os.fsencode(self.data_dir / SOCKET_NAME))
        if length <= LONGEST_SOCKET_PATH and "," not in str(self.data_dir):
            return self.data_dir
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        folder = SHORT_SOCKET_PARENT / f"passend-{user.uid}-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if user.switches:
            os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        found = folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
        # Somebody else's folder would let that somebody answer in the place of our server.
        if not private or found.st_uid != user.uid:
            raise FolderInaccessibleError(folder, owner_of(folder))
        return folder

    def _inaccessible(self) -> EmbeddedServerError:
        """Names the outermost folder that the caller may not use, and whose it is.

        The data folder itself may belong to the user that PostgreSQL runs as; the person to ask
        is the one who made the folder around it.
        """
        for folder in reversed(self.data_dir.parents):
            if folder.exists() and not os.access(folder, os.X_OK):
                return FolderInaccessibleError(folder, owner_of(folder))
        holder = self.data_dir.parent
        while not holder.exists():
            holder = holder.parent
        return FolderInaccessibleError(holder, owner_of(holder))


def _answers(path: Path) -> bool:
    """Whether a server listens on the socket at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def _quoted(value: str) -> str:
    """`value` as a string of postgresql.conf."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _quoted_folder(folder: Path) -> str:
    """`folder` as one entry of PostgreSQL's comma-separated list of folders."""
    return '"' + str(folder).replace('"', '""') + '"'


def create_missing_database(socket_dir: str, database: str) -> None:
    """Makes `database` where it is absent; two processes may do this at once."""
    with psycopg.connect(
        host=socket_dir, port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True
    ) as connection:
        query = "select 1 from pg_database where datname = %s"
        if connection.execute(query, [database]).fetchone():
            return
        # template0 is never connected to, so no other process can stand in the way.
        statement = sql.SQL("create database {} template template0").format(
            sql.Identifier(database)
        )
        try:
            connection.execute(statement)
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return
