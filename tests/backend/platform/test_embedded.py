"""Passend's own PostgreSQL: started once, found again, stopped; and what it says when it cannot."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from backend.common.embedded import binaries, server
from backend.common.embedded.errors import (
    BinariesMissingError,
    DiskFullError,
    EmbeddedServerError,
    FolderInaccessibleError,
    FolderInUseError,
    FolderOccupiedError,
    StartFailedError,
    VersionMismatchError,
    error_from_log,
)
from backend.common.embedded.server import EmbeddedServer, create_missing_database

START = """
import sys
from pathlib import Path
from backend.common.embedded.server import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1])).start().pid)
"""


@pytest.fixture(scope="module")
def own_server(tmp_path_factory) -> Iterator[EmbeddedServer]:
    """A server in a folder with characters that a shell would trip over."""
    folder = tmp_path_factory.mktemp("it's a $HOME `really` é")
    if os.geteuid() == 0:
        for parent in (folder, folder.parent, folder.parent.parent):
            if parent.name.startswith(("pytest-", "it's")):
                parent.chmod(0o755)
    own = EmbeddedServer(folder / "postgres")
    own.start()
    yield own
    own.stop()


def query(own: EmbeddedServer, statement: str, database: str = "postgres"):
    running = own.start()
    with psycopg.connect(host=running.socket_dir, user="postgres", dbname=database) as connection:
        return connection.execute(statement).fetchone()


def test_it_starts_once_and_is_found_again(own_server):
    first = own_server.start()
    assert own_server.start() == first == own_server.running()


def test_it_is_as_durable_as_a_production_server(own_server):
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert query(own_server, f"show {name}") == ("on",)
    assert int(query(own_server, "show max_connections")[0]) >= 200


def test_it_listens_on_a_private_socket_only(own_server):
    assert query(own_server, "show listen_addresses") == ("",)
    assert Path(own_server.start().socket_dir).stat().st_mode & 0o077 == 0


def test_letters_are_letters(own_server):
    assert query(own_server, "select upper('één ğ')") == ("ÉÉN Ğ",)


def test_it_stops_and_starts_again_with_its_data(own_server):
    create_missing_database(own_server.start().socket_dir, "kept")
    create_missing_database(own_server.start().socket_dir, "kept")
    before = own_server.start().pid
    assert own_server.stop()
    assert not own_server.stop()
    assert own_server.running() is None
    assert query(own_server, "select current_database()", "kept") == ("kept",)
    assert own_server.start().pid != before


def test_many_processes_that_start_it_at_once_get_the_same_server(tmp_path):
    folder = tmp_path / "postgres"
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    command = [sys.executable, "-c", START, str(folder)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)
        for _ in range(4)
    ]
    try:
        answers = {process.communicate(timeout=120)[0] for process in processes}
        assert [process.returncode for process in processes] == [0, 0, 0, 0]
        assert len(answers) == 1
    finally:
        EmbeddedServer(folder).stop()


@pytest.mark.parametrize("name", ["d" * 150, "north,south"])
def test_a_checkout_whose_path_cannot_name_a_socket_gets_a_short_one(name, tmp_path):
    own = EmbeddedServer(tmp_path / name / "postgres")
    try:
        running = own.start()
        assert query(own, "select 1") == (1,)
        assert running.socket_dir.startswith("/tmp/passend-")
        assert own.running() == running
        assert len(running.socket_dir) + len(server.SOCKET_NAME) < server.LONGEST_SOCKET_PATH
    finally:
        own.stop()


def test_the_id_of_a_server_from_before_a_restart_does_not_stand_in_the_way(own_server):
    own_server.stop()
    stale = own_server.data_dir / "postmaster.pid"
    owner = own_server.data_dir.stat()
    stale.write_text(
        f"{os.getpid()}\n{own_server.data_dir}\n0\n5432\n{own_server.data_dir}\n\n\nready\n"
    )
    os.chown(stale, owner.st_uid, owner.st_gid)
    assert own_server.running() is None
    assert own_server.start().pid != os.getpid()


def test_data_of_another_version_is_refused_with_a_way_out(tmp_path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(VersionMismatchError, match="PostgreSQL 9") as caught:
        EmbeddedServer(folder).start()
    assert str(folder) in caught.value.dutch


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "holiday.jpg").touch()
    with pytest.raises(FolderOccupiedError, match="niet leeg"):
        EmbeddedServer(folder).start()
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]


def test_a_full_disk_is_named_before_anything_is_written(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 12 * 1024 * 1024})
    monkeypatch.setattr(server.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(DiskFullError, match="12 MB"):
        EmbeddedServer(tmp_path / "postgres").start()
    assert not (tmp_path / "postgres").exists()


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(binaries, "_candidates", list)
    with pytest.raises(BinariesMissingError, match="make setup"):
        binaries.find_binaries.__wrapped__()


def test_programs_of_the_machine_are_used_where_the_wheel_is_absent(monkeypatch, tmp_path):
    real, major = binaries.find_binaries()
    monkeypatch.setattr(binaries, "_wheel_folder", lambda: None)
    monkeypatch.setattr(binaries, "DEBIAN_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", f"{real}{os.pathsep}{os.environ['PATH']}")
    assert binaries.find_binaries.__wrapped__() == (real, major)


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("FATAL: could not write: No space left on device", DiskFullError),
        ('FATAL: lock file "postmaster.pid" already exists', FolderInUseError),
        ("FATAL: something new", StartFailedError),
    ],
)
def test_the_log_of_a_failed_start_becomes_a_sentence(log, error, tmp_path):
    found = error_from_log(tmp_path, log)
    assert type(found) is error
    assert str(tmp_path) in found.dutch
    assert str(tmp_path) in found.english


def test_a_folder_held_by_another_program_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "START_TIMEOUT_SECONDS", 0)
    own = EmbeddedServer(tmp_path / "postgres")
    with own._locked(), pytest.raises(FolderInUseError, match="PASSEND_LOCAL_DIR"):
        own.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_another_users_folder_is_named_with_its_owner(own_server):
    own_server.start()
    # The modules are loaded first: the other user may not reach the interpreter's own folder.
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from backend.common.embedded.errors import FolderInaccessibleError\n"
        "from backend.common.embedded.server import EmbeddedServer\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: EmbeddedServer(Path(sys.argv[1])).start()\n"
        "except FolderInaccessibleError as error: print(error.dutch)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(own_server.data_dir)],
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert "is van gebruiker" in result.stdout, result.stderr
    assert "PASSEND_LOCAL_DIR" in result.stdout


def test_a_command_ends_with_a_sentence_and_no_traceback(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9")
    environment = {
        **os.environ,
        "PASSEND_LOCAL_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "backend.settings.development",
    }
    result = subprocess.run(
        [sys.executable, "-m", "backend.manage", "postgres", "start"],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "PostgreSQL 9" in result.stderr
    assert "Traceback" not in result.stderr


def test_every_error_is_a_kind_of_one(tmp_path):
    assert issubclass(FolderInaccessibleError, EmbeddedServerError)
    assert not server._answers(tmp_path / "nothing")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert not server._answers(tmp_path / "s")
