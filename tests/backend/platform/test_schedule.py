"""No dead entries: what the clock asks for exists and somebody does it."""

import importlib

import pytest
from celery import current_app

from backend import schedule
from backend.outbox import registry, services
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage


@pytest.fixture(scope="module")
def application():
    return importlib.import_module("backend.celery").app


def test_every_entry_names_a_task_that_exists(application):
    application.loader.import_default_modules()
    importlib.import_module("backend.outbox.tasks")
    known = set(application.tasks) | set(current_app.tasks)
    assert {entry["task"] for entry in schedule.beat_schedule().values()} <= known
    assert application.conf.beat_schedule == schedule.beat_schedule()


def test_every_piece_of_scheduled_work_has_somebody_who_does_it():
    assert {work.topic for work in schedule.SCHEDULED_WORK} <= registry.topics()


@pytest.mark.django_db
@pytest.mark.parametrize("topic", [work.topic for work in schedule.SCHEDULED_WORK])
def test_scheduled_work_runs(topic):
    services.enqueue_scheduled(topic)
    assert services.consume() == 1
    assert OutboxMessage.objects.get().state == MessageState.DONE


def test_celery_loses_nothing_by_its_settings(application):
    conf = application.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] == 900
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
    assert conf.accept_content == ["json"]
