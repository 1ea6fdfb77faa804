"""When the next talk about progress is due: the agreed interval, or the policy's."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    DateField,
    F,
    Func,
    IntegerField,
    Max,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from backend.common import clock
from matching.models import Participant
from matching.selectors.policy import default_policy, policy_in_force


@dataclass(frozen=True)
class TalkPlan:
    """The interval that holds, the last talk and the day on which the next is due."""

    weeks: int
    is_own_interval: bool
    last: date | None
    due: date | None


def talk_plan(participant: Participant) -> TalkPlan:
    """Counted from the last talk, or else from the first PIP; no talk is due before that."""
    agreements = getattr(participant, "agreements", None)
    own = agreements.talk_interval_weeks if agreements else None
    policy = policy_in_force(organisation_id=participant.municipality_id, on=clock.today())
    weeks = own or policy.talk_interval_weeks
    last = participant.progress_talks.aggregate(last=Max("held_on"))["last"]
    start = last or participant.first_pip_date
    is_over = participant.moved_out_date or participant.obligation_end_date
    return TalkPlan(
        weeks=weeks,
        is_own_interval=own is not None,
        last=last,
        due=start + timedelta(weeks=weeks) if start and not is_over else None,
    )


def with_talk_due(people: QuerySet[Any], municipalities: frozenset[int]) -> QuerySet[Any]:
    """People with a PIP and a running obligation, with `last_talk`, `talk_weeks` and `talk_due`."""
    today = clock.today()
    by_policy = Case(
        *(
            When(
                municipality=key,
                then=Value(policy_in_force(organisation_id=key, on=today).talk_interval_weeks),
            )
            for key in sorted(municipalities)
        ),
        default=Value(default_policy().talk_interval_weeks),
        output_field=IntegerField(),
    )
    return people.filter(
        first_pip_date__isnull=False,
        obligation_end_date__isnull=True,
        moved_out_date__isnull=True,
        pips__is_current=True,
    ).annotate(
        last_talk=Max("progress_talks__held_on"),
        talk_weeks=Coalesce(F("agreements__talk_interval_weeks"), by_policy),
        talk_due=Func(
            Coalesce(Max("progress_talks__held_on"), F("first_pip_date")),
            Coalesce(F("agreements__talk_interval_weeks"), by_policy),
            template="(%(expressions)s)",
            arg_joiner=" + 7 * ",
            output_field=DateField(),
        ),
    )
