"""PIP messages: DUO's body in Passend's envelope, all faults at once, repeatable."""

import copy
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from backend.accounts.actor import Actor
from backend.audit.models import AuditEvent
from backend.common.imports import ImportFaultsError, read_json_lines
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.models import Need, Participant, ParticipantIdentity, Pip
from matching.services.duo_message_import import pip_messages_check, pip_messages_import
from tests.factories.organisations import MunicipalityFactory, Postcode4Factory
from tests.support.entering import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


@pytest.fixture
def town() -> Organisation:
    return MunicipalityFactory(cbs_code="8200").organisation


@pytest.fixture
def caseworker(town: Organisation) -> Actor:
    return actor_with(Permission.MANAGE_PIPS, at=[town])


def envelope(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A faultless message; `changes` replace parts by path, for example pip__pip__niveau."""
    message: dict[str, Any] = {
        "reference": f"DEMO-{number:05d}",
        "obligationStartDate": day(-90),
        "settlementDate": day(-60),
        "notifiedDate": day(-50),
        "targetGroup": "asylum",
        "pip": {
            "gemeentecode": "8200",
            "pip": {
                "dagtekeningPip": day(-14),
                "leerroute": "B",
                "niveau": "B1",
                "geschatteIntensiteitB1Route": 600,
                "indicatorMagOpleidingAfmaken": False,
                "indicatorAlfabetiseringsonderwijs": "NVT",
            },
        },
        "intake": {
            "entryLevel": "A0",
            "hoursPerWeek": 12,
            "availability": ["MO1", "TU1", "WE1"],
            "earliestStartDate": day(7),
            "latestStartDate": day(90),
            "postcode4": "7311",
        },
        "identity": {
            "givenName": "Demo Amina",
            "familyName": f"{number:04d}",
            "birthDate": "1990-05-17",
            "language": "ar",
        },
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        holder = message
        for step in way:
            holder = holder[step]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value
    return message


def faults_of(actor: Actor, *messages: object) -> dict[str, str]:
    preview = pip_messages_check(actor=actor, document=list(messages))
    assert Participant.objects.count() == 0
    return {one.field: one.code for one in preview.faults}


def test_person_plan_needs_and_identity(caseworker: Actor, town: Organisation) -> None:
    Postcode4Factory(pc4="7311", latitude=52.2131, longitude=5.9615)
    preview = pip_messages_import(actor=caseworker, document=[envelope()])
    assert preview.new == ("8200/DEMO-00001",)
    pip = Pip.objects.select_related("participant").get()
    assert (pip.route, pip.level, pip.estimated_hours, pip.entry_level) == ("B", "B1", 600, "A0")
    assert (pip.latitude, pip.longitude) == (52.2131, 5.9615)
    assert pip.participant.municipality == town
    assert pip.participant.term_start_date == TODAY - timedelta(days=13)
    assert set(Need.objects.values_list("component", flat=True)) == {"B", "KNM", "MAP", "PVT"}
    assert ParticipantIdentity.objects.get().given_name == "Demo Amina"
    # History keeps no personal data.
    assert not AuditEvent.objects.filter(after__icontains="Amina").exists()


def test_same_file_again_changes_nothing(caseworker: Actor) -> None:
    document = [
        envelope(1),
        envelope(2, targetGroup="family", pip__pip__geschatteIntensiteitB1Route=...),
    ]
    pip_messages_import(actor=caseworker, document=document)
    events = AuditEvent.objects.count()
    preview = pip_messages_import(actor=caseworker, document=document)
    assert (preview.new, preview.changed, preview.unchanged) == ((), (), 2)
    assert AuditEvent.objects.count() == events
    assert Pip.objects.count() == 2


def test_changed_plan_becomes_a_version_and_keeps_the_place_in_the_queue(
    caseworker: Actor,
) -> None:
    pip_messages_import(actor=caseworker, document=[envelope()])
    changed = envelope(
        pip__pip__dagtekeningPip=day(-2), intake__hoursPerWeek=8, identity__language="ti"
    )
    preview = pip_messages_import(actor=caseworker, document=[changed])
    assert [set(one.fields) for one in preview.changed] == [
        {"pip.pip.dagtekeningPip", "intake.hoursPerWeek", "identity.language"}
    ]
    assert list(Pip.objects.order_by("version").values_list("version", "is_current")) == [
        (1, False),
        (2, True),
    ]
    waiting = Need.objects.filter(state="waiting")
    assert {one.waiting_since for one in waiting} == {TODAY - timedelta(days=14)}
    assert ParticipantIdentity.objects.get().language == "ti"


def test_corrected_dates_and_target_group(caseworker: Actor) -> None:
    document = [envelope(pip__pip__geschatteIntensiteitB1Route=...)]
    pip_messages_import(actor=caseworker, document=document)
    corrected = copy.deepcopy(document)
    corrected[0] |= {"notifiedDate": day(-40), "targetGroup": "family"}
    preview = pip_messages_import(actor=caseworker, document=corrected)
    assert [one.fields for one in preview.changed] == [("notifiedDate", "targetGroup")]
    assert Participant.objects.get().notified_at_date == TODAY - timedelta(days=40)
    assert Pip.objects.count() == 1


def test_every_fault_of_form_with_its_path(caseworker: Actor) -> None:
    assert faults_of(
        caseworker,
        envelope(bsn="123456782", pip__pip__leerroute="C", pip__pip__niveau="A1"),
        envelope(2, reference="123456782", pip__gemeentecode="200", intake__availability=["MO4"]),
        envelope(3, notifiedDate="18-11-2026", intake__hoursPerWeek="12", intake__entryLvl="A0"),
        envelope(4, identity__birthDate="1990-02-30", pip__pip__geschatteIntensiteitB1Route=1.5),
        envelope(5, pip__pip__dagtekeningPip=..., intake=...),
        [],
    ) == {
        "$[0].bsn": "bsn_not_allowed",
        "$[0].pip.pip.leerroute": "invalid_choice",
        "$[0].pip.pip.niveau": "invalid_choice",
        "$[1].reference": "bsn_not_allowed",
        "$[1].pip.gemeentecode": "wrong_form",
        "$[1].intake.availability[0]": "invalid_choice",
        "$[2].notifiedDate": "invalid_date",
        "$[2].intake.hoursPerWeek": "wrong_type",
        "$[2].intake.entryLvl": "unknown_field",
        "$[3].identity.birthDate": "invalid_date",
        "$[3].pip.pip.geschatteIntensiteitB1Route": "wrong_type",
        "$[4].pip.pip.dagtekeningPip": "required",
        "$[4].intake": "required",
        "$[5]": "wrong_type",
    }


def test_every_broken_rule_with_its_path(caseworker: Actor) -> None:
    assert faults_of(
        caseworker,
        envelope(1, pip__pip__leerroute="O", pip__pip__niveau="A2"),
        envelope(2, pip__pip__niveau="A2"),
        envelope(3, pip__pip__dagtekeningPip=day(-80)),
        envelope(4, targetGroup="family"),
        envelope(5, pip__gemeentecode="8999"),
        envelope(6, intake__latestStartDate=day(1), obligationStartDate=day(3)),
        envelope(7, pip__pip__leerroute="Z", pip__pip__niveau=..., intake__targetLevel="B2",
                 pip__pip__geschatteIntensiteitB1Route=...),
        envelope(2),
    ) == {
        "$[0].pip.pip.niveau": "level_not_for_education_route",
        "$[0].pip.pip.geschatteIntensiteitB1Route": "estimated_hours_only_b1_route",
        "$[1].pip.pip.niveau": "a2_not_in_first_pip",
        "$[2].pip.pip.dagtekeningPip": "before_settlement",
        "$[3].pip.pip.geschatteIntensiteitB1Route": "estimated_hours_only_asylum",
        "$[4].pip.gemeentecode": "unknown_municipality",
        "$[5].intake.latestStartDate": "start_dates_out_of_order",
        "$[5].obligationStartDate": "date_in_future",
        "$[5].pip.pip.dagtekeningPip": "before_obligation",
        "$[6].intake.targetLevel": "level_not_for_z_route",
        "$[7].reference": "repeated",
    }  # fmt: skip


def test_a_faulty_file_writes_nothing(caseworker: Actor) -> None:
    with pytest.raises(ImportFaultsError):
        pip_messages_import(
            actor=caseworker, document=[envelope(1), envelope(2, pip__pip__niveau="A2")]
        )
    assert Participant.objects.count() == AuditEvent.objects.filter(action="pip.registered").count()
    assert Participant.objects.count() == 0


def test_another_municipality_is_unknown(town: Organisation) -> None:
    other = MunicipalityFactory(cbs_code="8201").organisation
    stranger = actor_with(Permission.MANAGE_PIPS, at=[other])
    assert faults_of(stranger, envelope()) == {"$[0].pip.gemeentecode": "unknown_municipality"}


def test_lines_that_are_no_json_are_all_named() -> None:
    with pytest.raises(ImportFaultsError) as caught:
        read_json_lines(b'{"a": 1}\n{"a": \n\nno\n')
    assert [one.field for one in caught.value.violations] == ["regel 2", "regel 4"]


def test_statements_do_not_grow_with_the_file(
    caseworker: Actor, django_assert_max_num_queries
) -> None:
    """History is one row per change; everything else is in bulk."""
    with django_assert_max_num_queries(30 + 2 * 200):
        pip_messages_import(actor=caseworker, document=[envelope(n) for n in range(200)])
    assert Pip.objects.count() == 200


def test_command_reports_in_dutch_and_writes_nothing(town, tmp_path, capsys) -> None:
    file = tmp_path / "pips.json"
    file.write_bytes(orjson.dumps([envelope(1, pip__pip__leerroute="X")]))
    with pytest.raises(CommandError) as caught:
        call_command("import_pip_messages", str(file))
    assert caught.value.returncode == 2
    assert (
        "$[0].pip.pip.leerroute: “X” bestaat hier niet. Kies uit: B, O, Z."
        in capsys.readouterr().out
    )
    file.with_suffix(".ndjson").write_bytes(orjson.dumps(envelope(1)) + b"\n")
    call_command("import_pip_messages", str(file.with_suffix(".ndjson")))
    assert "Nieuw: 1" in capsys.readouterr().out
    assert Participant.objects.count() == 1
