"""Filters of people, plans, the waiting list, runs and placements; keys are camelCase."""

from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    ExactFilter,
    FlagFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
    TextFilter,
)
from backend.common.codes import Component, LearningRoute, Level, Literacy, TargetGroup
from matching.choices import (
    MatchKind,
    NeedState,
    PipLevel,
    PlacementState,
    ProposalDecisionKind,
    RunState,
)
from matching.models import (
    MatchProposal,
    MatchRecord,
    MatchRun,
    Need,
    Participant,
    Pip,
    Placement,
)

TIERS = [("1", "1"), ("2", "2"), ("3", "3")]
CAUSES = [(code, code) for code in ("no_feasible_offer", "all_full", "lost_on_priority")]


class ParticipantFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    reference = ExactFilter()
    reference_contains = TextFilter("reference")
    target_group = CodeFilter("target_group_periods__target_group", choices=TargetGroup.choices)
    notified_from = DayFilter("notified_at_date", "gte")
    notified_to = DayFilter("notified_at_date", "lte")
    term_ends_from = DayFilter("term_end_date", "gte")
    term_ends_to = DayFilter("term_end_date", "lte")
    settled_from = DayFilter("settlement_date", "gte")
    settled_to = DayFilter("settlement_date", "lte")

    class Meta:
        model = Participant

    unfiltered = {
        **RECORD_FIELDS,
        "obligation_start_date": "follows from the notification",
        "first_pip_date": "filter PIPs by date of decision",
        "term_start_date": "follows from the end of the term",
        "third_party_information_date": "read with the person",
        "obligation_end_date": "read with the person",
        "exempt_until": "read with the person",
        "moved_out_date": "read with the person",
        "forgotten_at": "read with the person",
    }


class PipFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("participant__municipality__uuid")
    participant = ReferenceFilter("participant__uuid")
    reference = ExactFilter("participant__reference")
    is_current = FlagFilter()
    route = CodeFilter(choices=LearningRoute.choices)
    level = CodeFilter(choices=PipLevel.choices)
    entry_level = CodeFilter(choices=Level.choices)
    literacy = CodeFilter(choices=Literacy.choices)
    version = IntegerFilter()
    postcode4 = ExactFilter()
    accepts_online = FlagFilter()
    needs_childcare = FlagFilter()
    needs_wheelchair_access = FlagFilter()
    may_finish_education = FlagFilter()
    decided_from = DayFilter("decision_date", "gte")
    decided_to = DayFilter("decision_date", "lte")
    latest_start_from = DayFilter("latest_start_date", "gte")
    latest_start_to = DayFilter("latest_start_date", "lte")

    class Meta:
        model = Pip

    unfiltered = {
        **RECORD_FIELDS,
        "estimated_hours": "read with the PIP",
        "downscale_hours": "read with the PIP",
        "hours_per_week": "read with the PIP",
        "availability": "weighed by the recommendation",
        "latitude": "weighed by the recommendation",
        "longitude": "weighed by the recommendation",
        "max_travel_km": "weighed by the recommendation",
        "earliest_start_date": "weighed by the recommendation",
    }


class NeedFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    participant = ReferenceFilter("pip__participant__uuid")
    pip = ReferenceFilter("pip__uuid")
    reference = ExactFilter("pip__participant__reference")
    component = CodeFilter(choices=Component.choices)
    state = CodeFilter(choices=NeedState.choices)
    tier = CodeFilter(choices=TIERS)
    route = CodeFilter("pip__route", choices=LearningRoute.choices)
    entry_level = CodeFilter("pip__entry_level", choices=Level.choices)
    waiting_since_from = DayFilter("waiting_since", "gte")
    waiting_since_to = DayFilter("waiting_since", "lte")
    deadline_from = DayFilter("deadline", "gte")
    deadline_to = DayFilter("deadline", "lte")

    class Meta:
        model = Need

    unfiltered = {**RECORD_FIELDS, "closed_reason": "read with the need"}


class MatchRecordFilterSet(PassendFilterSet):
    need = ReferenceFilter("need__uuid")
    pip = ReferenceFilter("need__pip__uuid")
    run = ReferenceFilter("run__uuid")
    kind = CodeFilter(choices=MatchKind.choices)
    policy = ReferenceFilter("policy__uuid")
    as_of_from = DayFilter("as_of", "gte")
    as_of_to = DayFilter("as_of", "lte")

    class Meta:
        model = MatchRecord

    unfiltered = {
        **RECORD_FIELDS,
        "actor_key": "internal",
        "actor_label": "read with the record",
        "need_facts": "read with the record",
        "result": "read with the record",
        "failures": "read as the rejected starts of the record",
    }


class MatchRunFilterSet(PassendFilterSet):
    organisation = ReferenceFilter("organisation__uuid")
    state = CodeFilter(choices=RunState.choices)
    policy = ReferenceFilter("policy__uuid")
    as_of_from = DayFilter("as_of", "gte")
    as_of_to = DayFilter("as_of", "lte")

    class Meta:
        model = MatchRun

    unfiltered = {
        **RECORD_FIELDS,
        "requested_by": "internal",
        "requested_by_label": "read with the run",
        "stage": "read with the run",
        "progress": "read with the run",
        "summary": "read with the run",
        "error_reference": "read with the run",
        "started_at": "read with the run",
        "finished_at": "read with the run",
        "expires_at": "read with the run",
    }


class MatchProposalFilterSet(PassendFilterSet):
    run = ReferenceFilter("run__uuid")
    need = ReferenceFilter("need__uuid")
    municipality = ReferenceFilter("need__municipality__uuid")
    component = CodeFilter("need__component", choices=Component.choices)
    intake_moment = ReferenceFilter("intake_moment__uuid")
    tier = CodeFilter(choices=TIERS)
    cause = CodeFilter(choices=CAUSES)
    decision = CodeFilter("decision__kind", choices=ProposalDecisionKind.choices)

    class Meta:
        model = MatchProposal

    unfiltered = {
        **RECORD_FIELDS,
        "score": "sort by it",
        "explanation": "read with the proposal",
    }


class PlacementFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    provider_organisation = ReferenceFilter("provider_organisation__uuid")
    participant = ReferenceFilter("participant__uuid")
    need = ReferenceFilter("need__uuid")
    intake_moment = ReferenceFilter("intake_moment__uuid")
    component = CodeFilter("need__component", choices=Component.choices)
    state = CodeFilter(choices=PlacementState.choices)
    is_referral = FlagFilter()
    course_starts_from = DayFilter("intake_moment__start_date", "gte")
    course_starts_to = DayFilter("intake_moment__start_date", "lte")
    started_from = DayFilter("start_date", "gte")
    started_to = DayFilter("start_date", "lte")
    ended_from = DayFilter("end_date", "gte")
    ended_to = DayFilter("end_date", "lte")

    class Meta:
        model = Placement

    unfiltered = {
        **RECORD_FIELDS,
        "seat_claim": "belongs to the placement",
        "match_record": "belongs to the municipality; a provider may not search by it",
        "proposal": "belongs to the municipality; a provider may not search by it",
        "motivation": "free text of the municipality; a provider may not search in it",
        "overruled_rules": "belongs to the municipality; a provider may not search by it",
        "offered_at": "sort by it",
        "answer_due_at": "sort by it",
        "changed_at": "internal",
    }
