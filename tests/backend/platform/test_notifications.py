"""Notifications: told once, after commit, to those who may see them, in their language."""

from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.notifications import kinds
from backend.notifications.errors import NotificationUnknownError
from backend.notifications.public import (
    Notification,
    notification_mark_read,
    notifications_mark_all_read,
    notify,
    register_kind,
)
from backend.organisations.permissions import Permission
from backend.outbox import services as outbox
from tests.factories.organisations import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_kind(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    register_kind("test.full", title=_("Failed"), body="%(count)s places of %(total)s")


def tell(organisation, key="one", permission=Permission.VIEW_CATALOGUE) -> None:
    with transaction.atomic():
        notify(
            organisation_id=organisation.pk,
            permission=permission,
            kind="test.full",
            path="/intakes/1",
            key=key,
            params={"count": 3, "total": 4},
        )


def actor(organisation, permission=Permission.VIEW_CATALOGUE) -> Actor:
    return Actor("user", "user:1", "Planner", {permission: frozenset({organisation.pk})})


def test_a_fact_is_told_once_and_after_commit():
    school = OrganisationFactory()
    tell(school)
    tell(school)
    assert Notification.objects.count() == 0
    outbox.consume()
    (found,) = Notification.objects.visible_to(actor(school))
    assert (found.body, found.path, found.read_at) == ("3 places of 4", "/intakes/1", None)


def test_a_title_is_in_the_language_of_the_reader():
    school = OrganisationFactory()
    tell(school)
    outbox.consume()
    found = Notification.objects.get()
    with translation.override("en"):
        assert found.title == "Failed"
    with translation.override("nl"):
        assert found.title == "Mislukt"


@pytest.mark.parametrize(
    ("permission", "own", "seen"),
    [
        (Permission.VIEW_CATALOGUE, True, 1),
        (Permission.VIEW_CATALOGUE, False, 0),
        (Permission.VIEW_QUALITY, True, 0),
        (None, True, 0),
    ],
)
def test_only_holders_of_the_permission_at_the_organisation_see_it(permission, own, seen):
    school, other = OrganisationFactory(), OrganisationFactory()
    tell(school)
    outbox.consume()
    reader = Actor("anonymous", "", "")
    if permission:
        reader = actor(school if own else other, permission)
    assert Notification.objects.visible_to(reader).count() == seen
    notification = Notification.objects.get()
    if not seen:
        with pytest.raises(NotificationUnknownError):
            notification_mark_read(actor=reader, notification_uuid=notification.uuid)
        notification.refresh_from_db()
        assert notification.read_at is None


def test_read_is_read_for_the_whole_team_by_whoever_was_first():
    school = OrganisationFactory()
    tell(school)
    outbox.consume()
    uuid = Notification.objects.get().uuid
    first = notification_mark_read(actor=actor(school), notification_uuid=uuid)
    with time_machine.travel("2030-01-01"):
        second = notification_mark_read(actor=actor(school), notification_uuid=uuid)
    assert (second.read_at, second.read_by) == (first.read_at, "user:1")
    assert not Notification.objects.unread().exists()
    with pytest.raises(NotificationUnknownError):
        notification_mark_read(actor=actor(school), notification_uuid=uuid4())


def test_all_are_read_at_once_within_what_is_visible():
    school, other = OrganisationFactory(), OrganisationFactory()
    for number in range(3):
        tell(school, key=f"school {number}")
    tell(other, key="other")
    outbox.consume()
    assert notifications_mark_all_read(actor=actor(school)) == 3
    assert Notification.objects.unread().get().organisation == other


def test_a_kind_nobody_declared_is_a_mistake_of_the_programmer():
    school = OrganisationFactory()
    kinds._kinds.clear()
    with pytest.raises(ValueError, match="register_kind"):
        tell(school)


def test_texts_that_changed_since_do_not_break_the_list():
    school = OrganisationFactory()
    tell(school)
    outbox.consume()
    register_kind("test.full", title="Nieuw", body="%(other)s")
    assert Notification.objects.get().body == "%(other)s"
    kinds._kinds.clear()
    with translation.override("en"):
        assert Notification.objects.get().title == "Message"


def test_the_path_stays_on_this_site():
    from django.db import IntegrityError

    school = OrganisationFactory()
    values = {"organisation": school, "permission": "view_quality", "kind": "x"}
    for number, path in enumerate(("https://evil.example", "//evil.example")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notification.objects.create(path=path, key=str(number), **values)
