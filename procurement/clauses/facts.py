"""What the rules of the clauses look at: plain values, gathered by selectors.clause_facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from procurement.clauses.kinds import Severity


@dataclass(frozen=True)
class Subject:
    """What a finding is about, and the page where the evidence is. Never a person's name."""

    type: str
    uuid: UUID
    label: str
    url: str = ""


@dataclass(frozen=True)
class PlacementFact:
    """A placement as far as a contract cares: which days, and not who."""

    subject: Subject
    course_id: int
    municipality_id: int
    offered_on: date
    # The day of the answer, or None while the provider has not answered.
    answered_on: date | None
    is_accepted: bool
    # The first lesson: planned, and real once there was one.
    planned_start: date | None
    started_on: date | None
    # No lesson is due any more: withdrawn, or stopped before it began.
    is_over: bool = False


@dataclass(frozen=True)
class LessonFact:
    """A lesson whose attendance has not been recorded."""

    subject: Subject
    course_id: int
    day: date


@dataclass(frozen=True)
class LotFact:
    """How much of one contract lot is used, and when its next free start is."""

    subject: Subject
    places: int | None
    places_used: int
    amount: Decimal | None
    amount_used: Decimal
    # Per component: the first day on which somebody could start, None when there is none.
    next_starts: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True)
class StopFact:
    """An intake stop that the provider asked for."""

    subject: Subject
    requested_on: date
    starts_on: date
    is_consented: bool
    is_imposed: bool


@dataclass(frozen=True)
class OptionFact:
    subject: Subject
    notice_date: date
    is_open: bool


@dataclass(frozen=True)
class DocumentFact:
    subject: Subject
    is_required: bool
    issued_date: date | None
    expires_on: date | None


@dataclass(frozen=True)
class PartyFact:
    """Somebody who delivers a course under the responsibility of the contractor."""

    subject: Subject
    valid_from: date
    consent_date: date | None


@dataclass(frozen=True)
class MilestoneFact:
    kind: str
    period_start: date
    met_date: date | None
    amount: Decimal | None


@dataclass(frozen=True)
class ContractFacts:
    """Everything the rules need of one contract on one day."""

    subject: Subject
    start_date: date
    end_date: date
    notice_months: int
    lots: Sequence[LotFact] = ()
    placements: Sequence[PlacementFact] = ()
    lessons: Sequence[LessonFact] = ()
    stops: Sequence[StopFact] = ()
    options: Sequence[OptionFact] = ()
    documents: Sequence[DocumentFact] = ()
    parties: Sequence[PartyFact] = ()
    milestones: Sequence[MilestoneFact] = ()
    # Approved claims per year without what was taken back.
    turnover: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What a rule found: about what, for which day or period, how serious, and the numbers."""

    subject: Subject
    period: str
    severity: Severity
    facts: Mapping[str, Any]
    due_date: date | None = None
