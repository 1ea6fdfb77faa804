"""Why a start does not fit somebody: which rules fail, the facts on both sides, and what helps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.common.codes import Component, Literacy, TargetGroup
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text, Value, day_text
from matching.models import Need
from matching.services.why_not import NotFitting, RuleCheck, WhyNot, not_fitting_starts, why_not
from matching.web import texts
from matching.web.figure_pages import ActorForm, FigurePage, Part, part
from providers.models import IntakeMoment

DETAILS = ("group__course__provider__organisation", "group__location")


def need_of(page: Any) -> Need:
    """The need in the address, through the actor's eyes; 404 when not visible."""
    found = (
        Need.objects.visible_to(page.actor)
        .select_related("pip__participant__municipality")
        .filter(uuid=page.kwargs["uuid"])
        .first()
    )
    if found is None:
        raise Http404
    return found


def need_crumbs(need: Need) -> Sequence[Crumb]:
    name = _("%(component)s for %(reference)s") % {
        "component": need.get_component_display(),
        "reference": need.pip.participant.reference,
    }
    return (
        (_("Waiting list"), reverse("work-list")),
        (name, reverse("need", args=[need.uuid])),
    )


class WhyNotForm(ActorForm):
    search = forms.CharField(
        label=gettext_lazy("Course, provider or place"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


LIST_COLUMNS = (
    Column("course", gettext_lazy("Course"), lambda one: one.link, header=True),
    Column(
        "provider", gettext_lazy("Provider"), "found.intake.group.course.provider.organisation.name"
    ),
    Column("place", gettext_lazy("Place"), "found.intake.group.location.place"),
    Column("start", gettext_lazy("Start"), "found.intake.start_date"),
    Column(
        "rules",
        gettext_lazy("What stands in the way"),
        lambda one: "; ".join(texts.rule_label(code) for code in one.found.rules),
    ),
)


class _Line:
    """A start that does not fit, with the way to the reasons."""

    def __init__(self, need: Need, found: NotFitting) -> None:
        self.found = found
        url = reverse("why-not-place", args=[need.uuid, found.intake.uuid])
        self.link = Link(found.intake.group.course.name, url)


class WhyNotList(FigurePage):
    """All open starts of the component that do not fit somebody; the nearest come first."""

    permission = Permission.VIEW_PARTICIPANTS
    title = gettext_lazy("Why not this place?")
    intro = gettext_lazy(
        "Open starts that do not fit this person today. Choose one to see which rules fail and "
        "what would help."
    )
    form_class = WhyNotForm
    export_name = "why-not"
    export_columns = LIST_COLUMNS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.need = need_of(self)
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return need_crumbs(self.need)

    def rows(self, chosen: Mapping[str, Any]) -> Sequence[_Line]:
        return [_Line(self.need, one) for one in not_fitting_starts(self.need, **chosen)]

    def parts(self, rows: Sequence[_Line], chosen: Mapping[str, Any]) -> Sequence[Part]:
        title = _("Starts that do not fit")
        empty = _("Every open start of this component fits, or there is none. Search for a place.")
        return (part(title, table_of(LIST_COLUMNS, rows, caption=title, empty=empty)),)


def _level(value: Mapping[str, str]) -> str:
    if "level" in value:
        return _("from %(entry)s to %(target)s") % {
            "entry": value["level"],
            "target": value["target"],
        }
    return _("starts at %(low)s to %(high)s, up to %(target)s") % {
        "low": value["from"],
        "high": value["to"],
        "target": value["target"],
    }


def _labels(choices: Any, value: Any) -> str:
    values = [value] if isinstance(value, str) else value
    return ", ".join(str(choices(one).label) for one in values) or _("nobody")


def fact_text(code: str, value: Any) -> Value:
    """One side of a rule in words."""
    if value is None:
        return None
    if value == "not_required":
        return _("not required")
    words = {
        "ROUTE": lambda: _labels(Component, value),
        "LEVEL": lambda: _level(value),
        "LITERACY": lambda: _labels(Literacy, value),
        "REGION_CONTRACT": lambda: _labels(TargetGroup, value),
        "DISTANCE": lambda: texts.kilometres(value),
        "DAYPART": lambda: texts.slot_labels(value),
        "CEILING": lambda: _("%(places)s places left") % {"places": value},
        "SEATS": lambda: _("%(seats)s free") % {"seats": value},
    }
    if code in words:
        return str(words[code]())
    return day_text(value) if hasattr(value, "isoformat") else value


# What each rule is about; the labels of the engine say how it fails.
RULE_NAMES: Mapping[str, Text] = {
    "ROUTE": gettext_lazy("Component"),
    "LEVEL": gettext_lazy("Level"),
    "LITERACY": gettext_lazy("Literacy training"),
    "REGION_CONTRACT": gettext_lazy("Contract for this municipality and target group"),
    "MARK": gettext_lazy("Quality mark on the start date"),
    "CEILING": gettext_lazy("Ceiling of the contract, or the share of the municipality"),
    "DISTANCE": gettext_lazy("Travel distance"),
    "DAYPART": gettext_lazy("Day-parts of the lessons"),
    "START_EARLY": gettext_lazy("Earliest start"),
    "START_LATE": gettext_lazy("Latest start"),
    "TERM": gettext_lazy("Ends within the integration term"),
    "CHILDCARE": gettext_lazy("Childcare"),
    "ACCESS": gettext_lazy("Wheelchair access"),
    "SEATS": gettext_lazy("Free seats"),
    "OVERLAP": gettext_lazy("No other lessons at the same time"),
    "HOUSEHOLD": gettext_lazy("The household can start together"),
}


def rule_name(code: str) -> Text:
    return RULE_NAMES.get(code) or texts.rule_label(code)


RULE_COLUMNS = (
    Column("rule", gettext_lazy("Rule"), lambda one: rule_name(one.code), header=True),
    Column(
        "outcome",
        gettext_lazy("Outcome"),
        lambda one: Badge(_("Fails"), "danger") if one.failed else Badge(_("Fits"), "success"),
    ),
    Column("person", gettext_lazy("This person"), lambda one: fact_text(one.code, one.need)),
    Column("place", gettext_lazy("This place"), lambda one: fact_text(one.code, one.offer)),
    Column(
        "help",
        gettext_lazy("What would help"),
        lambda one: help_text(one) if one.failed else None,
    ),
)


def help_text(check: RuleCheck) -> Value:
    """The smallest change that would satisfy the rule, in words."""
    return texts.near_miss(check.code, check.relax)


class WhyNotPage(DetailPage):
    """One person and one start: every rule, with the facts, and what would help."""

    permission = Permission.VIEW_PARTICIPANTS
    need: Need
    intake: IntakeMoment
    found: WhyNot

    def get_object(self) -> Any:
        self.need = need_of(self)
        found = (
            IntakeMoment.objects.visible_to(self.actor)
            .select_related(*DETAILS)
            .filter(uuid=self.kwargs["intake_moment"])
            .first()
        )
        if found is None:
            raise Http404
        self.intake, self.found = found, why_not(need=self.need, intake=found)
        return found

    def get_title(self) -> str:
        return _("Why not %(course)s?") % {"course": self.intake.group.course.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        url = reverse("why-not", args=[self.need.uuid])
        return (*need_crumbs(self.need), (_("Why not this place?"), url))

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("To the start"), reverse("intake-moment", args=[self.intake.uuid])),)

    def get_facts(self) -> Sequence[Fact]:
        intake = self.intake
        return (
            Fact(_("Reference"), self.need.pip.participant.reference),
            Fact(_("Provider"), intake.group.course.provider.organisation.name),
            Fact(_("Place"), f"{intake.group.location.name}, {intake.group.location.place}"),
            Fact(_("Start"), intake.start_date),
            Fact(_("Outcome"), verdict(self.found)),
        )

    def get_tables(self) -> Sequence[Table]:
        if not self.found.is_open:
            return ()
        ordered = sorted(self.found.checks, key=lambda one: not one.failed)
        return (table_of(RULE_COLUMNS, ordered, caption=_("All rules")),)


def verdict(found: WhyNot) -> Badge:
    """The outcome in a few words, the strongest obstacle first."""
    if not found.is_open:
        return Badge(_("This start is not open any more"), "danger")
    if not found.waits:
        return Badge(_("This person does not wait any more for this component"), "neutral")
    if found.is_stopped:
        return Badge(_("The provider takes in nobody of this municipality now"), "danger")
    if found.failed:
        number = len(found.failed)
        text = ngettext(
            "%(number)s rule stands in the way", "%(number)s rules stand in the way", number
        )
        return Badge(text % {"number": number}, "warning")
    return Badge(_("This place fits"), "success")
