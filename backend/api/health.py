"""Health pages for the platform: is the process alive, and may it get traffic. No details leak."""

from datetime import timedelta

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backend.api.answers import Answer
from backend.api.renderers import to_json
from backend.common import clock
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage

log = structlog.get_logger(__name__)

# A consumer looks every few seconds; five minutes without one is no longer a busy moment.
LARGEST_OUTBOX_LAG = timedelta(minutes=5)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing about what it depends on."""
    return Answer(200, to_json({"status": "ok"})).response()


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether database, schema and background work are fit for traffic; details are in the log."""
    checks = readiness()
    fit = all(checks.values())
    body = {
        "status": "ok" if fit else "unavailable",
        "checks": {name: "ok" if passed else "failed" for name, passed in checks.items()},
    }
    if not fit:
        log.error("health.not_ready", **checks)
    return Answer(200 if fit else 503, to_json(body)).response()


def readiness() -> dict[str, bool]:
    """What must be in order before people can work, by name; never raises."""
    checks = {"database": False, "migrations": False, "outbox": False}
    try:
        checks["database"] = _database_answers()
        checks["migrations"] = _schema_is_current()
        checks["outbox"] = _outbox_is_consumed()
    except DatabaseError:
        log.exception("health.database_failed")
    return checks


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        return bool(cursor.fetchone())


def _schema_is_current() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _outbox_is_consumed() -> bool:
    overdue = clock.now() - LARGEST_OUTBOX_LAG
    return not OutboxMessage.objects.filter(
        state=MessageState.PENDING, available_at__lt=overdue
    ).exists()
