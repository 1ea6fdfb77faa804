"""What DUO says: once per message, in any order, about anybody, and never computed here."""

from datetime import date

import pytest

from backend.audit.models import AuditEvent
from backend.notifications.models import Notification
from backend.organisations.permissions import Permission
from backend.outbox.public import consume
from matching.choices import NeedState, PlacementState
from matching.duo_choices import DuoMessageKind
from matching.errors import MessageIdReusedError
from matching.models import DuoMessage, Need
from matching.public import participant_register
from matching.services.duo_receive import duo_message_handle
from tests.factories.matching import PARTICIPANT, everything, participant, pip, placement
from tests.support.duo import BODIES, message
from tests.support.entering import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def term(code, reference, *, sent, end):
    return message(
        "Inburgeringstermijn",
        code,
        reference,
        sentAt=sent,
        body={"startdatum": "2026-09-02", "einddatum": end},
    )


class TestOnceAndInAnyOrder:
    def test_every_kind_is_kept_as_delivered(self, deliver, municipality, code):
        person = participant(municipality)
        outcomes = deliver(*(message(kind, code, person.reference) for kind in BODIES))

        assert set(BODIES) == set(DuoMessageKind.values)
        assert [one.faults for one in outcomes] == [()] * len(BODIES)
        kept = DuoMessage.objects.filter(participant=person)
        assert {one.kind: one.body for one in kept} == BODIES

    def test_the_same_message_again_changes_nothing(self, deliver, municipality, code):
        person = participant(municipality)
        once = term(code, person.reference, sent="2026-11-01T09:00:00Z", end="2030-03-02")

        (first,) = deliver(once)
        (second,) = deliver(once)

        assert second.is_replay
        assert second.message == first.message
        assert DuoMessage.objects.count() == 1

    def test_the_same_number_with_another_content_is_refused(self, deliver, municipality, code):
        person = participant(municipality)
        once = term(code, person.reference, sent="2026-11-01T09:00:00Z", end="2030-03-02")
        deliver(once)

        (other,) = deliver(once | {"sentAt": "2026-11-02T09:00:00Z"})

        assert [one.code for one in other.faults] == [MessageIdReusedError.code]
        assert DuoMessage.objects.count() == 1

    def test_what_was_sent_earlier_and_arrives_later_changes_nothing(
        self, deliver, municipality, code
    ):
        person = participant(municipality)
        deliver(term(code, person.reference, sent="2026-11-10T09:00:00Z", end="2030-03-02"))

        (late,) = deliver(
            term(code, person.reference, sent="2026-11-01T09:00:00Z", end="2029-09-02")
        )

        assert late.message.state == "outdated"
        person.refresh_from_db()
        assert person.term_end_date == date(2030, 3, 2)

    def test_a_wrong_message_stops_no_other_and_names_all_its_faults(
        self, deliver, municipality, code
    ):
        person = participant(municipality)
        wrong = message(
            "Leerbaarheidstoets",
            code,
            person.reference,
            messageId="nummer",
            body=[
                {
                    "resultaat": "Goed",
                    "behaaldeScore": "31.5",
                    "benodigdeScore": "27,00",
                    "bsn": "123456782",
                }
            ],
        )
        refused, done = deliver(wrong, message("Doelgroep", code, person.reference))

        assert {(one.field, one.code) for one in refused.faults} == {
            ("$[0].messageId", "invalid_uuid"),
            ("$[0].body[0].resultaat", "invalid_choice"),
            ("$[0].body[0].behaaldeScore", "wrong_form"),
            ("$[0].body[0].datumAfname", "required"),
            ("$[0].body[0].bsn", "bsn_not_allowed"),
        }
        assert done.message.state == "applied"

    def test_another_municipality_cannot_be_spoken_for(
        self, deliver, other_municipality, municipality
    ):
        person = participant(other_municipality)
        foreign = other_municipality.municipality.cbs_code

        (refused,) = deliver(message("Doelgroep", foreign, person.reference))

        assert [one.code for one in refused.faults] == ["unknown_municipality"]

    @pytest.mark.parametrize(
        ("kind", "changes", "fault"),
        [
            ("Inburgeringstermijn", {"einddatum": "9999-12-31"}, "date_impossible"),
            ("Inburgeringstermijn", {"verlengingsgrondcode": "A\x00"}, "null_character"),
            (
                "Notificatie",
                {"registratieDatumTijd": "9999-12-31T23:59:59-01:00"},
                "date_impossible",
            ),
            (
                "Notificatie",
                {"registratieDatumTijd": "0001-01-01T00:00:00+14:00"},
                "date_impossible",
            ),
        ],
    )
    def test_what_cannot_be_kept_or_counted_on_is_refused(
        self, deliver, municipality, code, kind, changes, fault
    ):
        person = participant(municipality)
        wrong = message(kind, code, person.reference, body=BODIES[kind] | changes)
        (refused,) = deliver(wrong)
        assert [one.code for one in refused.faults] == [fault]


class TestEffects:
    def test_the_term_is_taken_as_delivered_and_deadlines_follow(self, deliver, municipality, code):
        plan = pip(municipality)
        before = Need.objects.get(pip=plan, component="MAP").deadline

        deliver(
            term(code, plan.participant.reference, sent="2026-11-10T09:00:00Z", end="2030-03-02")
        )

        plan.participant.refresh_from_db()
        assert plan.participant.term_end_date == date(2030, 3, 2)
        after = Need.objects.get(pip=plan, component="MAP").deadline
        assert (after - before).days == (date(2030, 3, 2) - date(2029, 9, 2)).days
        assert AuditEvent.objects.filter(action="participant.corrected").exists()

    def test_the_clock_starts_on_the_day_of_the_notification(self, deliver, municipality, code):
        person = participant(municipality)
        deliver(message("Notificatie", code, person.reference))
        person.refresh_from_db()
        assert person.notified_at_date == date(2026, 11, 2)

    def test_the_target_group_keeps_its_history(self, deliver, municipality, code):
        person = participant(municipality, target_group="family")
        deliver(message("Doelgroephistorie", code, person.reference))

        periods = person.target_group_periods.values_list("target_group", "valid_from", "valid_to")
        assert list(periods) == [
            ("family", date(2026, 6, 1), date(2026, 9, 30)),
            ("asylum", date(2026, 10, 1), None),
        ]

    def test_a_changed_group_with_a_place_asks_who_pays(self, deliver, municipality, code):
        held = placement(municipality, state=PlacementState.OFFERED)
        body = {
            "indeling": "Gezinsmigrant en overige migrant",
            "begindatum": "2026-11-01",
            "gedetailleerdeDoelgroep": "Gezinshereniger",
        }
        (one,) = deliver(message("Doelgroep", code, held.participant.reference, body=body))
        assert (one.message.state, one.message.task) == ("to_handle", "target_group")

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            (
                "Inburgeringsplicht",
                {
                    "indicatorInburgeringsplicht": False,
                    "einddatum": "2026-11-01",
                    "redenGeenInburgeringsplicht": "Volledige vrijstelling",
                },
            ),
            (
                "Ontheffingen",
                [
                    {
                        "GeheleOntheffing": {
                            "oordeel": "Toekenning",
                            "datumOordeel": "2026-11-01",
                            "grond": "MED",
                        }
                    }
                ],
            ),
            (
                "Notificatie",
                {"registratieDatumTijd": "2026-11-01T12:00:00Z", "gebeurtenisId": "SS111"},
            ),
        ],
    )
    def test_who_is_not_obliged_any_more_waits_no_more(
        self, deliver, municipality, code, kind, body
    ):
        plan = pip(municipality)
        deliver(message(kind, code, plan.participant.reference, body=body))

        plan.participant.refresh_from_db()
        assert plan.participant.obligation_end_date == date(2026, 11, 1)
        assert set(plan.needs.values_list("state", flat=True)) == {NeedState.CLOSED}

    def test_a_refused_exemption_changes_nothing(self, deliver, municipality, code):
        plan = pip(municipality)
        body = [{"GeheleVrijstelling": {"oordeel": "Afwijzing", "reden": "DIP"}}]
        deliver(message("Vrijstellingen", code, plan.participant.reference, body=body))
        assert plan.needs.filter(state=NeedState.WAITING).count() == 4

    def test_a_running_place_stays_and_becomes_a_task(self, deliver, municipality, code):
        running = placement(municipality, state=PlacementState.STARTED)
        body = {"registratieDatumTijd": "2026-11-17T12:00:00Z", "gebeurtenisId": "SS106"}
        (one,) = deliver(message("Notificatie", code, running.participant.reference, body=body))

        assert one.message.task == "obligation_ended"
        running.refresh_from_db()
        assert running.state == PlacementState.STARTED

    def test_a_pip_of_another_municipality_came_first(self, deliver, municipality, code):
        person = participant(municipality)
        deliver(message("PIP", code, person.reference))
        person.refresh_from_db()
        assert person.first_pip_date == date(2026, 8, 15)


class TestUnknownPeople:
    def test_a_message_about_somebody_unknown_becomes_a_task(
        self, deliver, municipality, code, django_capture_on_commit_callbacks
    ):
        (one,) = deliver(message("Notificatie", code, "nieuw-1"))
        consume()

        assert (one.message.state, one.message.task) == ("to_handle", "unknown_person")
        assert Notification.objects.filter(kind="duo_message_task").count() == 1

    def test_it_is_processed_once_the_person_is_there(
        self, deliver, municipality, code, django_capture_on_commit_callbacks
    ):
        deliver(
            term(code, "nieuw-1", sent="2026-11-10T09:00:00Z", end="2030-03-02"),
            term(code, "nieuw-1", sent="2026-11-01T09:00:00Z", end="2029-09-02"),
        )
        with django_capture_on_commit_callbacks(execute=True):
            person = participant_register(
                actor=everything(municipality),
                municipality_id=municipality.pk,
                data=PARTICIPANT.__class__(**{**PARTICIPANT.__dict__, "reference": "nieuw-1"}),
            )
        person.refresh_from_db()
        assert person.term_end_date == date(2030, 3, 2)
        assert not DuoMessage.objects.to_handle().exists()

    def test_whoever_did_it_says_so(self, deliver, municipality, code):
        (one,) = deliver(message("Notificatie", code, "nieuw-1"))
        actor = actor_with(Permission.MANAGE_PIPS, at=[municipality])
        done = duo_message_handle(actor=actor, message=one.message)
        assert (done.state, done.handled_by_label) == ("handled", actor.label)
