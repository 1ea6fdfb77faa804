"""Facts of all contracts in force for the rules of their clauses, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from backend.common import clock
from backend.common.periods import add_months
from procurement import ports
from procurement.choices import CallOffState, ContractStatus, OptionStatus
from procurement.clauses import facts
from procurement.models import (
    Contract,
    ContractCourse,
    ContractDocument,
    ContractLot,
    ExtensionOption,
    LedgerEntry,
    LotMunicipality,
    Milestone,
)
from procurement.money_choices import EntryKind
from procurement.selectors.ledger import balances_of_lots
from providers.choices import DeliveryRole, StopState
from providers.models import DeliveryParty, IntakeMoment, IntakeStop

# How far back placements and lessons are looked at again: what is older has been found already, or
# was kept. Longer than the longest start clause (52 weeks).
PLACEMENTS_SINCE = timedelta(days=400)
LESSONS_SINCE = timedelta(days=120)
CONSENTED = frozenset({StopState.APPROVED, StopState.ACTIVE, StopState.LIFTED})


def contracts_to_evaluate(today: date) -> list[Contract]:
    """Contracts that are in force or suspended on the day; drafts promise nothing yet."""
    return list(
        Contract.objects.filter(
            status__in=[ContractStatus.ACTIVE, ContractStatus.SUSPENDED],
            start_date__lte=today,
            end_date__gte=today,
        )
        .select_related("provider__organisation")
        .order_by("pk")
    )


def contract_facts(
    contracts: Sequence[Contract], notice_months: Mapping[int, int], today: date
) -> dict[int, facts.ContractFacts]:
    """What the rules need, per contract key; about fifteen queries, however many contracts."""
    keys = [one.pk for one in contracts]
    courses = _courses(keys)
    lots = _lots(keys, today)
    placements = _placements(courses, keys, today)
    lessons = _lessons(courses, today)
    stops = _stops(contracts, today)
    options = _options(keys)
    documents = _documents(keys)
    parties = _parties(courses, contracts)
    milestones = _milestones(keys)
    turnover = _turnover(keys)
    return {
        one.pk: facts.ContractFacts(
            subject=contract_subject(one),
            start_date=one.start_date,
            end_date=one.end_date,
            notice_months=notice_months.get(one.pk, 0),
            lots=lots[one.pk],
            placements=placements[one.pk],
            lessons=lessons[one.pk],
            stops=stops[one.pk],
            options=options[one.pk],
            documents=documents[one.pk],
            parties=parties[one.pk],
            milestones=milestones[one.pk],
            turnover=turnover[one.pk],
        )
        for one in contracts
    }


def contract_subject(contract: Contract) -> facts.Subject:
    return facts.Subject(
        "procurement.contract",
        contract.uuid,
        contract.number,
        reverse("contract", kwargs={"uuid": contract.uuid}),
    )


def _courses(keys: list[int]) -> dict[int, set[int]]:
    """Courses per contract."""
    found: dict[int, set[int]] = defaultdict(set)
    for contract_id, course_id in ContractCourse.objects.filter(
        contract_lot__contract__in=keys
    ).values_list("contract_lot__contract", "course"):
        found[contract_id].add(course_id)
    return found


def _contracts_of(courses: Mapping[int, set[int]]) -> dict[int, list[int]]:
    """Contracts per course: the other way round."""
    found: dict[int, list[int]] = defaultdict(list)
    for contract_id, course_ids in courses.items():
        for course_id in course_ids:
            found[course_id].append(contract_id)
    return found


def _lots(keys: list[int], today: date) -> dict[int, list[facts.LotFact]]:
    committed = Count("call_offs", filter=Q(call_offs__state=CallOffState.COMMITTED))
    rows = list(
        ContractLot.objects.filter(contract__in=keys)
        .select_related("contract", "lot", "ceiling")
        .annotate(places_used=committed)
        .order_by("lot__code", "pk")
    )
    sums = balances_of_lots(one.pk for one in rows)
    starts = _next_starts(keys, today)
    found: dict[int, list[facts.LotFact]] = defaultdict(list)
    for one in rows:
        ceiling = getattr(one, "ceiling", None)
        found[one.contract_id].append(
            facts.LotFact(
                subject=facts.Subject(
                    "procurement.contractlot",
                    one.uuid,
                    f"{one.contract.number} / {one.lot.code}",
                    reverse("contract-money", kwargs={"uuid": one.contract.uuid}),
                ),
                places=ceiling.places if ceiling else None,
                places_used=one.places_used,
                amount=ceiling.amount if ceiling else None,
                amount_used=sums[one.pk].bound if one.pk in sums else Decimal(0),
                next_starts=starts.get(one.pk, {}),
            )
        )
    return found


def _next_starts(keys: list[int], today: date) -> dict[int, dict[str, date | None]]:
    """Per contract lot and component the first start with a free seat; None where there is none."""
    free = (
        IntakeMoment.objects.open_on(today)
        .filter(start_date__gte=today)
        .with_seats_free()
        .filter(seats_free__gt=0)
        .order_by()
        .values("pk")
    )
    rows = (
        ContractCourse.objects.filter(contract_lot__contract__in=keys)
        .order_by()
        .values("contract_lot", "course__component")
        .annotate(
            first=Min(
                "course__groups__intake_moments__start_date",
                filter=Q(course__groups__intake_moments__in=free),
            )
        )
        .values_list("contract_lot", "course__component", "first")
    )
    found: dict[int, dict[str, date | None]] = defaultdict(dict)
    for contract_lot_id, component, first in rows:
        found[contract_lot_id][component] = first
    return found


def _placements(
    courses: Mapping[int, set[int]], keys: list[int], today: date
) -> dict[int, list[facts.PlacementFact]]:
    """A placement belongs to the contract of its course in which its municipality takes part."""
    takers = _takers(keys)
    by_course = _contracts_of(courses)
    found: dict[int, list[facts.PlacementFact]] = defaultdict(list)
    for one in ports.placement_facts(course_ids=list(by_course), since=today - PLACEMENTS_SINCE):
        for contract_id in by_course.get(one.course_id, ()):
            if one.municipality_id in takers[contract_id]:
                found[contract_id].append(one)
    return found


def _lessons(courses: Mapping[int, set[int]], today: date) -> dict[int, list[facts.LessonFact]]:
    by_course = _contracts_of(courses)
    found: dict[int, list[facts.LessonFact]] = defaultdict(list)
    for one in ports.lesson_facts(course_ids=list(by_course), since=today - LESSONS_SINCE):
        for contract_id in by_course.get(one.course_id, ()):
            found[contract_id].append(one)
    return found


def _stops(contracts: Sequence[Contract], today: date) -> dict[int, list[facts.StopFact]]:
    """Stops at the provider of a contract for its buyer or a municipality that takes part."""
    by_provider: dict[int, list[Contract]] = defaultdict(list)
    for one in contracts:
        by_provider[one.provider_id].append(one)
    takers = _takers([one.pk for one in contracts])
    found: dict[int, list[facts.StopFact]] = defaultdict(list)
    for stop in (
        IntakeStop.objects.filter(
            provider__in=list(by_provider), starts_on__gte=today - PLACEMENTS_SINCE
        )
        .exclude(state__in=[StopState.REFUSED, StopState.WITHDRAWN])
        .order_by("starts_on", "pk")
    ):
        for contract in by_provider[stop.provider_id]:
            if stop.organisation_id in {contract.buyer_id, *takers[contract.pk]}:
                found[contract.pk].append(_stop(stop, contract))
    return found


def _takers(keys: list[int]) -> dict[int, set[int]]:
    """Municipalities that take part in a lot of the contract, now or once."""
    found: dict[int, set[int]] = defaultdict(set)
    for contract_id, municipality_id in LotMunicipality.objects.filter(
        lot__contract_lots__contract__in=keys
    ).values_list("lot__contract_lots__contract", "municipality"):
        found[contract_id].add(municipality_id)
    return found


def _stop(stop: IntakeStop, contract: Contract) -> facts.StopFact:
    return facts.StopFact(
        subject=facts.Subject(
            "providers.intakestop", stop.uuid, contract.provider.organisation.name
        ),
        requested_on=clock.local_day(stop.requested_at),
        starts_on=stop.starts_on,
        is_consented=stop.state in CONSENTED,
        is_imposed=stop.is_imposed,
    )


def _options(keys: list[int]) -> dict[int, list[facts.OptionFact]]:
    found: dict[int, list[facts.OptionFact]] = defaultdict(list)
    for one in ExtensionOption.objects.filter(contract__in=keys).select_related("contract"):
        found[one.contract_id].append(
            facts.OptionFact(
                subject=facts.Subject(
                    "procurement.extensionoption",
                    one.uuid,
                    f"{one.contract.number} / {one.number}",
                    reverse("contract", kwargs={"uuid": one.contract.uuid}),
                ),
                notice_date=one.notice_date,
                is_open=one.status == OptionStatus.OPEN,
            )
        )
    return found


def _documents(keys: list[int]) -> dict[int, list[facts.DocumentFact]]:
    found: dict[int, list[facts.DocumentFact]] = defaultdict(list)
    for one in ContractDocument.objects.filter(contract__in=keys).select_related("contract"):
        expires = None
        if one.issued_date is not None and one.maximum_age_months is not None:
            expires = add_months(one.issued_date, one.maximum_age_months)
        found[one.contract_id].append(
            facts.DocumentFact(
                subject=facts.Subject(
                    "procurement.contractdocument",
                    one.uuid,
                    one.title,
                    reverse("contract", kwargs={"uuid": one.contract.uuid}),
                ),
                is_required=one.required,
                issued_date=one.issued_date,
                expires_on=expires,
            )
        )
    return found


def _parties(
    courses: Mapping[int, set[int]], contracts: Iterable[Contract]
) -> dict[int, list[facts.PartyFact]]:
    """Who gives lessons or guidance for the contractor; a location asks for no consent."""
    by_course = _contracts_of(courses)
    by_key = {one.pk: one for one in contracts}
    found: dict[int, list[facts.PartyFact]] = defaultdict(list)
    for one in (
        DeliveryParty.objects.filter(course__in=list(by_course))
        .exclude(role=DeliveryRole.LOCATION)
        .select_related("course")
        .order_by("pk")
    ):
        fact = facts.PartyFact(
            subject=facts.Subject(
                "providers.deliveryparty",
                one.uuid,
                one.name,
                reverse("course", kwargs={"uuid": one.course.uuid}),
            ),
            valid_from=one.valid_from,
            consent_date=one.consent_date,
        )
        for contract_id in by_course[one.course_id]:
            if one.valid_to is None or one.valid_to >= by_key[contract_id].start_date:
                found[contract_id].append(fact)
    return found


def _milestones(keys: list[int]) -> dict[int, list[facts.MilestoneFact]]:
    found: dict[int, list[facts.MilestoneFact]] = defaultdict(list)
    for one in Milestone.objects.filter(contract__in=keys).order_by("period_start", "pk"):
        found[one.contract_id].append(
            facts.MilestoneFact(one.kind, one.period_start, one.met_date, one.amount)
        )
    return found


def _turnover(keys: list[int]) -> dict[int, dict[int, Decimal]]:
    """Approved claims per contract and year, without what was taken back."""
    rows: Iterable[Any] = (
        LedgerEntry.objects.filter(contract_lot__contract__in=keys)
        .order_by()
        .values("contract_lot__contract", "month__year")
        .annotate(
            approved=Sum("amount", filter=Q(kind=EntryKind.APPROVED)),
            credited=Sum("amount", filter=Q(kind=EntryKind.CREDITED)),
        )
        .values_list("contract_lot__contract", "month__year", "approved", "credited")
    )
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for contract_id, year, approved, credited in rows:
        found[contract_id][year] = (approved or Decimal(0)) - (credited or Decimal(0))
    return found
