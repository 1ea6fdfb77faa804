"""Starting the web server: one process per core, one thread each, and a free port."""

import socket

import pytest

from backend import serve
from tests.support import requirements


def test_there_is_a_process_for_each_core_and_one_thread_in_each(monkeypatch):
    monkeypatch.setenv("PASSEND_WEB_WORKERS", "3")
    command = serve.server_command(host="127.0.0.1", port=8000)
    assert command[command.index("--workers") + 1] == "3"
    assert command[command.index("--blocking-threads") + 1] == "1"
    assert command[command.index("--interface") + 1] == "wsgi"
    monkeypatch.setenv("PASSEND_WEB_WORKERS", "0")
    assert serve.web_workers() >= 1
    assert serve.server_environment()["PASSEND_PROCESS"] == "web"


def test_a_taken_port_is_said_before_the_server_starts(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PASSEND_BIND_PORT", str(port))
        with pytest.raises(SystemExit, match=f"Poort {port} is bezet"):
            serve.main()
    assert serve.port_is_free("127.0.0.1", port)


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_missing_tool_is_skipped_here_and_fails_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", "")
    monkeypatch.setenv("PASSEND_REQUIRE_ALL", ci)
    with pytest.raises(outcome, match="no-such-tool is not installed"):
        requirements.require_tool("no-such-tool")
    with pytest.raises(outcome, match="reference data"):
        requirements.require_folder(None, "reference data")
