"""The list of providers; for those who manage contracts it begins where most waits (J2)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.organisations.querysets import holds_on
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ListPage
from backend.web.tables import Column
from backend.web.values import Lines, Link, Value
from providers.choices import MARK_STATUSES_IN_FORCE, MarkKind
from providers.models import Provider, QualityMark
from providers.policies import may_register_providers
from providers.ports import SupplierFigures, supplier_figures
from providers.web.provider_columns import figure_columns, mark_badge, provider_url


class ProviderFilters(PageFilterSet):
    search = SearchFilter(method="find", label=gettext_lazy("Name or number"))
    mark = ChoiceFilter(
        label=gettext_lazy("Recognised today"), choices=MarkKind.choices, method="recognised"
    )

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(organisation__name__icontains=value)
            | Q(duo_number=value)
            | Q(bow_number=value)
            | Q(kvk_number=value)
            | Q(brin__iexact=value)
        )

    def recognised(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        marks = QualityMark.objects.filter(
            holds_on(clock.today()), kind=value, status__in=MARK_STATUSES_IN_FORCE
        )
        return queryset.filter(pk__in=marks.values("provider"))


class ProviderList(ListPage):
    """All providers, with the recognition they hold today."""

    permission = Permission.VIEW_CATALOGUE
    model = Provider
    title = gettext_lazy("Providers")
    intro = gettext_lazy("Language schools and other providers, with their recognition of today.")
    filterset_class = ProviderFilters
    default_sort = "name"
    export_name = "providers"
    empty_title = gettext_lazy("No providers yet")
    empty_text = gettext_lazy("Fetch the list of institutions from DUO, or register a provider.")
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            lambda one: Link(str(one), provider_url(one)),
            sort=("organisation__name",),
            header=True,
        ),
        Column("marks", gettext_lazy("Recognition"), lambda one: Lines(one.marks_today)),
        Column("kvk", gettext_lazy("KvK number"), "kvk_number", sort=("kvk_number",)),
        Column("duo", gettext_lazy("DUO number"), "duo_number", sort=("duo_number",)),
        Column("bow", gettext_lazy("Blik op Werk number"), "bow_number", sort=("bow_number",)),
        Column(
            "courses",
            gettext_lazy("Courses offered"),
            "active_courses",
            sort=("active_courses",),
            numeric=True,
        ),
    )

    @cached_property
    def figures(self) -> SupplierFigures | None:
        """For those who manage contracts the list begins where most waits (J2)."""
        if not self.actor.with_permission(Permission.VIEW_CONTRACTS):
            return None
        return supplier_figures(self.actor)

    def get_columns(self) -> Sequence[Column]:
        if self.figures is None:
            return self.columns
        return (*self.columns, *figure_columns(self.figures))

    def get_queryset(self) -> QuerySet[Any]:
        found = super().get_queryset().select_related("organisation")
        found = found.annotate(active_courses=Count("courses", filter=Q(courses__is_active=True)))
        if self.figures is None:
            return found
        self.default_sort = "-findings"  # type: ignore[misc]
        return found.annotate(
            open_findings=self.figures.findings, running_places=self.figures.places
        )

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        marks: dict[int, list[Value]] = {}
        today = QualityMark.objects.filter(holds_on(clock.today()), provider__in=objects)
        for mark in today.order_by("kind"):
            marks.setdefault(mark.provider_id, []).append(mark_badge(mark))
        for one in objects:
            one.marks_today = tuple(marks.get(one.pk, ()))
        return objects

    def get_actions(self) -> Sequence[Action]:
        if not may_register_providers(self.actor):
            return ()
        return (Action(_("List of institutions of DUO"), reverse("institutions")),)
