"""The caseworker's work list, a need with its plan, and the request for a recommendation."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import LearningRoute
from backend.organisations.permissions import Permission
from backend.web.links import links_about
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage, Page, VisibleMixin
from backend.web.tables import Column, Table, table_of
from backend.web.values import Link, Value
from matching.choices import NeedState
from matching.errors import TemporarilyExemptError
from matching.models import MatchRecord, Need, Pip, Placement
from matching.public import recommendation_create, work_list
from matching.web import texts
from matching.web.agreement_pages import agreement_facts, person_actions, person_tables
from matching.web.clocks import last_day_of_term, need_clocks, person_clocks
from matching.web.completion_pages import completion_facts
from matching.web.filters import WorkListFilters
from matching.web.households import household_facts
from matching.web.people import identity_of, names_of
from matching.web.pip_pages import new_pip_actions
from matching.web.waiting_tables import journey_tables

WORK_LIST: Crumb = (gettext_lazy("Waiting list"), "/work-list")
PURPOSE = "casework"


def days_waiting(need: Need) -> int:
    return (clock.today() - need.waiting_since).days


class WorkListPage(ListPage):
    """Everybody who waits, in the order of the published priority."""

    permission = Permission.VIEW_PARTICIPANTS
    model = Need
    title = gettext_lazy("Waiting list")
    intro = gettext_lazy(
        "One list over all providers: people wait for what they need, not for one course. "
        "Legal deadlines come first, then long waits."
    )
    filterset_class = WorkListFilters
    default_sort = "urgency"
    export_name = "waiting-list"
    empty_title = gettext_lazy("Nobody is waiting")
    empty_text = gettext_lazy("As soon as a PIP is entered, the person appears here.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda need: Link(need.pip.participant.reference, reverse("need", args=[need.uuid])),
            sort=("pip__participant__reference",),
            header=True,
        ),
        Column("name", gettext_lazy("Name"), lambda need: need.name, export=()),
        Column(
            "component", gettext_lazy("Waits for"), "get_component_display", sort=("component",)
        ),
        Column("level", gettext_lazy("Level"), lambda need: need.pip.level, sort=("pip__level",)),
        Column(
            "urgency",
            gettext_lazy("Urgency"),
            lambda need: texts.tier_badge(need.tier),
            sort=("tier", "waiting_since"),
        ),
        Column(
            "waiting",
            gettext_lazy("Days waiting"),
            days_waiting,
            sort=("-waiting_since",),
            numeric=True,
        ),
        Column("deadline", gettext_lazy("Legal deadline"), "deadline", sort=("deadline",)),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        Column("state", gettext_lazy("Status"), lambda need: texts.need_badge(need.state)),
    )

    def get_actions(self) -> Sequence[Action]:
        due = Action(_("People whose PIP is due"), reverse("pips-due"))
        freed = Action(_("Seats that came free"), reverse("seat-offers"))
        times = Action(_("Waiting times"), reverse("waiting-times"))
        rules = Action(_("How the order is decided"), reverse("waiting-rules"))
        return (*new_pip_actions(self), due, freed, times, rules)

    def get_queryset(self) -> QuerySet[Any]:
        needs = work_list(self.actor).select_related("municipality", "pip__participant")
        # The list is about who still waits; the other states are one filter away.
        if self.request.GET.get("state", "") in {"", NeedState.WAITING}:
            needs = needs.waiting()
        return needs

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        if self.request.GET.get("export"):
            return objects
        names = names_of(self.actor, (need.pip.participant for need in objects), purpose=PURPOSE)
        for need in objects:
            need.name = names.get(need.pip.participant_id, "")
        return objects


def person_facts(page: DetailPage, pip: Pip) -> list[Fact]:
    """Who it is about: the name only for those who may see it."""
    participant = pip.participant
    identity = identity_of(page.actor, participant, purpose=PURPOSE)
    facts = [Fact(_("Reference"), participant.reference)]
    if identity is not None:
        facts += [
            Fact(_("Name"), identity.full_name),
            Fact(_("Telephone"), identity.phone or None),
            Fact(_("E-mail"), identity.email or None),
        ]
    return [*facts, Fact(_("Municipality"), participant.municipality.name)]


def plan_facts(pip: Pip) -> list[Fact]:
    """What the PIP says about the place that fits."""
    travel: Value = (
        texts.kilometres(pip.max_travel_km)
        if pip.max_travel_km
        else _("as in the policy of the municipality")
    )
    wishes = [
        label
        for wanted, label in (
            (pip.needs_childcare, _("childcare")),
            (pip.needs_wheelchair_access, _("wheelchair access")),
            (pip.accepts_online, _("online lessons are possible")),
        )
        if wanted
    ]
    return [
        Fact(_("Learning route"), LearningRoute(pip.route).label),
        Fact(
            _("Level"),
            _("from %(entry)s to %(target)s") % {"entry": pip.entry_level, "target": pip.level},
        ),
        Fact(_("Literacy training"), pip.get_literacy_display()),
        Fact(_("Hours per week"), pip.hours_per_week),
        Fact(_("Available"), texts.slot_labels(pip.availability)),
        Fact(_("Travel limit"), travel),
        Fact(
            _("Start"),
            _("between %(earliest)s and %(latest)s")
            % {
                "earliest": f"{pip.earliest_start_date:%d-%m-%Y}",
                "latest": f"{pip.latest_start_date:%d-%m-%Y}",
            },
        ),
        Fact(_("Also needed"), ", ".join(map(str, wishes)) or None),
        Fact(_("Date of the PIP"), pip.decision_date),
        Fact(_("Last day of the integration term"), last_day_of_term(pip.participant)),
        Fact(_("Temporarily exempt until"), pip.participant.exempt_until),
    ]


PLACEMENT_COLUMNS = (
    Column(
        "course",
        gettext_lazy("Course"),
        lambda one: Link(
            str(one.intake_moment.group.course), reverse("placement", args=[one.uuid])
        ),
        header=True,
    ),
    Column("provider", gettext_lazy("Provider"), "provider_organisation.name"),
    Column("start", gettext_lazy("Start"), "intake_moment.start_date"),
    Column("state", gettext_lazy("Status"), lambda one: texts.placement_badge(one.state)),
)
RECORD_COLUMNS = (
    Column(
        "date",
        gettext_lazy("Searched on"),
        lambda one: Link(
            f"{clock.local_day(one.created_at):%d-%m-%Y}", reverse("match-record", args=[one.uuid])
        ),
        header=True,
    ),
    Column("kind", gettext_lazy("Way"), "get_kind_display"),
    Column("by", gettext_lazy("By"), "actor_label"),
    Column(
        "fitting",
        gettext_lazy("Fitting starts"),
        lambda one: one.result.get("counts", {}).get("feasible"),
        numeric=True,
    ),
)


class NeedPage(DetailPage):
    """One person's need: the plan, the clocks, what was searched and offered so far."""

    permission = Permission.VIEW_PARTICIPANTS
    model = Need
    template_name = "matching/need.html"
    object: Need

    def get_queryset(self) -> QuerySet[Any]:
        return work_list(self.actor).select_related("pip__participant__municipality")

    def get_title(self) -> str:
        return _("%(component)s for %(reference)s") % {
            "component": self.object.get_component_display(),
            "reference": self.object.pip.participant.reference,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)

    def get_actions(self) -> Sequence[Action]:
        whole = Action(_("The whole PIP"), reverse("pip", args=[self.object.pip.uuid]))
        why = Action(_("Why not this place?"), reverse("why-not", args=[self.object.uuid]))
        return (whole, why) if self.object.is_searched else (whole,)

    def get_facts(self) -> Sequence[Fact]:
        need = self.object
        return [
            *person_facts(self, need.pip),
            Fact(_("Status"), texts.need_badge(need.state)),
            Fact(_("Urgency"), texts.tier_badge(need.tier)),  # type: ignore[attr-defined]
            Fact(_("Waiting since"), need.waiting_since),
            Fact(_("Days waiting"), days_waiting(need)),
            Fact(_("Legal deadline"), need.deadline),
            *need_clocks(need),
            *person_clocks(need.pip.participant),
        ]

    def get_tables(self) -> Sequence[Table]:
        placements = self.object.placements.select_related(
            "intake_moment__group__course", "provider_organisation"
        )
        records = self.object.match_records.all()[:10]
        return (
            table_of(
                PLACEMENT_COLUMNS,
                placements,
                caption=_("Places"),
                empty=_("No place has been held or offered yet."),
            ),
            table_of(
                RECORD_COLUMNS,
                records,
                caption=_("Earlier searches"),
                empty=_("Nobody has searched for a place yet."),
            ),
            *journey_tables(self.object),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        need = self.object
        until = need.pip.participant.exempt_until
        return super().get_context(
            plan_facts=plan_facts(need.pip),
            may_search=need.is_searched and self.actor.may(Permission.PLACE, need.municipality_id),
            not_searched=TemporarilyExemptError.until(until).message
            if until and need.pip.participant.is_exempt
            else "",
            **extra,
        )


class RecommendPage(VisibleMixin, Page):
    """Weighs all open starts for the need and shows the stored record of it."""

    permission = Permission.PLACE
    model = Need

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Somebody who reloads or shares the address lands on the need itself.
        return HttpResponseRedirect(reverse("need", args=[self.kwargs["uuid"]]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record: MatchRecord = recommendation_create(actor=self.actor, need=self.get_object())
        return HttpResponseRedirect(reverse("match-record", args=[record.uuid]))


NEED_COLUMNS = (
    Column(
        "component",
        gettext_lazy("Component"),
        lambda one: Link(one.get_component_display(), reverse("need", args=[one.uuid])),
        header=True,
    ),
    Column("state", gettext_lazy("Status"), lambda one: texts.need_badge(one.state)),
    Column("since", gettext_lazy("Waiting since"), "waiting_since"),
    Column("deadline", gettext_lazy("Legal deadline"), "deadline"),
)


class PipPage(DetailPage):
    """The Personal Integration and Participation Plan with everything that follows from it."""

    permission = Permission.VIEW_PARTICIPANTS
    model = Pip
    object: Pip

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("participant__municipality", "participant__agreements")
            .prefetch_related(Prefetch("needs", Need.objects.order_by("component")))
        )

    def get_title(self) -> str:
        return _("PIP of %(reference)s") % {"reference": self.object.participant.reference}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)

    def get_facts(self) -> Sequence[Fact]:
        pip = self.object
        clocks = person_clocks(pip.participant)
        agreed = agreement_facts(pip.participant)
        home = household_facts(pip.participant)
        done = completion_facts(pip.participant)
        return [*person_facts(self, pip), *plan_facts(pip), *home, *agreed, *done, *clocks]

    def get_actions(self) -> Sequence[Action]:
        person = self.object.participant
        found = list(links_about("pip", self.actor, self.object))
        searched = self.object.is_current and not person.is_exempt
        if searched and self.actor.may(Permission.PLACE, person.municipality_id):
            url = reverse("bundle-new", args=[self.object.uuid])
            found.append(Action(_("All components together"), url))
        if self.actor.may(Permission.MANAGE_PIPS, person.municipality_id):
            url = reverse("pip-version-new", args=[person.uuid])
            found += [Action(_("New version"), url), *person_actions(person)]
            found.append(Action(_("Household"), reverse("household", args=[person.uuid])))
        return found

    def get_tables(self) -> Sequence[Table]:
        placements = (
            Placement.objects.visible_to(self.actor)
            .filter(need__pip=self.object)
            .select_related("intake_moment__group__course", "provider_organisation")
        )
        return (
            table_of(
                NEED_COLUMNS,
                self.object.needs.all(),
                caption=_("What this person needs"),
                empty=_("Nothing follows from this PIP."),
            ),
            table_of(
                PLACEMENT_COLUMNS,
                placements,
                caption=_("Places"),
                empty=_("No place has been held or offered yet."),
            ),
            *person_tables(self.object.participant),
        )
