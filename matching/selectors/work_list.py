"""Who waits for what, in the published order: urgency class first, then the longest wait."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Case, IntegerField, Q, Value, When

from backend.accounts.public import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from matching.models import MatchingPolicy, Need
from matching.querysets import NeedQuerySet
from matching.selectors.policy import default_policy

URGENT, LONG_WAIT, OTHER = 1, 2, 3


def work_list(actor: Actor) -> NeedQuerySet:
    """The needs that the actor may see, with `tier` under the policy of their municipality.

    Ordered by tier, then waiting since, then key. Filter on `state`, `tier`, `component`; days
    waiting are today minus `waiting_since`. Two queries to build, one to read.
    """
    needs = Need.objects.visible_to(actor)
    municipalities = actor.with_permission(Permission.VIEW_PARTICIPANTS)
    return with_tier(needs, municipalities).order_by("tier", "waiting_since", "pk")


def with_tier(needs: NeedQuerySet, municipality_ids: Iterable[int]) -> NeedQuerySet:
    """Adds `tier`, the number that the engine gives today under each municipality's policy."""
    on = clock.today()
    own: dict[int, MatchingPolicy] = {}
    for policy in MatchingPolicy.objects.filter(
        organisation__in=list(municipality_ids), valid_from__lte=on
    ).order_by("organisation", "version"):
        assert policy.organisation_id is not None
        own[policy.organisation_id] = policy
    whens = [
        when
        for organisation_id, policy in sorted(own.items())
        for when in _whens(policy, on, Q(municipality=organisation_id))
    ]
    others = ~Q(municipality__in=sorted(own)) if own else Q()
    whens += _whens(default_policy(), on, others)
    return needs.annotate(tier=Case(*whens, default=Value(OTHER), output_field=IntegerField()))


def _whens(policy: MatchingPolicy, on: date, who: Q) -> list[When]:
    """Tier 1 and 2 as engine.md has them: deadline - today <= urgent; today - since > long wait."""
    urgent = on + timedelta(days=policy.urgent_within_days)
    long_wait = on - timedelta(days=policy.long_wait_days)
    return [
        When(who & Q(deadline__lte=urgent), then=Value(URGENT)),
        When(who & Q(waiting_since__lt=long_wait), then=Value(LONG_WAIT)),
    ]
