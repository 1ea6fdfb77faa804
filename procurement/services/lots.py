"""Lots: what a buyer buys together, and which municipalities take part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.cleaning import field_violations
from backend.common.codes import Component
from backend.common.errors import InvalidError, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from procurement.choices import AllocationKey, ContractStatus, TenderStatus
from procurement.errors import LotInUseError
from procurement.models import Lot, LotMunicipality, Tender
from procurement.policies import require_manage_contracts

LOT_FIELDS = (
    "code",
    "title",
    "components",
    "target_groups",
    "areas",
    "volume_min",
    "volume_max",
    "ceiling_amount",
    "contractors",
    "allocation",
)
# An award that was registered afterwards leaves its lots open until a contract is in force.
LOTS_ARE_PUBLIC = frozenset({TenderStatus.PUBLISHED, TenderStatus.CLOSED, TenderStatus.CANCELLED})


@dataclass(frozen=True)
class LotTerms:
    """What is asked for in a lot beside its components: where, how much, of how many."""

    areas: tuple[str, ...] = ()
    volume_min: int | None = None
    volume_max: int | None = None
    ceiling_amount: Decimal | None = None
    contractors: int | None = None
    allocation: str = AllocationKey.FIT


@dataclass(frozen=True)
class Participation:
    """A municipality that may call off from a lot in a period (opt-in per lot).

    `payer` is who pays for it, where that is another organisation.
    """

    municipality: Organisation
    valid_from: date
    valid_to: date | None = None
    payer: Organisation | None = None


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
    terms: LotTerms | None = None,
    tender: Tender | None = None,
) -> Lot:
    """A new lot of the buyer with the municipalities that take part in it.

    With `tender` it is a lot of that tender, which must still be a draft.
    """
    require_manage_contracts(actor, buyer.pk)
    if tender is not None:
        # As it is now: somebody may be publishing it.
        tender = Tender.objects.select_for_update(of=("self",)).get(pk=tender.pk)
    lot = Lot(
        buyer=buyer,
        code=code,
        title=title,
        components=list(components),
        target_groups=list(target_groups),
        tender=tender,
    )
    _set_terms(lot, terms or LotTerms())
    faults = [
        *field_violations(lot),
        *_term_faults(lot),
        *_participation_faults(participations),
    ]
    if tender is not None:
        faults += _tender_faults(tender, buyer)
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
def lot_change(
    *,
    actor: Actor,
    lot: Lot,
    title: str,
    components: Sequence[str],
    target_groups: Sequence[str],
    terms: LotTerms,
) -> Lot:
    """Other data of a lot, until its tender is published or a contract for it is in force.

    Raises LotInUseError, and InvalidError with every fault; a component that a contract in draft
    has courses or prices for stays in the lot.
    """
    require_manage_contracts(actor, lot.buyer_id)
    lot = Lot.objects.select_for_update(of=("self",)).get(pk=lot.pk)
    if lot.contract_lots.exclude(contract__status=ContractStatus.DRAFT).exists():
        raise LotInUseError
    before = audit.snapshot(lot, LOT_FIELDS)
    lot.title = title
    lot.components, lot.target_groups = list(components), list(target_groups)
    _set_terms(lot, terms)
    faults = [*field_violations(lot), *_term_faults(lot), *_component_faults(lot)]
    if lot.tender is not None and lot.tender.status in LOTS_ARE_PUBLIC:
        faults.append(
            Violation(
                "tender",
                "tender_published",
                _("The tender has been published, so its lots do not change any more."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    lot.save()
    audit.record(
        actor=actor,
        action="lot.changed",
        subject=lot,
        before=before,
        after=audit.snapshot(lot, LOT_FIELDS),
        organisation_ids=[lot.buyer_id],
    )
    return lot


@transaction.atomic
def lot_admit(*, actor: Actor, lot: Lot, participations: Sequence[Participation]) -> None:
    """More municipalities take part in the lot; periods that overlap are refused."""
    require_manage_contracts(actor, lot.buyer_id)
    # One change of the participants at a time, so that the check below stays true.
    Lot.objects.select_for_update().get(pk=lot.pk)
    present = [
        Participation(one.municipality, one.valid_from, one.valid_to, one.payer)
        for one in lot.participations.select_related("municipality", "payer")
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


@transaction.atomic
def lot_leave(
    *, actor: Actor, lot: Lot, municipality: Organisation, valid_to: date, reason: str
) -> None:
    """The municipality takes part until and including `valid_to`; what it called off goes on.

    Raises InvalidError when it does not take part on that day, or without a reason.
    """
    require_manage_contracts(actor, lot.buyer_id)
    Lot.objects.select_for_update(of=("self",)).get(pk=lot.pk)
    period = lot.participations.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=valid_to),
        municipality=municipality,
        valid_from__lte=valid_to,
    ).first()
    faults = []
    if period is None:
        faults.append(
            Violation(
                "valid_to",
                "takes_no_part",
                _("This municipality does not take part in the lot on this day. Choose another."),
            )
        )
    if not reason.strip():
        faults.append(
            Violation("reason", "required", _("Say why the municipality leaves the lot."))
        )
    if period is None or faults:
        raise InvalidError(violations=faults)
    before = period.valid_to
    period.valid_to = valid_to
    period.save(update_fields=["valid_to"])
    audit.record(
        actor=actor,
        action="lot.municipality_left",
        subject=lot,
        before={"valid_to": None if before is None else before.isoformat()},
        after={"municipality": municipality.code, "valid_to": valid_to.isoformat()},
        reason=reason,
        organisation_ids=[lot.buyer_id, municipality.pk],
    )


def _admit(lot: Lot, participations: Sequence[Participation]) -> None:
    LotMunicipality.objects.bulk_create(
        LotMunicipality(
            lot=lot,
            municipality=one.municipality,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            payer=one.payer,
        )
        for one in participations
    )


def _set_terms(lot: Lot, terms: LotTerms) -> None:
    lot.areas = list(terms.areas)
    for name in ("volume_min", "volume_max", "ceiling_amount", "contractors", "allocation"):
        setattr(lot, name, getattr(terms, name))


def _term_faults(lot: Lot) -> list[Violation]:
    faults = []
    low, high = lot.volume_min, lot.volume_max
    if low is not None and high is not None and high < low:
        faults.append(
            Violation(
                "volume_max",
                "range_reversed",
                _("The highest number is below the lowest. Correct one of the two."),
            )
        )
    if lot.ceiling_amount is not None and lot.ceiling_amount < 0:
        faults.append(
            Violation("ceiling_amount", "negative", _("A ceiling is 0 euros or more. Correct it."))
        )
    return faults


def _component_faults(lot: Lot) -> list[Violation]:
    """Components that contracts in draft already have courses or prices for."""
    courses = lot.contract_lots.values_list("contract_courses__course__component", flat=True)
    prices = lot.contract_lots.values_list("tariffs__component", flat=True)
    used = {one for one in (*courses, *prices) if one}
    return [
        Violation(
            "components",
            "component_in_use",
            _("A contract has courses or prices for %(component)s. Remove those first.")
            % {"component": Component(one).label},
        )
        for one in sorted(used - set(lot.components))
    ]


def _tender_faults(tender: Tender, buyer: Organisation) -> list[Violation]:
    if tender.buyer_id != buyer.pk:
        return [Violation("tender", "other_buyer", _("This tender belongs to another buyer."))]
    if tender.status != TenderStatus.DRAFT:
        return [
            Violation(
                "tender",
                "tender_published",
                _("The tender has been published. Lots are only added before that."),
            )
        ]
    return []


def _takers(participations: Sequence[Participation]) -> dict[str, object]:
    return {
        "participations": [
            {
                "municipality": one.municipality.code,
                "valid_from": one.valid_from.isoformat(),
                "valid_to": None if one.valid_to is None else one.valid_to.isoformat(),
                "payer": None if one.payer is None else one.payer.code,
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
