"""The published rules of the waiting list, from the policy in force of each municipality."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.pages import Crumb, Page
from backend.web.tables import Column, table_of
from backend.web.values import Link
from matching.models import MatchingPolicy
from matching.selectors.policy import policy_in_force
from matching.web.waiting_times import municipalities_of


@dataclass(frozen=True)
class InForce:
    """The policy that orders the list of one municipality today."""

    municipality: Organisation
    policy: MatchingPolicy


COLUMNS = (
    Column("municipality", gettext_lazy("Municipality"), "municipality.name", header=True),
    Column(
        "policy",
        gettext_lazy("Policy"),
        lambda one: Link(
            _("version %(version)s") % {"version": one.policy.version},
            reverse("policy", args=[one.policy.uuid]),
        ),
    ),
    Column("from", gettext_lazy("In force from"), "policy.valid_from"),
    Column(
        "urgent",
        gettext_lazy("1. Deadline within so many days"),
        "policy.urgent_within_days",
        numeric=True,
    ),
    Column(
        "long",
        gettext_lazy("2. Waiting longer than so many days"),
        "policy.long_wait_days",
        numeric=True,
    ),
    Column("hold", gettext_lazy("Hours a seat is held"), "policy.hold_hours", numeric=True),
    Column(
        "answer",
        gettext_lazy("Working days for the provider to answer"),
        "policy.answer_business_days",
        numeric=True,
    ),
    Column("seed", gettext_lazy("Published tie-break number"), lambda one: str(one.policy.seed)),
)


class WaitingRulesPage(Page):
    """Who comes first, what is never looked at, and what happens when a seat comes free."""

    permission = Permission.VIEW_PARTICIPANTS
    template_name = "matching/waiting_rules.html"
    title = gettext_lazy("How the order of the waiting list is decided")
    intro = gettext_lazy(
        "These rules are the municipality's published policy. Nobody can buy or talk a place in "
        "the list forward."
    )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Waiting list"), reverse("work-list")),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today()
        rows = [
            InForce(town, policy_in_force(organisation_id=town.pk, on=today))
            for town in municipalities_of(self.actor)
        ]
        table = table_of(
            COLUMNS,
            rows,
            caption=_("The policy in force"),
            empty=_("You do not see the list of any municipality."),
        )
        return self.show(table=table)
