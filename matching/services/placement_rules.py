"""Does this place fit this need? The engine's rules on one pair, and the sentences for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.errors import Text, Violation
from matching.engine import RULES, Rule, failed_rules_of_pair, rule_names
from matching.errors import NeedNotWaitingError, TemporarilyExemptError
from matching.models import Need, Participant
from matching.selectors.needs import (
    engine_columns,
    group_of,
    is_referral_of,
    need_rows,
    participant_of,
)
from matching.selectors.offers import pair_offers, pair_table, provider_organisation_of
from matching.selectors.pair import PairFacts
from matching.selectors.people import Home
from matching.selectors.policy import engine_policy
from matching.services.household_view import companions_of
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
        "HOUSEHOLD",
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
    "HOUSEHOLD": _("The household starts together, and not everybody can start here."),
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


def not_searched(need_id: int) -> NeedNotWaitingError:
    """Why no place is looked for: an exemption with its last day, or the need does not wait."""
    person = Participant.objects.get(pips__needs=need_id)
    if person.exempt_until is None or not person.is_exempt:
        return NeedNotWaitingError()
    return TemporarilyExemptError.until(person.exempt_until)


def violations_of(failed: tuple[str, ...]) -> list[Violation]:
    """Every failed rule with the engine's code and a sentence."""
    return [Violation("intake_moment", code, RULE_SENTENCES[code]) for code in failed]


def judge(facts: PairFacts, *, municipality_id: int) -> Judgement:
    """All rules of domain.md 9.1 on this pair on this day, as the engine ranks and batches by them.

    Raises IntakeNotOpenError, NeedNotWaitingError (replaced PIP, unknown target group).
    """
    if facts.need is None:
        raise NeedNotWaitingError
    if facts.intake is None:
        raise IntakeNotOpenError
    need = {name: values[0] for name, values in engine_columns([facts.need]).items()}
    is_referral = is_referral_of(facts.need)
    offers = pair_offers(
        facts.intake, facts.cover, municipality_id=municipality_id, is_referral=is_referral
    )
    limit = float(facts.policy.max_travel_km)
    judged = [
        (failed_rules_of_pair(need, one, limit) | _ceiling_bit(one), one["contract_lot_id"])
        for one in offers
    ]
    # Several contract lots: the one on which least fails, the first of equals.
    bits, lot = min(judged, key=lambda one: one[0].bit_count())
    # Where and when the lessons are is the same under each lot.
    if facts.home and not _household_starts(facts, facts.home, offers[0], municipality_id):
        bits |= Rule.HOUSEHOLD.bit
    if facts.overlaps:
        bits |= Rule.OVERLAP.bit
    return Judgement(
        failed=in_order(rule_names(bits)),
        is_referral=is_referral,
        contract_lot_id=None if lot == 0 or bits & Rule.REGION_CONTRACT.bit else lot,
        participant_id=participant_of(facts.need),
        provider_organisation_id=provider_organisation_of(facts.intake),
    )


def _household_starts(
    facts: PairFacts, home: Home, offer: Mapping[str, Any], municipality_id: int
) -> bool:
    """Whether the other members can start beside this place; asked for members only."""
    assert facts.need is not None
    companions = companions_of(
        home,
        participant_id=participant_of(facts.need),
        component=offer["component"],
        municipality_id=municipality_id,
        judged_on={},
        policy=engine_policy(facts.policy),
        as_of=clock.today(),
    )
    return companions.can_start(pair_table(offer), 0)


def in_order(codes: list[str]) -> tuple[str, ...]:
    return tuple(code for code in RULE_ORDER if code in set(codes))


def target_group_today(need: Need, today: date) -> str | None:
    """The target group that decides who pays, None where it is unknown."""
    rows = need_rows(Need.objects.filter(pk=need.pk), on=today)
    return group_of(rows[0]) if rows else None


def _ceiling_bit(offer: Mapping[str, Any]) -> int:
    """CEILING where the contract has no places left."""
    limit = offer["ceiling"]
    return Rule.CEILING.bit if limit is not None and limit[1] <= 0 else 0
