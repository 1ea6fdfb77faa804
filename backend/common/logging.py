"""How Passend logs: an event name and keywords, one line each, without personal data.

Modules write `log = structlog.get_logger(__name__)` and `log.info(EVENT, key=value)`; the event
name is a constant or literal of the form `thing.happened`, so that lines can be counted. The
request id that middleware binds is on every line, and is the id that users see in an error.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import orjson
import structlog
from structlog.typing import Processor

# The net under the rule that nobody logs personal data: these keys never reach a log line.
PERSONAL_KEYS = frozenset(
    {
        "address", "birth_date", "body", "bsn", "contact", "date_of_birth", "email", "first_name",
        "full_name", "language", "last_name", "name", "password", "phone", "postcode", "recipient",
        "secret", "subject", "surname", "to", "token",
    }
)  # fmt: skip
REMOVED = "[removed]"
# A part of an address with the length of a 128-bit token: the secret of a personal link. Also in
# the sentences that Django itself logs about a request ("Not Found: /p/...").
LINK_SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")


def remove_personal_data(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replaces the values of keys that may hold personal data or secrets."""
    for key in PERSONAL_KEYS & event.keys():
        event[key] = REMOVED
    for key in ("path", "event"):
        value = event.get(key)
        if isinstance(value, str):
            event[key] = LINK_SECRET.sub(REMOVED, value)
    return event


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        remove_personal_data,
    ]


def _line(event: Mapping[str, Any], default: Callable[[Any], Any]) -> str:
    """A log line as JSON; `default` shows what JSON does not know."""
    return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()


def logging_settings(*, json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING, after binding structlog to it: JSON lines, or colours for a person."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Tests capture log lines, which a cached logger would miss.
        cache_logger_on_first_use=json,
    )
    if json:
        # Local variables in a traceback hold personal data.
        transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        renderers: list[Processor] = [
            structlog.processors.ExceptionRenderer(transformer),
            structlog.processors.JSONRenderer(serializer=_line),
        ]
    else:
        renderers = [
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderers,
                ],
                "foreign_pre_chain": _shared_processors(),
            }
        },
        "handlers": {
            "standard_error": {"class": "logging.StreamHandler", "formatter": "structlog"}
        },
        "root": {"handlers": ["standard_error"], "level": level},
        "loggers": {
            # The middleware writes one line per request; Django's own would double it.
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
        },
    }
