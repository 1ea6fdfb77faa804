"""Tenders: register, publish, close, award or cancel."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.organisations.models import Organisation
from procurement.choices import (
    PUBLISHED_PROCEDURES,
    TENDER_TRANSITIONS,
    AllocationKey,
    TenderProcedure,
    TenderStatus,
)
from procurement.cpv import cpv_advice, cpv_exists, cpv_name
from procurement.errors import TenderIncompleteError, TenderStateError
from procurement.models import Award, Lot, Tender
from procurement.models.tender import CPV_PATTERN
from procurement.policies import require_manage_contracts
from providers.models import Provider

TENDER_FIELDS = (
    "reference",
    "title",
    "procedure",
    "cpv_codes",
    "publication_reference",
    "publication_date",
    "closing_date",
    "award_date",
    "standstill_until",
    "status",
)
WHOLE = Decimal(100)


@dataclass(frozen=True)
class TenderDraft:
    """The data of a tender; dates may follow later, each before the step that needs it."""

    reference: str
    title: str
    procedure: str = TenderProcedure.SAS
    description: str = ""
    cpv_codes: tuple[str, ...] = ()
    publication_reference: str = ""
    publication_date: date | None = None
    closing_date: date | None = None
    award_date: date | None = None
    standstill_until: date | None = None


@dataclass(frozen=True)
class AwardDraft:
    """A lot goes to a provider, with its place in the ranking or its share in percent."""

    lot: Lot
    provider: Provider
    rank: int | None = field(default=None)
    share: Decimal | None = None


@transaction.atomic
def tender_register(*, actor: Actor, buyer: Organisation, draft: TenderDraft) -> Tender:
    """A new tender of the buyer, in draft."""
    require_manage_contracts(actor, buyer.pk)
    tender = _filled(Tender(buyer=buyer), draft)
    faults = [*field_violations(tender), *date_faults(tender), *_cpv_faults(tender)]
    if Tender.objects.filter(buyer=buyer, reference=tender.reference).exists():
        faults.append(_reference_taken())
    if faults:
        raise InvalidError(violations=faults)
    tender.save()
    _record(actor, "tender.registered", tender)
    return tender


@transaction.atomic
def tender_change(*, actor: Actor, tender: Tender, draft: TenderDraft) -> Tender:
    """Other data of the tender; reference, procedure and CPV codes only before publication."""
    tender = _locked(actor, tender, set(TenderStatus) - {TenderStatus.CANCELLED})
    before = audit.snapshot(tender, TENDER_FIELDS)
    published = tender.status != TenderStatus.DRAFT
    fixed = (tender.reference, tender.procedure, list(tender.cpv_codes))
    tender = _filled(tender, draft)
    faults = [*field_violations(tender), *date_faults(tender), *_cpv_faults(tender)]
    if published and fixed != (tender.reference, tender.procedure, list(tender.cpv_codes)):
        faults.append(
            Violation(
                "reference",
                "tender_published",
                _("Reference, procedure and CPV codes cannot change after publication."),
            )
        )
    if (
        Tender.objects.filter(buyer=tender.buyer_id, reference=tender.reference)
        .exclude(pk=tender.pk)
        .exists()
    ):
        faults.append(_reference_taken())
    if faults:
        raise InvalidError(violations=faults)
    tender.save()
    _record(actor, "tender.changed", tender, before=before)
    return tender


def tender_publish(*, actor: Actor, tender: Tender) -> Tender:
    """The tender is public; raises TenderIncompleteError with everything it still lacks."""
    return _step(actor, tender, TenderStatus.PUBLISHED)


def tender_close(*, actor: Actor, tender: Tender) -> Tender:
    """No offers are accepted any more."""
    return _step(actor, tender, TenderStatus.CLOSED)


def tender_cancel(*, actor: Actor, tender: Tender, reason: str) -> Tender:
    """The tender leads to nothing; the reason stays on record."""
    if not reason.strip():
        raise InvalidError(
            violations=[Violation("reason", "required", _("Say why the tender is cancelled."))]
        )
    return _step(actor, tender, TenderStatus.CANCELLED, reason)


@transaction.atomic
def tender_award(
    *,
    actor: Actor,
    tender: Tender,
    awards: Sequence[AwardDraft],
    award_date: date,
    standstill_until: date | None = None,
) -> Tender:
    """Every lot goes to the providers named; a lot without a provider was not awarded.

    Raises InvalidError with every fault: a lot of another tender, more providers than the lot
    has contractors, ranks or shares that are missing, repeated or do not sum to 100.
    """
    allowed = {one for one, after in TENDER_TRANSITIONS.items() if TenderStatus.AWARDED in after}
    tender = _locked(actor, tender, allowed)
    before = audit.snapshot(tender, TENDER_FIELDS)
    tender.award_date, tender.standstill_until = award_date, standstill_until
    tender.status = TenderStatus.AWARDED
    faults = [*date_faults(tender), *_award_faults(tender, awards)]
    rows = [Award(**vars(one)) for one in awards]
    for number, one in enumerate(rows):
        faults += field_violations(one, f"awards.{number}.")
    if faults:
        raise InvalidError(violations=faults)
    Award.objects.bulk_create(rows)
    tender.save(update_fields=["award_date", "standstill_until", "status"])
    facts = [
        {
            "lot": one.lot.code,
            "provider": str(one.provider.uuid),
            "rank": one.rank,
            "share": None if one.share is None else str(one.share),
        }
        for one in awards
    ]
    _record(actor, "tender.awarded", tender, before=before, more={"awards": facts})
    return tender


@transaction.atomic
def _step(actor: Actor, tender: Tender, status: TenderStatus, reason: str = "") -> Tender:
    allowed = {one for one, after in TENDER_TRANSITIONS.items() if status in after}
    tender = _locked(actor, tender, allowed)
    if status == TenderStatus.PUBLISHED and (gaps := tender_gaps(tender)):
        raise TenderIncompleteError(violations=gaps)
    before = audit.snapshot(tender, TENDER_FIELDS)
    tender.status = status
    tender.save(update_fields=["status"])
    _record(actor, f"tender.{status}", tender, before=before, reason=reason)
    return tender


def tender_gaps(tender: Tender) -> list[Violation]:
    """What a tender lacks before it can be published: lots with municipalities, codes, dates."""
    gaps = []
    lots = list(tender.lots.prefetch_related("participations").order_by("code", "pk"))
    if not lots:
        gaps.append(Violation("lots", "no_lot", _("Add at least one lot to the tender.")))
    gaps += [
        Violation(
            f"lots.{number}.participations",
            "no_municipality",
            _("Nobody takes part in lot %(lot)s. Add at least one municipality to this lot.")
            % {"lot": lot.code},
        )
        for number, lot in enumerate(lots)
        if not lot.participations.all()
    ]
    if tender.closing_date is None:
        gaps.append(Violation("closing_date", "required", _("Enter the last day for offers.")))
    if tender.publication_date is None:
        gaps.append(Violation("publication_date", "required", _("Enter the publication date.")))
    if tender.procedure in PUBLISHED_PROCEDURES:
        if not tender.cpv_codes:
            gaps.append(Violation("cpv_codes", "required", _("Enter at least one CPV code.")))
        if not tender.publication_reference:
            gaps.append(
                Violation(
                    "publication_reference",
                    "required",
                    _("Enter the number of the notice on TenderNed."),
                )
            )
    return gaps


def _locked(actor: Actor, tender: Tender, allowed: Iterable[str]) -> Tender:
    require_manage_contracts(actor, tender.buyer_id)
    locked = Tender.objects.select_for_update(of=("self",)).get(pk=tender.pk)
    if locked.status not in set(allowed):
        raise TenderStateError
    return locked


def _filled(tender: Tender, draft: TenderDraft) -> Tender:
    for name, value in vars(draft).items():
        setattr(tender, name, list(value) if name == "cpv_codes" else value)
    return tender


def date_faults(tender: Tender) -> Iterable[Violation]:
    """Days of a tender that are out of order, or ahead where they must have passed."""
    steps = (
        ("publication_date", "closing_date", _("The last day is before the publication date.")),
        ("closing_date", "award_date", _("The award is before the last day for offers.")),
        ("award_date", "standstill_until", _("The standstill period ends before the award.")),
    )
    for earlier, later, message in steps:
        first, second = getattr(tender, earlier), getattr(tender, later)
        if first is not None and second is not None and second < first:
            yield Violation(later, "dates_reversed", message)
    if tender.status == TenderStatus.AWARDED and (tender.award_date or date.max) > clock.today():
        yield Violation(
            "award_date", "date_in_future", _("The award lies in the future. Correct the date.")
        )


def _award_faults(tender: Tender, awards: Sequence[AwardDraft]) -> Iterable[Violation]:
    lots = {one.pk: one for one in tender.lots.all()}
    for number, one in enumerate(awards):
        place = f"awards.{number}."
        if one.lot.pk not in lots:
            yield Violation(place + "lot", "other_tender", _("This lot belongs to another tender."))
        if any((one.lot.pk, one.provider.pk) == (x.lot.pk, x.provider.pk) for x in awards[:number]):
            yield Violation(
                place + "provider", "repeated", _("This provider is named twice for the lot.")
            )
    if not awards:
        yield Violation("awards", "required", _("Name at least one provider."))
    for lot in lots.values():
        yield from lot_award_faults(lot, [one for one in awards if one.lot.pk == lot.pk])


def lot_award_faults(lot: Lot, awards: Sequence[AwardDraft]) -> Iterable[Violation]:
    """What is wrong with those who got one lot: too many, or ranks and shares that do not fit."""
    name = {"lot": lot.code}
    if lot.contractors is not None and len(awards) > lot.contractors:
        yield Violation(
            "awards",
            "too_many_contractors",
            _("Lot %(lot)s has at most %(number)s contractors. Name fewer providers.")
            % (name | {"number": lot.contractors}),
        )
    if not awards:
        return
    if lot.allocation == AllocationKey.RANK:
        ranks = sorted(one.rank or 0 for one in awards)
        if ranks != list(range(1, len(awards) + 1)):
            yield Violation(
                "awards",
                "ranks_incomplete",
                _("The ranking of lot %(lot)s must be 1, 2, 3 and so on, each once.") % name,
            )
    if lot.allocation == AllocationKey.SHARE:
        total = sum((one.share or Decimal(0) for one in awards), Decimal(0))
        if total != WHOLE:
            yield Violation(
                "awards",
                "shares_not_100",
                _("The shares of lot %(lot)s add up to %(total)s. Make it 100.")
                % (name | {"total": f"{total.normalize():f}"}),
            )


def _cpv_faults(tender: Tender) -> Iterable[Violation]:
    """Codes of eight digits that CPV does not have, with the codes that look like them."""
    for number, code in enumerate(tender.cpv_codes):
        if not re.fullmatch(CPV_PATTERN, code) or cpv_exists(code):
            continue
        advice = cpv_advice(code)
        message = _("There is no CPV code %(code)s. Look it up in the notice.") % {"code": code}
        if advice:
            names = "; ".join(f"{one} ({cpv_name(one)})" for one in advice)
            message = _("There is no CPV code %(code)s. Did you mean %(advice)s?") % {
                "code": code,
                "advice": names,
            }
        yield Violation(f"cpv_codes.{number}", "unknown_cpv_code", message)


def _reference_taken() -> Violation:
    return Violation(
        "reference",
        "reference_taken",
        _("This reference is in use already. Choose another reference."),
    )


def _record(
    actor: Actor,
    action: str,
    tender: Tender,
    *,
    before: dict[str, object] | None = None,
    more: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=tender,
        before=before,
        after=audit.snapshot(tender, TENDER_FIELDS) | (more or {}),
        reason=reason,
        organisation_ids=[tender.buyer_id],
    )
