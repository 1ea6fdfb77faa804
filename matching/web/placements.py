"""Placements on screen: the municipality's list, the provider's inbox, and every step."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import labels_of
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.links import links_about
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link
from matching.choices import PLACEMENT_TRANSITIONS, PlacementState
from matching.code_lists import REFUSALS, STOPS, WITHDRAWALS
from matching.models import Placement
from matching.web import texts
from matching.web.filters import PlacementFilters
from matching.web.letters import letter_actions, response_tables
from matching.web.needs import plan_facts
from matching.web.people import identity_of, names_of

DETAILS = (
    "participant",
    "municipality",
    "provider_organisation",
    "need__pip__participant",
    "intake_moment__group__course",
    "intake_moment__group__location",
)
COURSE = Column(
    "course",
    gettext_lazy("Course"),
    lambda one: one.intake_moment.group.course.name,
    sort=("intake_moment__group__course__name",),
)
START = Column(
    "start",
    gettext_lazy("Start"),
    "intake_moment.start_date",
    sort=("intake_moment__start_date",),
)
REFERENCE = Column(
    "reference",
    gettext_lazy("Reference"),
    lambda one: Link(one.participant.reference, reverse("placement", args=[one.uuid])),
    sort=("participant__reference",),
    header=True,
)
NAME = Column("name", gettext_lazy("Name"), lambda one: one.name, export=())
STATE = Column(
    "state", gettext_lazy("Status"), lambda one: texts.placement_badge(one.state), sort=("state",)
)


def answer_badge(placement: Placement) -> Badge | None:
    """How much time the provider has left to answer."""
    if placement.state != PlacementState.OFFERED or placement.answer_due_at is None:
        return None
    day = clock.local_day(placement.answer_due_at)
    days = (day - clock.today()).days
    return Badge(f"{day:%d-%m-%Y}", "danger" if days <= 1 else "warning" if days <= 2 else "info")


class PlacementList(ListPage):
    model = Placement
    filterset_class = PlacementFilters
    permission = Permission.VIEW_PARTICIPANTS
    title = gettext_lazy("Places")
    intro = gettext_lazy("All places that were held or offered, and what became of them.")
    default_sort = "-created"
    export_name = "placements"
    empty_title = gettext_lazy("No places yet")
    empty_text = gettext_lazy("Open somebody on the waiting list and search for a fitting place.")
    columns = (
        REFERENCE,
        NAME,
        COURSE,
        Column(
            "provider",
            gettext_lazy("Provider"),
            "provider_organisation.name",
            sort=("provider_organisation__name",),
        ),
        START,
        STATE,
        Column("due", gettext_lazy("Answer before"), answer_badge, sort=("answer_due_at",)),
        Column("created", gettext_lazy("Entered"), "created_at", sort=("created_at",)),
    )
    purpose = "casework"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*DETAILS)

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        if self.request.GET.get("export"):
            return objects
        names = names_of(self.actor, (one.participant for one in objects), purpose=self.purpose)
        for one in objects:
            one.name = names.get(one.participant_id, "")
        return objects


class InboxPage(PlacementList):
    """What municipalities offered to this provider, the first deadline on top."""

    permission = Permission.ANSWER_PLACEMENTS
    title = gettext_lazy("Inbox")
    intro = gettext_lazy(
        "Places that municipalities offered to you. Answer before the date; "
        "after that the offer expires."
    )
    default_sort = "due"
    export_name = "inbox"
    purpose = "delivery"
    empty_title = gettext_lazy("Nothing to answer")
    empty_text = gettext_lazy("A new offer of a municipality appears here at once.")
    columns = (
        REFERENCE,
        NAME,
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        COURSE,
        Column("level", gettext_lazy("Level"), lambda one: one.need.pip.entry_level),
        START,
        STATE,
        Column("due", gettext_lazy("Answer before"), answer_badge, sort=("answer_due_at",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        mine = self.actor.with_permission(Permission.ANSWER_PLACEMENTS)
        queryset = super().get_queryset().filter(provider_organisation__in=mine)
        if not self.request.GET.get("state"):
            queryset = queryset.filter(state=PlacementState.OFFERED)
        return queryset


EVENT_COLUMNS = (
    Column("when", gettext_lazy("When"), "happened_at", header=True),
    Column("what", gettext_lazy("What"), lambda one: texts.placement_badge(one.state)),
    Column("by", gettext_lazy("By"), "actor_label"),
    Column(
        "reason",
        gettext_lazy("Reason"),
        lambda one: ": ".join(part for part in (one.reason_label, one.note) if part) or None,
    ),
)


def _events(placement: Placement) -> list[Any]:
    """What happened, the last first, with the words of its reasons."""
    found: list[Any] = list(placement.events.order_by(F("happened_at").desc(), "-pk"))
    words: dict[str, str] = {}
    if any(one.reason_code for one in found):
        words = labels_of(REFUSALS, WITHDRAWALS, STOPS)
    for one in found:
        one.reason_label = words.get(one.reason_code, one.reason_code)
    return found


# Per next state: the page that takes the step, its label, and who may take it.
STEPS: tuple[tuple[PlacementState, str, Any, str], ...] = (
    (PlacementState.OFFERED, "placement-offer", gettext_lazy("Offer the place"), "municipality"),
    (PlacementState.ACCEPTED, "placement-accept", gettext_lazy("Accept"), "answer"),
    (PlacementState.REFUSED, "placement-refuse", gettext_lazy("Refuse"), "answer"),
    (PlacementState.STARTED, "placement-start", gettext_lazy("Report start"), "delivery"),
    (PlacementState.STOPPED, "placement-stop", gettext_lazy("Report end"), "delivery"),
    (PlacementState.WITHDRAWN, "placement-withdraw", gettext_lazy("Withdraw"), "municipality"),
)


class PlacementPage(DetailPage):
    """One placement as this party may see it, its history and the steps that are open now."""

    # Both parties come here; what each sees follows from `visible_to`.
    model = Placement
    object: Placement
    template_name = "matching/placement.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*DETAILS, "match_record")

    def get_title(self) -> str:
        return _("Place for %(reference)s") % {"reference": self.object.participant.reference}

    @property
    def is_municipality(self) -> bool:
        return self.actor.may(Permission.VIEW_PARTICIPANTS, self.object.municipality_id)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        if self.is_municipality:
            return ((_("Places"), reverse("placements")),)
        return ((_("Inbox"), reverse("placement-inbox")),)

    def get_actions(self) -> Sequence[Action]:
        placement = self.object
        rights = {
            "municipality": self.actor.may(Permission.PLACE, placement.municipality_id),
            "answer": self.actor.may(
                Permission.ANSWER_PLACEMENTS, placement.provider_organisation_id
            ),
            "delivery": self.actor.may(
                Permission.RECORD_DELIVERY, placement.provider_organisation_id
            ),
        }
        open_states = PLACEMENT_TRANSITIONS[PlacementState(placement.state)]
        steps = [
            (label, reverse(url_name, args=[placement.uuid]))
            for state, url_name, label, party in STEPS
            if state in open_states and rights[party]
        ]
        found = [Action(label, url, primary=not index) for index, (label, url) in enumerate(steps)]
        return [
            *found,
            *letter_actions(self.actor, placement),
            *links_about("placement", self.actor, placement),
        ]

    def get_facts(self) -> Sequence[Fact]:
        placement = self.object
        group = placement.intake_moment.group
        purpose = "casework" if self.is_municipality else "delivery"
        identity = identity_of(self.actor, placement.participant, purpose=purpose)
        facts = [Fact(_("Reference"), placement.participant.reference)]
        if identity is not None:
            facts += [
                Fact(_("Name"), identity.full_name),
                Fact(_("Telephone"), identity.phone or None),
            ]
        facts += [
            Fact(_("Municipality"), placement.municipality.name),
            Fact(_("Course"), str(group.course)),
            Fact(_("Provider"), placement.provider_organisation.name),
            Fact(_("Place"), str(group.location)),
            Fact(_("Start"), placement.intake_moment.start_date),
            Fact(_("Status"), texts.placement_badge(placement.state)),
            Fact(_("Answer before"), answer_badge(placement)),
            Fact(_("First lesson"), placement.start_date),
            Fact(_("Last lesson"), placement.end_date),
        ]
        if placement.is_referral:
            facts.append(Fact(_("Payment"), _("referral: the municipality does not pay")))
        if self.is_municipality:
            facts.append(Fact(_("Motivation"), placement.motivation or None))
        return facts

    def get_tables(self) -> Sequence[Table]:
        return (
            *(response_tables(self.object) if self.is_municipality else ()),
            table_of(EVENT_COLUMNS, _events(self.object), caption=_("History")),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        record_url = ""
        if self.is_municipality:
            record_url = reverse("match-record", args=[self.object.match_record.uuid])
        return super().get_context(
            record_url=record_url,
            need_url=reverse("need", args=[self.object.need.uuid]) if record_url else "",
            learner_facts=self._learner_facts(),
            **extra,
        )

    def _learner_facts(self) -> list[Fact]:
        """What the teacher must know of the plan; not the travel limit or dates of the decision."""
        if self.is_municipality:
            return []
        shown = {_("Learning route"), _("Level"), _("Literacy training"), _("Hours per week")}
        return [fact for fact in plan_facts(self.object.need.pip) if fact.term in shown]
