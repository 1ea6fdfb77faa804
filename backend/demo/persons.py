"""What DUO says about some people of the demo, what was agreed with them, and one who moves."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from backend.common import clock
from backend.demo.build import Region
from matching.agreement_choices import CompletionKind
from matching.models import Participant
from matching.public import (
    AgreementsData,
    agreements_set,
    duo_messages_receive,
    participant_move,
    talk_record,
)
from matching.services.completions import CompletionData, completion_record

UNKNOWN = "DEMO-NIEUW-1"
PEOPLE = 5


def persons_build(built: Region) -> None:
    """Every kind of message once, a task, agreements with a talk, an end and a move."""
    codes = sorted(built.municipalities)
    here, there = built.municipalities[codes[0]], built.municipalities[codes[1]]
    people = list(
        Participant.objects.filter(
            municipality=here, pips__is_current=True, placements__isnull=True
        ).order_by("reference")[:PEOPLE]
    )
    if len(people) < PEOPLE:
        return
    extended, agreed, ended, leaving, family = people
    actor = built.actor()
    duo_messages_receive(
        actor=actor,
        document=[
            *(_message(codes[0], extended.reference, *one) for one in _facts(extended)),
            _message(codes[0], ended.reference, "Notificatie", _event("SS107", 20)),
            _message(codes[0], leaving.reference, "Notificatie", _event("SS122", 2)),
            _message(
                codes[0],
                family.reference,
                "Doelgroep",
                {
                    "indeling": "Asielstatushouder",
                    "begindatum": family.obligation_start_date.isoformat(),
                },
            ),
            _message(codes[0], UNKNOWN, "Notificatie", _event("SS139", 1)),
        ],
    )
    agreements_set(
        actor=actor,
        participant=agreed,
        data=AgreementsData(
            intake_date=agreed.settlement_date,
            intake_summary=_("Worked as a cook. Wants a training in catering, preferably nearby."),
            dual_activities=("paid_work", "buddy"),
            pvt_hours=12,
            map_hours=40,
            guidance_until=agreed.settlement_date + timedelta(days=365),
            talk_interval_weeks=8,
        ),
    )
    talk_record(
        actor=actor,
        participant=agreed,
        held_on=max(agreed.settlement_date, clock.today() - timedelta(days=70)),
        form="school",
    )
    completion_record(
        actor=actor,
        participant=agreed,
        data=CompletionData(CompletionKind.PVT, clock.today() - timedelta(days=3)),
    )
    participant_move(actor=actor, participant=leaving, municipality=there, moved_on=clock.today())


def _facts(person: Participant) -> list[tuple[str, Any]]:
    start, end = person.term_start_date, person.term_end_date
    assert start is not None
    assert end is not None
    day = clock.today().isoformat()
    return [
        (
            "Inburgeringstermijn",
            {
                "startdatum": start.isoformat(),
                "einddatum": (end + timedelta(days=182)).isoformat(),
                "wijzigingsdatum": day,
                "verlengingsgrondcode": "AANBOD",
                "verlengingsgrondomschrijving": _(
                    "The municipality did not arrange a school in time"
                ),
            },
        ),
        ("Inburgeringstermijnhistorie", [{"einddatum": end.isoformat()}]),
        (
            "Leerbaarheidstoets",
            [
                {
                    "resultaat": "B1-route haalbaar",
                    "behaaldeScore": "31,50",
                    "benodigdeScore": "27,00",
                    "datumAfname": person.settlement_date.isoformat(),
                }
            ],
        ),
        (
            "Vrijstellingen",
            [
                {
                    "GedeeltelijkeVrijstelling": {
                        "reden": "GED",
                        "oordeel": "Toekenning",
                        "datumOordeel": day,
                        "examenonderdeel": "LE",
                        "examenniveau": "B1",
                    }
                }
            ],
        ),
    ]


def _event(code: str, days_ago: int) -> dict[str, Any]:
    day = clock.today() - timedelta(days=days_ago)
    moment = datetime.combine(day, time(9), tzinfo=clock.NETHERLANDS)
    return {"registratieDatumTijd": moment.isoformat(), "gebeurtenisId": code}


def _message(municipality: str, reference: str, kind: str, body: Any) -> dict[str, Any]:
    sent = datetime.combine(clock.today() - timedelta(days=1), time(9), tzinfo=clock.NETHERLANDS)
    return {
        "messageId": str(uuid5(NAMESPACE_URL, f"demo/{reference}/{kind}")),
        "kind": kind,
        "sentAt": sent.isoformat(),
        "municipality": municipality,
        "reference": reference,
        "body": body,
    }
