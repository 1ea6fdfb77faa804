"""Under which user of the machine PostgreSQL runs: never root, because it refuses to."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.common.embedded.errors import SystemUserError

SYSTEM_USER = "passend-postgres"
# Exists everywhere; used where no user can be added.
LAST_RESORT_USER = "nobody"


@dataclass(frozen=True)
class ServerUser:
    """The user PostgreSQL runs as, and how a command is turned into one of that user."""

    uid: int
    gid: int
    name: str
    prefix: tuple[str, ...] = ()
    switches: bool = False

    def run(
        self, command: Sequence[str | Path], *, cwd: Path | str = "/", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs `command` with messages in English and nothing of the caller's session."""
        switch = self.switches and not self.prefix
        return subprocess.run(  # noqa: S603 - programs of PostgreSQL with our own arguments
            [*self.prefix, *map(str, command)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=cwd,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "LC_ALL": "C",
                "TZ": "UTC",
                **environment,
            },
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=[] if switch else None,
            umask=0o077,
        )


def server_user(data_dir: Path, binaries: Path) -> ServerUser:
    """The caller; or, for root, the owner of the data or a user made for it."""
    if os.geteuid() != 0:
        uid = os.geteuid()
        return ServerUser(uid, os.getegid(), _name(uid))
    user = _unprivileged_user(data_dir)
    if _reaches(user, data_dir.parent, binaries):
        return user
    return _with_reading_right(user, data_dir.parent, binaries)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def owner_of(path: Path) -> str:
    return _name(path.stat().st_uid)


def _unprivileged_user(data_dir: Path) -> ServerUser:
    if data_dir.exists() and data_dir.stat().st_uid != 0:
        owner = data_dir.stat()
        return ServerUser(owner.st_uid, owner.st_gid, _name(owner.st_uid), switches=True)
    for name in (SYSTEM_USER, LAST_RESORT_USER):
        if name == SYSTEM_USER:
            _add_system_user(name)
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, name, switches=True)
    raise SystemUserError(f"useradd {SYSTEM_USER}")


def _add_system_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        program = shutil.which("useradd")
        if program:
            command = [program, "--system", "--user-group", "--no-create-home", name]
            # Two processes may do this at once; whoever comes second finds the user there.
            subprocess.run(command, capture_output=True, check=False)  # noqa: S603


def _reaches(user: ServerUser, folder: Path, binaries: Path) -> bool:
    try:
        return (
            user.run(["test", "-x", folder]).returncode == 0
            and user.run(["test", "-x", binaries / "postgres"]).returncode == 0
            and user.run([binaries / "postgres", "--version"]).returncode == 0
        )
    except OSError:
        return False


def _with_reading_right(user: ServerUser, folder: Path, binaries: Path) -> ServerUser:
    """The same user with the single right to pass folders that only root may enter (/root).

    Opening /root to everybody instead would change the machine for good.
    """
    program = shutil.which("setpriv")
    for right in ("dac_read_search", "dac_override"):
        if program is None:
            break
        prefix = (
            program,
            f"--reuid={user.uid}",
            f"--regid={user.gid}",
            "--clear-groups",
            # Without this the kernel leaves the right out of access(2), by which initdb looks.
            "--securebits=+no_setuid_fixup",
            f"--inh-caps=+{right}",
            f"--ambient-caps=+{right}",
        )
        privileged = ServerUser(user.uid, user.gid, user.name, prefix, switches=True)
        if _reaches(privileged, folder, binaries):
            return privileged
    raise SystemUserError(f"{user.name}: {folder}")
