"""The bodies that a municipality sends to DUO, made from what stands in Passend.

Passend has no line to DUO and no BSN: the municipality's own system fetches a body here, adds the
number of the person and sends it (PIP API 1.2.0, Inburgeringsaanbod API 1.2.0).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.codes import LearningRoute, TargetGroup
from backend.common.errors import InvalidError, Violation
from matching.choices import ACCEPTED_STATES, PipLevel
from matching.models import Participant, Pip, Placement

LEARNING_ROUTES = frozenset(LearningRoute.values)
# What DUO's messages can say; it takes B1 where nothing is said, and Z has no level (R-PIP-5).
LEVELS_OF_DUO = frozenset({PipLevel.A2, PipLevel.B1})


class NotForDuoError(InvalidError):
    code = "not_for_duo"
    message = _("DUO does not take this. Look at the reasons.")


@dataclass(frozen=True)
class OfferForDuo:
    """An offer as DUO takes it, for the institution with this number."""

    reference: str
    institution_number: str
    body: dict[str, Any]


def pip_for_duo(pip: Pip) -> dict[str, Any]:
    """The PIP as DUO takes it; what DUO has no code for is left out."""
    body: dict[str, Any] = {
        "dagtekeningPip": pip.decision_date.isoformat(),
        "leerroute": pip.route,
        "indicatorMagOpleidingAfmaken": pip.may_finish_education,
        "indicatorAlfabetiseringsonderwijs": pip.literacy,
    }
    if pip.level in LEVELS_OF_DUO:
        body["niveau"] = pip.level
    if pip.estimated_hours is not None:
        body["geschatteIntensiteitB1Route"] = pip.estimated_hours
    return body


def offer_for_duo(placement: Placement) -> OfferForDuo:
    """The accepted place as an offer (Wet inburgering 2021, art. 16).

    Raises NotForDuoError with every broken rule (R-OFF-1..4, R-PAY-2).
    """
    pip, person = placement.need.pip, placement.participant
    intake = placement.intake_moment
    number = intake.group.course.provider.duo_number
    offered = clock.local_day(placement.offered_at) if placement.offered_at else None
    found = _violations(placement, person, pip, number, offered)
    if found:
        raise NotForDuoError(violations=found)
    assert offered is not None
    return OfferForDuo(
        reference=person.reference,
        institution_number=number,
        body={
            "datumInburgeringsaanbod": offered.isoformat(),
            "verwachteStartdatumOpleiding": (placement.start_date or intake.start_date).isoformat(),
            "verwachteEinddatumOpleiding": intake.end_date.isoformat(),
            "indicatorAlfabetiseringsonderwijs": pip.literacy,
        },
    )


def _violations(
    placement: Placement, person: Participant, pip: Pip, number: str, offered: date | None
) -> list[Violation]:
    found = []
    if placement.state not in ACCEPTED_STATES or offered is None:
        found.append(
            Violation("state", "not_accepted", _("The provider has not accepted this place."))
        )
    if placement.need.component not in LEARNING_ROUTES:
        found.append(
            Violation("component", "no_learning_route", _("Only a learning route is an offer."))
        )
    if _group_today(person) != TargetGroup.ASYLUM:
        found.append(
            Violation(
                "target_group",
                "offer_only_asylum",
                _("DUO takes an offer for asylum status holders only."),
            )
        )
    if not number:
        found.append(
            Violation(
                "provider",
                "institution_unknown",
                _("The provider has no institution number of DUO."),
            )
        )
    if offered is not None and offered < pip.decision_date:
        found.append(
            Violation("offered_at", "offer_before_pip", _("The offer lies before the PIP."))
        )
    end = person.term_end_date
    if end is not None and placement.intake_moment.end_date >= end:
        found.append(
            Violation("end_date", "after_term", _("The course ends after the integration term."))
        )
    return found


def _group_today(person: Participant) -> str | None:
    today = clock.today()
    for one in person.target_group_periods.all():
        if one.valid_from <= today and (one.valid_to is None or today <= one.valid_to):
            return one.target_group
    return None
