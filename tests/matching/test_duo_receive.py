"""What DUO says: once per message, in any order, about anybody, and never computed here."""

from datetime import date
from uuid import uuid4

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from backend.audit.models import AuditEvent
from backend.notifications.models import Notification
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.outbox.public import consume
from matching.choices import NeedState, PlacementState
from matching.duo_choices import DuoMessageKind
from matching.errors import MessageIdReusedError
from matching.models import DuoMessage, Need, Participant
from matching.public import participant_register
from matching.services.duo_receive import duo_message_handle, duo_messages_receive
from tests.factories.matching import PARTICIPANT, everything, participant, pip, placement
from tests.matching.test_duo_messages import envelope
from tests.support.duo import BODIES, message
from tests.support.entering import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def code(municipality: Organisation) -> str:
    return municipality.municipality.cbs_code


@pytest.fixture
def deliver(municipality):
    actor = actor_with(Permission.MANAGE_PIPS, at=[municipality])

    def run(*messages):
        return duo_messages_receive(actor=actor, document=list(messages))

    return run


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


class TestApi:
    def post(self, client, path, body):
        return client.post(
            f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
        )

    def test_a_list_is_delivered_with_an_outcome_each(self, api_as, caseworker, municipality, code):
        person = participant(municipality)
        body = {
            "messages": [
                message("Doelgroep", code, person.reference),
                message("Doelgroep", code, person.reference) | {"kind": "Iets"},
            ]
        }
        answer = self.post(api_as(caseworker), "duo-messages/deliveries", body)

        assert answer.status_code == 200, answer.content
        good, bad = answer.json()["items"]
        assert (good["position"], good["result"], good["faults"]) == (0, "applied", [])
        assert (bad["result"], bad["duoMessage"]) == ("refused", None)
        assert [one["code"] for one in bad["faults"]] == ["invalid_choice"]

        seen = api_as(caseworker).get(f"/api/v1/duo-messages/{good['duoMessage']}")
        assert seen.json()["body"] == BODIES["Doelgroep"]

    def test_pips_come_in_bulk_with_every_fault_per_row(
        self, api_as, caseworker, municipality, code
    ):

        rows = [envelope(number, pip__gemeentecode=code) for number in (1, 2, 3)]
        client = api_as(caseworker)
        wrong = envelope(2, pip__gemeentecode=code, pip__pip__leerroute="X", reference="")
        refused = self.post(client, "pip-messages", {"messages": [rows[0], wrong]})

        assert refused.status_code == 400
        assert {one["field"] for one in refused.json()["errors"]} == {
            "$[1].reference",
            "$[1].pip.pip.leerroute",
        }
        assert not Participant.objects.exists()
        seen = self.post(client, "pip-messages", {"messages": rows, "checkOnly": True})
        assert len(seen.json()["new"]) == 3
        assert not Participant.objects.exists()
        self.post(client, "pip-messages", {"messages": rows})
        assert Participant.objects.count() == 3
        again = self.post(client, "pip-messages", {"messages": rows}).json()
        assert (again["new"], again["changed"], again["unchanged"]) == ([], [], 3)


class TestPages:
    def test_the_pip_page_shows_what_duo_says(
        self, deliver, web_as, caseworker, municipality, code
    ):
        plan = pip(municipality)
        deliver(*(message(kind, code, plan.participant.reference) for kind in BODIES))

        text = web_as(caseworker).get(f"/pips/{plan.uuid}").content.decode()

        for part in (
            "Gemeente regelde niet op tijd een school",
            "B1-route haalbaar",
            "31,50",
            "120",
            "Verlengd door DUO",
        ):
            assert part in text

    def test_a_file_is_checked_and_then_processed(self, web_as, caseworker, municipality, code):

        person = participant(municipality)
        lines = orjson.dumps([message("Doelgroep", code, person.reference)])
        client = web_as(caseworker)

        def upload(content, step):
            file = SimpleUploadedFile("berichten.json", content)
            return client.post("/duo-messages/upload", {"file": file, "step": step})

        checked = upload(lines, "check")
        assert checked.status_code == 200
        assert not DuoMessage.objects.exists()
        assert upload(lines, "import").status_code == 200
        assert DuoMessage.objects.count() == 1
        wrong = upload(b'[{"kind": "Doelgroep"}]', "import")
        assert "$[0].messageId" in wrong.content.decode()
        assert upload(b"{", "check").status_code == 400

    def test_the_task_is_done_with_two_clicks(self, deliver, web_as, caseworker, code):
        (one,) = deliver(message("Notificatie", code, "nieuw-1"))
        client = web_as(caseworker)
        assert "nieuw-1" in client.get("/duo-messages?state=to_handle").content.decode()
        assert client.get(f"/duo-messages/{one.message.uuid}").status_code == 200
        assert client.post(f"/duo-messages/{one.message.uuid}/done").status_code == 302
        one.message.refresh_from_db()
        assert one.message.state == "handled"


def test_by_command(municipality, code, tmp_path, capsys):
    person = participant(municipality)
    file = tmp_path / "berichten.ndjson"
    lines = [message("Doelgroep", code, person.reference), {"kind": "Doelgroep"}]
    file.write_bytes(b"\n".join(orjson.dumps(one) for one in lines))

    with pytest.raises(CommandError):
        call_command("import_duo_messages", str(file), "--check")
    assert not DuoMessage.objects.exists()
    with pytest.raises(CommandError):
        call_command("import_duo_messages", str(file))

    assert DuoMessage.objects.count() == 1
    assert "$[1].messageId" in capsys.readouterr().out


def test_messages_are_found_by_the_dutch_day_on_which_they_were_sent(
    deliver, municipality, code, api_as, caseworker
):
    late = {"sentAt": "2026-11-09T23:30:00Z"}  # half past midnight in the Netherlands
    deliver(message("Doelgroep", code, "a-1") | late)
    client = api_as(caseworker)
    found = client.get("/api/v1/duo-messages?sentFrom=2026-11-10&sentTo=2026-11-10&state=to_handle")
    assert found.json()["total"] == 1
    assert client.get("/api/v1/duo-messages?sentTo=2026-11-09").json()["total"] == 0
