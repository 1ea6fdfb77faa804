"""The rules: from facts of a contract to findings. Pure; the day is given.

Each rule finds the same again on the same facts, with the same subject and period: that is what
makes a daily evaluation harmless when it runs twice.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from backend.common.business_days import add_business_days
from backend.common.periods import add_months
from procurement.clauses.facts import ContractFacts, Finding, LotFact
from procurement.clauses.kinds import ClauseKind, MilestoneKind, Severity
from procurement.clauses.library import Parameters

Rule = Callable[[Parameters, ContractFacts, date], Iterator[Finding]]
MONTHS = 12
# From here on a threshold of a ceiling is no warning any more: there is nothing left to use.
FULL = 100


def acceptance(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """An offer that waits longer than agreed for its answer, or did."""
    for one in contract.placements:
        due = add_business_days(one.offered_on, parameters["working_days"])
        if (one.answered_on or today) > due:
            yield Finding(
                one.subject,
                one.offered_on.isoformat(),
                Severity.BREACH,
                _days(offered=one.offered_on, due=due, answered=one.answered_on),
                due,
            )


def start(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """An accepted placement whose first lesson comes, or came, later than agreed."""
    for one in contract.placements:
        if not one.is_accepted:
            continue
        due = one.offered_on + timedelta(weeks=parameters["weeks"])
        began = one.started_on or one.planned_start
        waits = one.started_on is None and not one.is_over and today > due
        if (began is not None and began > due and not one.is_over) or waits:
            yield Finding(
                one.subject,
                one.offered_on.isoformat(),
                Severity.BREACH,
                _days(offered=one.offered_on, due=due, began=began),
                due,
            )


def waiting(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A component of a lot without a free start within the norm; one finding per week."""
    due = today + timedelta(weeks=parameters["weeks"])
    year, week, _day = today.isocalendar()
    for lot in contract.lots:
        for component, first in sorted(lot.next_starts.items()):
            if first is None or first > due:
                yield Finding(
                    lot.subject,
                    f"{year}-W{week:02d} {component}",
                    Severity.BREACH,
                    {"component": component, "norm": parameters["weeks"], **_days(first=first)},
                    None,
                )


def intake_stop(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A stop that began without consent, or was asked for later than agreed.

    A stop that the municipality imposed has no notice (contract standard 3.6).
    """
    for one in contract.stops:
        if one.is_imposed:
            continue
        notice = (one.starts_on - one.requested_on).days
        began_without = one.starts_on <= today and not one.is_consented
        if notice < parameters["days"] or began_without:
            yield Finding(
                one.subject,
                one.starts_on.isoformat(),
                Severity.BREACH,
                {
                    "notice": notice,
                    "norm": parameters["days"],
                    "consented": one.is_consented,
                    **_days(starts=one.starts_on),
                },
                one.starts_on - timedelta(days=parameters["days"]),
            )


def ceiling(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """Each threshold that the use of a ceiling has reached, in places and in euros."""
    for lot in contract.lots:
        for measure, percentage in _use(lot):
            for threshold in parameters["thresholds"]:
                if percentage >= threshold:
                    yield Finding(
                        lot.subject,
                        f"{threshold} {measure}",
                        Severity.BREACH if threshold >= FULL else Severity.SIGNAL,
                        {
                            "measure": measure,
                            "threshold": threshold,
                            "percentage": int(percentage),
                        },
                    )


def _use(lot: LotFact) -> Iterator[tuple[str, Decimal]]:
    if lot.places:
        yield "places", Decimal(100 * lot.places_used) / lot.places
    if lot.amount:
        yield "amount", 100 * lot.amount_used / lot.amount


def attendance(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A lesson that was given and whose attendance is not recorded in time."""
    for one in contract.lessons:
        due = add_business_days(one.day, parameters["working_days"])
        if today > due:
            yield Finding(
                one.subject,
                one.day.isoformat(),
                Severity.BREACH,
                _days(lesson=one.day, due=due),
                due,
            )


def report(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A period of the contract of which no report came in time."""
    met = _met(contract, MilestoneKind.REPORT)
    number = 0
    while True:
        first = add_months(contract.start_date, number * parameters["months"])
        number += 1
        following = add_months(contract.start_date, number * parameters["months"])
        last = min(following - timedelta(days=1), contract.end_date)
        due = add_business_days(last, parameters["working_days"])
        if due >= today or first > contract.end_date:
            return
        received = met.get(first)
        if received is None or received > due:
            yield Finding(
                contract.subject,
                first.isoformat(),
                Severity.BREACH,
                _days(first=first, last=last, due=due, received=received),
                due,
            )


def evaluation(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A year of the contract that ended with fewer evaluation meetings than agreed."""
    held = [
        one.met_date
        for one in contract.milestones
        if one.kind == MilestoneKind.EVALUATION and one.met_date is not None
    ]
    for number in range(100):
        first = add_months(contract.start_date, number * MONTHS)
        last = add_months(first, MONTHS) - timedelta(days=1)
        if last >= today or last > contract.end_date:
            return
        meetings = sum(first <= day <= last for day in held)
        if meetings < parameters["per_year"]:
            yield Finding(
                contract.subject,
                first.isoformat(),
                Severity.BREACH,
                {
                    "meetings": meetings,
                    "norm": parameters["per_year"],
                    **_days(first=first, last=last),
                },
                last,
            )


def option(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """An extension option that has to be decided soon, or was not decided in time."""
    for one in contract.options:
        if one.is_open and today >= one.notice_date - timedelta(days=parameters["days"]):
            yield Finding(
                one.subject,
                one.notice_date.isoformat(),
                Severity.BREACH if today > one.notice_date else Severity.SIGNAL,
                _days(due=one.notice_date),
                one.notice_date,
            )


def notice(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """The last day to give notice, or to begin what comes after the contract, is near."""
    last = add_months(contract.end_date, -contract.notice_months)
    if last - timedelta(days=parameters["days"]) <= today <= contract.end_date:
        yield Finding(
            contract.subject,
            last.isoformat(),
            Severity.SIGNAL,
            _days(due=last, ends=contract.end_date),
            last,
        )


def document(parameters: Parameters, contract: ContractFacts, today: date) -> Iterator[Finding]:
    """A required document that is missing or too old, or will be soon."""
    for one in contract.documents:
        if one.is_required and one.issued_date is None:
            yield Finding(one.subject, "missing", Severity.BREACH, {}, contract.start_date)
        elif one.expires_on is not None and today >= one.expires_on - timedelta(
            days=parameters["days"]
        ):
            yield Finding(
                one.subject,
                one.expires_on.isoformat(),
                Severity.BREACH if today > one.expires_on else Severity.SIGNAL,
                _days(issued=one.issued_date, due=one.expires_on),
                one.expires_on,
            )


def subcontractor(
    parameters: Parameters, contract: ContractFacts, today: date
) -> Iterator[Finding]:
    """A subcontractor who delivers, or delivered, before the buyer had consented."""
    for one in contract.parties:
        if one.valid_from <= today and (
            one.consent_date is None or one.consent_date > one.valid_from
        ):
            yield Finding(
                one.subject,
                one.valid_from.isoformat(),
                Severity.BREACH,
                _days(began=one.valid_from, consent=one.consent_date),
                one.valid_from,
            )


def social_return(
    parameters: Parameters, contract: ContractFacts, today: date
) -> Iterator[Finding]:
    """A calendar year of which less social return was shown than agreed."""
    for year, turnover in sorted(contract.turnover.items()):
        due = date(year, 12, 31) + timedelta(days=parameters["days"])
        wanted = (turnover * Decimal(parameters["percentage"]) / 100).quantize(Decimal("0.01"))
        shown = sum(
            (
                one.amount or Decimal(0)
                for one in contract.milestones
                if one.kind == MilestoneKind.SOCIAL_RETURN
                and one.met_date is not None
                and one.period_start.year == year
            ),
            Decimal(0),
        )
        if today > due and shown < wanted:
            yield Finding(
                contract.subject,
                str(year),
                Severity.BREACH,
                {"year": year, "wanted": str(wanted), "shown": str(shown)},
                due,
            )


def _met(contract: ContractFacts, kind: str) -> dict[date, date]:
    """Per period the first day on which the promise was kept."""
    found: dict[date, date] = {}
    for one in contract.milestones:
        if one.kind == kind and one.met_date is not None:
            known = found.get(one.period_start)
            found[one.period_start] = min(known or one.met_date, one.met_date)
    return found


def _days(**days: date | None) -> dict[str, Any]:
    return {name: None if day is None else day.isoformat() for name, day in days.items()}


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        str(ClauseKind.ACCEPTANCE): acceptance,
        str(ClauseKind.START): start,
        str(ClauseKind.WAITING): waiting,
        str(ClauseKind.INTAKE_STOP): intake_stop,
        str(ClauseKind.CEILING): ceiling,
        str(ClauseKind.ATTENDANCE): attendance,
        str(ClauseKind.REPORT): report,
        str(ClauseKind.EVALUATION): evaluation,
        str(ClauseKind.OPTION): option,
        str(ClauseKind.NOTICE): notice,
        str(ClauseKind.DOCUMENT): document,
        str(ClauseKind.SUBCONTRACTOR): subcontractor,
        str(ClauseKind.SOCIAL_RETURN): social_return,
    }
)


def findings(
    kind: str, parameters: Parameters, contract: ContractFacts, today: date
) -> list[Finding]:
    """Everything that one clause finds against the facts of its contract on a day."""
    return list(RULES[kind](parameters, contract, today))
