"""Two households among the people who wait, and a bundle of places for one of their members."""

from collections import defaultdict
from datetime import timedelta

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.codes import LearningRoute, TargetGroup
from backend.organisations.public import Organisation
from matching.choices import NeedState
from matching.household_choices import Wish
from matching.models import Household, Pip
from matching.services.bundles import bundle_propose
from matching.services.households import HouseholdData, household_register

# How long the first household holds out for one location; after that each starts alone.
TOGETHER_FOR = timedelta(days=90)


def households_build(actor: Actor, municipality: Organisation) -> list[Household]:
    """One couple that wants one school until a date, one that leaves somebody with the children."""
    couples = _couples(municipality)
    wishes = ((Wish.SAME_PLACE, clock.today() + TOGETHER_FOR), (Wish.OPPOSITE_TIMES, None))
    made = [
        household_register(
            actor=actor,
            data=HouseholdData(
                participants=[one.participant for one in couple], wish=wish, until_date=until
            ),
        )
        for couple, (wish, until) in zip(couples, wishes, strict=False)
    ]
    for couple in couples[:1]:
        bundle_propose(actor=actor, pip=couple[0])
    return made


def _couples(municipality: Organisation) -> list[tuple[Pip, Pip]]:
    """People who could follow the same course, two by two, in the order of their references."""
    waiting = (
        Pip.objects.filter(
            participant__municipality=municipality,
            participant__household_member__isnull=True,
            participant__target_group_periods__target_group=TargetGroup.ASYLUM,
            participant__target_group_periods__valid_to__isnull=True,
            is_current=True,
            route=LearningRoute.B1_ROUTE,
            needs__component=LearningRoute.B1_ROUTE,
            needs__state=NeedState.WAITING,
        )
        .select_related("participant")
        .order_by("participant__reference")
    )
    alike: dict[tuple[str, str, str], list[Pip]] = defaultdict(list)
    for pip in waiting:
        alike[pip.entry_level, pip.level, pip.literacy].append(pip)
    largest = max(alike.values(), key=len, default=[])
    return list(zip(largest[0:4:2], largest[1:4:2], strict=False))
