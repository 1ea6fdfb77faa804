"""Why a place does not fit a person: every rule with the facts on both sides, and what would help.

The same judgement as the one that is asked when a seat is taken (`placement_rules`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from backend.common import clock
from backend.common.locks import keys_in
from matching.engine import RULES, Rule, recommend, rule_names
from matching.models import MatchRecord, Need
from matching.selectors.needs import engine_columns, need_rows, need_set_of
from matching.selectors.offers import OfferSet, pair_offers, pair_table
from matching.selectors.pair import PairFacts, pair_facts
from matching.selectors.policy import engine_policy, policy_in_force
from matching.services.placement_rules import in_order, judge, not_searched
from matching.services.recommendations import failed_with_ceilings, offers_for
from providers.models import IntakeMoment
from providers.public import IntakeNotOpenError, stop_in_force

LEVELS = ("A0", "A1", "A2", "B1", "B2")
Values = Mapping[str, Any]


@dataclass(frozen=True)
class RuleCheck:
    """One rule on one person and one start; `relax` is the change that would satisfy it."""

    code: str
    failed: bool
    need: Any = None
    offer: Any = None
    relax: Any = None


@dataclass(frozen=True)
class WhyNot:
    """All rules, and what no rule can change: a start that is not open, or an intake stop."""

    is_open: bool
    is_stopped: bool
    waits: bool
    checks: tuple[RuleCheck, ...]

    @property
    def failed(self) -> tuple[RuleCheck, ...]:
        return tuple(one for one in self.checks if one.failed)

    @property
    def fits(self) -> bool:
        return self.is_open and self.waits and not self.is_stopped and not self.failed


def why_not(*, need: Need, intake: IntakeMoment) -> WhyNot:
    """Every rule on this person and this start, on today's facts; a few queries, nothing written.

    Raises NeedNotWaitingError for a need of a replaced PIP, TemporarilyExemptError.
    """
    facts = pair_facts(
        need_id=need.pk,
        intake_moment_id=intake.pk,
        municipality_id=need.municipality_id,
        on=clock.today(),
    )
    if facts.need is None:
        raise not_searched(need.pk)
    waits = need.state == "waiting"
    try:
        judged = judge(facts, municipality_id=need.municipality_id)
    except IntakeNotOpenError:
        return WhyNot(is_open=False, is_stopped=False, waits=waits, checks=())
    stop = stop_in_force(intake=intake, municipality_id=need.municipality_id, on=clock.today())
    return WhyNot(
        is_open=True,
        is_stopped=bool(stop),
        waits=waits,
        checks=_checks(facts, set(judged.failed), judged.is_referral, need.municipality_id),
    )


def _checks(
    facts: PairFacts, failed: set[str], is_referral: bool, municipality_id: int
) -> tuple[RuleCheck, ...]:
    assert facts.need is not None
    assert facts.intake is not None
    need = {name: values[0] for name, values in engine_columns([facts.need]).items()}
    offers = pair_offers(
        facts.intake, facts.cover, municipality_id=municipality_id, is_referral=is_referral
    )
    offer = offers[0]
    limit = need["max_travel_km"]
    sides = _sides(need, offer, float(facts.policy.max_travel_km if limit is None else limit))
    sides["DISTANCE"]["offer"] = _kilometres(facts, offer)
    sides["OVERLAP"] = {}
    sides["CEILING"] = {"offer": None if offer["ceiling"] is None else offer["ceiling"][1]}
    return tuple(
        RuleCheck(
            code,
            code in failed,
            need=sides.get(code, {}).get("need"),
            offer=sides.get(code, {}).get("offer"),
            relax=_relax(code, need, offer, sides.get(code, {})) if code in failed else None,
        )
        for code in RULES
    )


def _sides(need: Values, offer: Values, limit: float) -> dict[str, dict[str, Any]]:
    """What each rule compares: the person's side and the place's."""
    level = {"from": offer["level_from"], "to": offer["level_to"], "target": offer["target_level"]}
    return {
        "ROUTE": {"need": need["component"], "offer": offer["component"]},
        "LEVEL": {"need": {"level": need["level"], "target": need["target_level"]}, "offer": level},
        "LITERACY": {"need": need["literacy"], "offer": list(offer["literacy"])},
        "REGION_CONTRACT": {"need": need["target_group"], "offer": list(offer["target_groups"])},
        "MARK": {"offer": offer["mark_valid_to"] if offer["mark_required"] else "not_required"},
        "DISTANCE": {"need": limit},
        "DAYPART": {"need": list(need["available"]), "offer": list(offer["slots"])},
        "START_EARLY": {"need": need["earliest_start"], "offer": offer["start"]},
        "START_LATE": {"need": need["latest_start"], "offer": offer["start"]},
        "TERM": {"need": need["term_end"], "offer": offer["end"]},
        "CHILDCARE": {"need": need["childcare"], "offer": offer["childcare"]},
        "ACCESS": {"need": need["wheelchair"], "offer": offer["wheelchair"]},
        "SEATS": {"offer": max(0, offer["seats"])},
    }


def _kilometres(facts: PairFacts, offer: Values) -> float:
    assert facts.need is not None
    found = recommend(
        need_set_of(facts.need).table, pair_table(offer), engine_policy(facts.policy), clock.today()
    )
    return round(float(found.km[0]), 3)


def _relax(code: str, need: Values, offer: Values, side: Values) -> Any:
    """The smallest change that would satisfy the rule, in the unit of `engine.relax_value`."""
    if code in {"START_EARLY", "START_LATE", "TERM"}:
        return abs((side["offer"] - side["need"]).days)
    match code:
        case "DISTANCE":
            return round(side["offer"] - side["need"], 3)
        case "DAYPART":
            return [slot for slot in offer["slots"] if slot not in set(need["available"])]
        case "LEVEL":
            return _level_steps(need, offer)
        case "LITERACY":
            return need["literacy"]
        case "ROUTE":
            return offer["component"]
        case "REGION_CONTRACT":
            return _contract_gaps(need, offer)
        case "MARK":
            valid_to = offer["mark_valid_to"]
            return None if valid_to is None else (offer["start"] - valid_to).days
        case "SEATS":
            return 1
        case _:
            return True


def _level_steps(need: Values, offer: Values) -> int:
    level, low, high = (
        LEVELS.index(one) for one in (need["level"], offer["level_from"], offer["level_to"])
    )
    target = LEVELS.index(need["target_level"]) - LEVELS.index(offer["target_level"])
    return max(low - level, 0) + max(level - high, 0) + max(target, 0)


def _contract_gaps(need: Values, offer: Values) -> list[str]:
    """Which parts of the contract do not cover the pair, as the engine names them."""
    in_period = offer["contract_from"] <= offer["start"] <= offer["contract_to"]
    gaps = {
        "municipality": need["municipality"] in offer["municipalities"],
        "targetGroup": need["target_group"] in offer["target_groups"],
        "contractPeriod": in_period,
    }
    return [name for name, covered in gaps.items() if not covered]


@dataclass(frozen=True)
class NotFitting:
    """A start of the component that does not fit, with the rules on which it fails."""

    intake: IntakeMoment
    rules: tuple[str, ...]


def not_fitting_starts(need: Need, *, search: str = "", limit: int = 200) -> list[NotFitting]:
    """Open starts of the component that do not fit, those that nearly fit first; nothing is stored.

    None for a need of a replaced PIP: nothing is weighed for it any more.
    """
    today = clock.today()
    rows = need_rows(Need.objects.filter(pk=need.pk, pip__is_current=True), on=today)
    if not rows:
        return []
    needs = need_set_of(rows[0])
    offers = offers_for(needs, need.municipality_id)
    policy = policy_in_force(organisation_id=need.municipality_id, on=today)
    found = recommend(needs.table, offers.table, engine_policy(policy), today)
    failed = _failed_by_intake(offers, failed_with_ceilings(found).tolist())
    intakes = IntakeMoment.objects.filter(pk__in=failed).select_related(
        "group__course__provider__organisation", "group__location"
    )
    if search:
        intakes = intakes.filter(
            Q(group__course__name__icontains=search)
            | Q(group__course__provider__organisation__name__icontains=search)
            | Q(group__location__place__icontains=search)
        )
    ordered = sorted(intakes, key=lambda one: (len(failed[one.pk]), one.start_date, one.pk))
    return [NotFitting(one, failed[one.pk]) for one in ordered[:limit]]


def rejected_of(record: MatchRecord) -> list[dict[str, Any]]:
    """The starts that did not fit at a search, by the rules on which they failed; one query."""
    found = record.rejected
    every = {key for keys in found.values() for key in keys}
    ids = dict(IntakeMoment.objects.filter(pk__in=keys_in(every)).values_list("pk", "uuid"))
    return [
        {
            "rules": list(rules),
            # A start under two contract lots has two rows.
            "intake_moment_ids": [ids[key] for key in dict.fromkeys(keys) if key in ids],
        }
        for rules, keys in found.items()
    ]


def _failed_by_intake(offers: OfferSet, bits: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The failed rules of each start of the component, under the lot on which least fails."""
    least: dict[int, int] = {}
    for pk, failed in zip(offers.intakes.tolist(), bits, strict=True):
        if failed & Rule.ROUTE.bit:
            continue
        known = least.get(pk)
        if known is None or failed.bit_count() < known.bit_count():
            least[pk] = failed
    return {pk: in_order(rule_names(failed)) for pk, failed in least.items() if failed}
