"""Log lines: JSON with the request id, without personal data."""

import io
from logging import getLogger  # noqa: TID251 - the other way to log is what is tested
from logging.config import dictConfig

import orjson
import pytest
import structlog
from django.conf import settings

from backend.common.logging import PERSONAL_KEYS, REMOVED, logging_settings


@pytest.fixture
def json_lines():
    configured = logging_settings(json=True, level="INFO")
    structlog.configure(cache_logger_on_first_use=False)
    dictConfig(configured)
    written = io.StringIO()
    getLogger().handlers[0].setStream(written)
    yield lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]
    structlog.contextvars.clear_contextvars()
    dictConfig(settings.LOGGING)
    logging_settings(json=False, level="INFO")


def test_a_line_carries_event_context_and_request_id(json_lines):
    structlog.contextvars.bind_contextvars(request_id="r-1")
    structlog.get_logger("passend.test").info("placement.offered", placement="uuid-1")
    (line,) = json_lines()
    assert (line["event"], line["placement"], line["request_id"], line["level"]) == (
        "placement.offered",
        "uuid-1",
        "r-1",
        "info",
    )
    assert line["timestamp"].endswith("Z")


def test_personal_data_never_reaches_a_line(json_lines):
    structlog.get_logger("passend.test").info(
        "x.happened", **dict.fromkeys(PERSONAL_KEYS, "Jan Jansen")
    )
    (line,) = json_lines()
    assert {line[key] for key in PERSONAL_KEYS} == {REMOVED}


def test_a_traceback_has_no_local_values(json_lines):
    def fail(birth_date: str) -> None:
        raise ValueError("wrong")

    try:
        fail("12-03-1980")
    except ValueError:
        structlog.get_logger("passend.test").exception("x.failed")
    text = orjson.dumps(json_lines())
    assert b"ValueError" in text
    assert b"1980" not in text.replace(b'fail("12-03-1980")', b"")


def test_lines_of_other_libraries_have_the_same_shape(json_lines):
    getLogger("some.library").warning("something %s", "odd")
    (line,) = json_lines()
    assert (line["event"], line["logger"]) == ("something odd", "some.library")
