"""Does this place fit this need? The engine's rules on one pair, and the sentences for a person."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.compiled import CompiledRows
from backend.common.errors import Text, Violation
from matching.choices import OPEN_PLACEMENT_STATES
from matching.engine import RULES, Policy, Rule, recommend, rule_names
from matching.errors import NeedNotWaitingError
from matching.models import Need, Placement
from matching.selectors.needs import (
    group_of,
    need_row,
    need_rows,
    need_set_of,
    participant_of,
)
from matching.selectors.offers import OfferSet, one_offer
from matching.services.recommendations import failed_with_ceilings
from providers.models import IntakeMoment, WeeklySlot
from providers.public import IntakeNotOpenError

# Who pays is decided before everything else; then what the law and the contract demand.
FUNDING = "FUNDING"
LEGAL_ORDER = (FUNDING, "MARK", "REGION_CONTRACT", "CEILING")
RULE_ORDER = (*LEGAL_ORDER, *(code for code in RULES if code not in LEGAL_ORDER))
# What fits is for people to judge, and SEATS may be overbooked. What the law, the contract or the
# budget forbids (R-PAY-1, R-KEU-1, R-KEU-2, ceilings) nobody sets aside here.
OVERRULABLE = frozenset(
    {
        "LEVEL",
        "LITERACY",
        "DISTANCE",
        "DAYPART",
        "START_EARLY",
        "START_LATE",
        "TERM",
        "CHILDCARE",
        "ACCESS",
        "SEATS",
        "OVERLAP",
    }
)
RULE_SENTENCES: dict[str, Text] = {
    FUNDING: _(
        "The target group of this person has changed, and with it who pays. "
        "Withdraw this place and choose again."
    ),
    "MARK": _("The provider has no valid quality mark on the start date. Choose another provider."),
    "REGION_CONTRACT": _(
        "Your municipality has no contract for this course, target group and start date. "
        "Choose another course or ask procurement."
    ),
    "CEILING": _("The ceiling of the contract has been reached. Choose another course."),
    "ROUTE": _("This is a course for another component than the person waits for."),
    "LEVEL": _("The level of the person does not fit this group."),
    "LITERACY": _("The group is not meant for the literacy of this person."),
    "DISTANCE": _("The location is farther away than the person can travel."),
    "DAYPART": _("There are lessons at times when the person is not available."),
    "START_EARLY": _("The course starts before the person can start."),
    "START_LATE": _("The course starts later than the PIP allows."),
    "TERM": _("The course ends after the integration term."),
    "CHILDCARE": _("The person needs childcare and this location has none."),
    "ACCESS": _("The person needs a location that is accessible by wheelchair."),
    "SEATS": _("This intake moment is full. Choose another one."),
    "OVERLAP": _("The lessons overlap with another course of this person."),
}


@dataclass(frozen=True)
class Judgement:
    """What the rules say about one need and one intake moment, in RULE_ORDER."""

    failed: tuple[str, ...]
    is_referral: bool
    # The contract lot that covers the place; None for a referral or without cover.
    contract_lot_id: int | None
    participant_id: int
    provider_organisation_id: int

    @property
    def violations(self) -> list[Violation]:
        return violations_of(self.failed)


def violations_of(failed: tuple[str, ...]) -> list[Violation]:
    """Every failed rule with the engine's code and a sentence."""
    return [Violation("intake_moment", code, RULE_SENTENCES[code]) for code in failed]


def judge(*, need: Need, intake_moment: IntakeMoment, policy: Policy) -> Judgement:
    """All rules of domain.md 9.1 on this pair on this day, by the engine that ranks and batches.

    Raises IntakeNotOpenError, NeedNotWaitingError (replaced PIP, unknown target group).
    """
    today = clock.today()
    row = need_row(need.pk, on=today)
    if row is None:
        raise NeedNotWaitingError
    needs = need_set_of(row)
    is_referral = bool(needs.is_referral[0])
    offers = one_offer(
        intake_moment_id=intake_moment.pk,
        municipality_id=need.municipality_id,
        as_of=today,
        is_referral=is_referral,
    )
    if not len(offers):
        raise IntakeNotOpenError
    found = recommend(needs.table, offers.table, policy, today)
    failed = failed_with_ceilings(found)
    # Several contract lots: the one on which least fails, by the order of the rules.
    best = min(range(len(offers)), key=lambda one: (int(failed[one]).bit_count(), one))
    bits = int(failed[best])
    if _overlapping(need=need.pk, intake=intake_moment.pk):
        bits |= Rule.OVERLAP.bit
    return Judgement(
        failed=in_order(rule_names(bits)),
        is_referral=is_referral,
        contract_lot_id=_contract_lot(offers, best, bits),
        participant_id=participant_of(row),
        provider_organisation_id=int(offers.provider_organisations[best]),
    )


def in_order(codes: list[str]) -> tuple[str, ...]:
    return tuple(code for code in RULE_ORDER if code in set(codes))


def target_group_today(need: Need, today: date) -> str | None:
    """The target group that decides who pays, None where it is unknown."""
    rows = need_rows(Need.objects.filter(pk=need.pk), on=today)
    return group_of(rows[0]) if rows else None


def _contract_lot(offers: OfferSet, row: int, bits: int) -> int | None:
    lot = int(offers.contract_lots[row])
    return None if lot == 0 or bits & Rule.REGION_CONTRACT.bit else lot


def _other_courses(need: int, intake: int) -> QuerySet[Placement, tuple[int, ...]]:
    """Open places of the person with a lesson in a day-part and period of this intake moment."""
    asked = IntakeMoment.objects.filter(pk=intake)
    slots = WeeklySlot.objects.filter(group__intake_moments=intake).values("slot")
    return (
        Placement.objects.filter(
            state__in=sorted(OPEN_PLACEMENT_STATES),
            participant__in=Need.objects.filter(pk=need).values("pip__participant"),
            intake_moment__start_date__lte=Subquery(asked.values("end_date")),
            intake_moment__end_date__gte=Subquery(asked.values("start_date")),
            intake_moment__group__weekly_slots__slot__in=slots,
        )
        .exclude(need=need)
        .order_by()
        .values_list("pk")[:1]
    )


_overlapping = CompiledRows(_other_courses, need=int, intake=int)
