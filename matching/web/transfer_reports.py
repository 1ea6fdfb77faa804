"""Groups that were moved away from a provider: found again, with who stayed and why."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text, Value
from matching.models import GroupTransfer, TransferOutcome

RELATED = ("municipality", "provider__organisation")


class TransferFilters(PageFilterSet):
    search = SearchFilter(field_name="provider__organisation__name", lookup_expr="icontains")

    class Meta:
        model = GroupTransfer
        fields: tuple[str, ...] = ()


def _link(report: GroupTransfer) -> Value:
    return Link(
        f"{report.created_at:%d-%m-%Y %H:%M}", reverse("group-transfer", args=[report.uuid])
    )


class TransferList(ListPage):
    permission = Permission.PLACE
    model = GroupTransfer
    title = gettext_lazy("Moved groups")
    intro = gettext_lazy("Who was moved away from a provider, who stayed, and why.")
    filterset_class = TransferFilters
    default_sort = "-made"
    export_name = "group-transfers"
    empty_title = gettext_lazy("No group has been moved yet")
    empty_text = gettext_lazy("Open a provider and choose “Move people”.")
    columns = (
        Column("made", gettext_lazy("Day of the move"), _link, sort=("created_at",), header=True),
        Column(
            "provider",
            gettext_lazy("Away from"),
            "provider.organisation.name",
            sort=("provider__organisation__name",),
        ),
        Column("municipality", gettext_lazy("Municipality"), "municipality.name"),
        Column("by", gettext_lazy("By"), "made_by"),
        Column("moved", gettext_lazy("Moved"), "moved", sort=("moved",), numeric=True),
        Column("stayed", gettext_lazy("Stayed"), "stayed", sort=("stayed",), numeric=True),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*RELATED)


def _person(one: TransferOutcome) -> Value:
    place = one.placement
    return Link(place.participant.reference, reverse("placement", args=[place.uuid]))


def _target(one: TransferOutcome) -> Text:
    course = one.intake_moment.group.course
    return f"{course.provider}, {course.name}, {one.intake_moment.start_date:%d-%m-%Y}"


def _result(one: TransferOutcome) -> Value:
    if one.new_placement is None:
        return Badge(_("Stays"), "warning")
    return Link(_("New place"), reverse("placement", args=[one.new_placement.uuid]))


OUTCOME_COLUMNS = (
    Column("person", gettext_lazy("Person"), _person, header=True),
    Column("target", gettext_lazy("To"), _target),
    Column("result", gettext_lazy("Result"), _result),
    Column("reason", gettext_lazy("Why not"), "message"),
)


class TransferReportPage(DetailPage):
    permission = Permission.PLACE
    model = GroupTransfer

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*RELATED)

    def get_title(self) -> Text:
        return _("Moved away from %(name)s") % {"name": self.object.provider}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Moved groups"), reverse("group-transfers")),)

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(
                _("Move people"), reverse("provider-transfer", args=[self.object.provider.uuid])
            ),
        )

    def get_facts(self) -> Sequence[Fact]:
        report = self.object
        return (
            Fact(_("Municipality"), report.municipality.name),
            Fact(_("Day of the move"), report.created_at),
            Fact(_("By"), report.made_by),
            Fact(_("Moved"), report.moved),
            Fact(_("Stayed"), report.stayed),
            Fact(_("Written approval of Blik op Werk"), report.approval),
        )

    def get_tables(self) -> Sequence[Table]:
        outcomes = self.object.outcomes.select_related(
            "placement__participant",
            "new_placement",
            "intake_moment__group__course__provider__organisation",
        ).order_by("pk")
        # Who stayed is what somebody opens this page for.
        rows = sorted(outcomes, key=lambda one: one.new_placement_id is not None)
        return (
            table_of(
                OUTCOME_COLUMNS,
                rows,
                caption=_("Who moved and who stayed"),
                empty=_("Nobody is known any more."),
            ),
        )
