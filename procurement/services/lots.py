"""Lots: what a buyer buys together, and which municipalities take part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from procurement.models import Lot, LotMunicipality
from procurement.policies import require_manage_contracts

LOT_FIELDS = ("code", "title", "components", "target_groups")


@dataclass(frozen=True)
class Participation:
    """A municipality that may call off from a lot in a period (opt-in per lot)."""

    municipality: Organisation
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def lot_register(
    *,
    actor: Actor,
    buyer: Organisation,
    code: str,
    title: str,
    components: Sequence[str],
    target_groups: Sequence[str],
    participations: Sequence[Participation] = (),
) -> Lot:
    """A new lot of the buyer with the municipalities that take part in it."""
    require_manage_contracts(actor, buyer.pk)
    lot = Lot(
        buyer=buyer,
        code=code,
        title=title,
        components=list(components),
        target_groups=list(target_groups),
    )
    faults = field_violations(lot) + _participation_faults(participations)
    if Lot.objects.filter(buyer=buyer, code=code).exists():
        faults.append(
            Violation("code", "code_taken", _("This code is in use already. Choose another code."))
        )
    if faults:
        raise InvalidError(violations=faults)
    lot.save()
    _admit(lot, participations)
    audit.record(
        actor=actor,
        action="lot.registered",
        subject=lot,
        after=audit.snapshot(lot, LOT_FIELDS) | _takers(participations),
        organisation_ids=[buyer.pk, *(one.municipality.pk for one in participations)],
    )
    return lot


@transaction.atomic
def lot_admit(*, actor: Actor, lot: Lot, participations: Sequence[Participation]) -> None:
    """More municipalities take part in the lot; periods that overlap are refused."""
    require_manage_contracts(actor, lot.buyer_id)
    # One change of the participants at a time, so that the check below stays true.
    Lot.objects.select_for_update().get(pk=lot.pk)
    present = [
        Participation(one.municipality, one.valid_from, one.valid_to)
        for one in lot.participations.select_related("municipality")
    ]
    faults = _participation_faults(participations, present)
    if faults:
        raise InvalidError(violations=faults)
    _admit(lot, participations)
    audit.record(
        actor=actor,
        action="lot.municipalities_admitted",
        subject=lot,
        after=_takers(participations),
        organisation_ids=[lot.buyer_id, *(one.municipality.pk for one in participations)],
    )


def _admit(lot: Lot, participations: Sequence[Participation]) -> None:
    LotMunicipality.objects.bulk_create(
        LotMunicipality(
            lot=lot,
            municipality=one.municipality,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
        )
        for one in participations
    )


def _takers(participations: Sequence[Participation]) -> dict[str, object]:
    return {
        "participations": [
            {
                "municipality": one.municipality.code,
                "valid_from": one.valid_from.isoformat(),
                "valid_to": None if one.valid_to is None else one.valid_to.isoformat(),
            }
            for one in participations
        ]
    }


def _participation_faults(
    participations: Sequence[Participation], present: Sequence[Participation] = ()
) -> list[Violation]:
    faults = []
    for number, one in enumerate(participations):
        place = f"participations.{number}."
        if one.municipality.kind != OrganisationKind.MUNICIPALITY:
            faults.append(
                Violation(
                    place + "municipality",
                    "not_a_municipality",
                    _("Only a municipality takes part in a lot. Choose a municipality."),
                )
            )
        if one.valid_to is not None and one.valid_to < one.valid_from:
            faults.append(
                Violation(
                    place + "valid_to",
                    "ends_before_start",
                    _("The last day is before the first day. Correct one of the two."),
                )
            )
        if any(_overlap(one, other) for other in (*present, *participations[:number])):
            faults.append(
                Violation(
                    place + "municipality",
                    "takes_part_already",
                    _("This municipality takes part in the lot in this period already."),
                )
            )
    return faults


def _overlap(one: Participation, other: Participation) -> bool:
    if one.municipality.pk != other.municipality.pk:
        return False
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (
        one.valid_to or date.max
    )
