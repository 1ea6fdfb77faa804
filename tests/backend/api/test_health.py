"""Health says whether there is a fault and which part has it; why is for the log."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from backend.api import health
from backend.common import clock
from backend.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_everything_works(client):
    response = client.get("/health/ready")

    assert response.status_code == 200, response.content
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "outbox": "ok"},
    }


def test_not_ready_when_nobody_does_background_work(client):
    late = clock.now() - health.LARGEST_OUTBOX_LAG - timedelta(seconds=1)
    OutboxMessage.objects.create(topic="tests.late", available_at=late)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "outbox": "failed"}


def test_fresh_and_coming_work_is_no_lag(client):
    for moment in (clock.now(), clock.now() + timedelta(days=1)):
        OutboxMessage.objects.create(topic="tests.fresh", available_at=moment)

    assert client.get("/health/ready").status_code == 200


def test_not_ready_without_a_database_and_no_detail_leaks(client, monkeypatch):
    def broken():
        raise OperationalError("password of user passend is wrong")

    monkeypatch.setattr(health, "_database_answers", broken)
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "checks": {"database": "failed", "migrations": "failed", "outbox": "failed"},
    }


def test_not_ready_with_an_older_schema(client, monkeypatch):
    monkeypatch.setattr(health, "_schema_is_current", lambda: False)
    response = client.get("/health/ready")

    assert response.json()["checks"]["migrations"] == "failed"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_only_read(client, method):
    response = getattr(client, method)("/health")

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
