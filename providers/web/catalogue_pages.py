"""Searching the catalogue: everything that still starts, as a list and as a picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.filters import PageFilterSet
from backend.web.pages import ListPage
from backend.web.tables import Column
from providers.models import IntakeMoment
from providers.web import columns
from providers.web.catalogue_map import catalogue_map
from providers.web.filters import CatalogueFilters
from providers.web.views import GROUP_LESSONS


class CataloguePage(ListPage):
    """Everything that still starts and can be chosen."""

    permission = Permission.VIEW_CATALOGUE
    model = IntakeMoment
    template_name = "providers/catalogue.html"
    title = gettext_lazy("Course catalogue")
    intro = gettext_lazy("All starts that are open for registration, of all providers.")
    filterset_class = CatalogueFilters
    default_sort = "start"
    export_name = "catalogue"
    empty_title = gettext_lazy("No course starts yet")
    empty_text = gettext_lazy("As soon as a provider publishes an intake moment, it appears here.")
    columns = (
        Column(
            "course",
            gettext_lazy("Course"),
            columns.course_link,
            sort=("group__course__name",),
            header=True,
        ),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "group.course.provider.organisation.name",
            sort=("group__course__provider__organisation__name",),
        ),
        Column(
            "component",
            gettext_lazy("Kind of course"),
            "group.course.get_kind_display",
            sort=("group__course__kind",),
        ),
        Column(
            "level",
            gettext_lazy("Level"),
            lambda moment: (
                f"{columns.entry_levels(moment.group.course)} → {moment.group.course.target_level}"
            ),
            sort=("group__course__level_from", "group__course__target_level"),
        ),
        Column(
            "place",
            gettext_lazy("Place"),
            "group.location.place",
            sort=("group__location__place",),
        ),
        Column("lessons", gettext_lazy("Lessons"), lambda moment: columns.day_parts(moment.group)),
        Column("distance", gettext_lazy("Distance"), columns.distance, numeric=True),
        columns.START,
        columns.SEATS,
    )

    def get_filterset(self, queryset: QuerySet[Any]) -> PageFilterSet | None:
        self.filterset = super().get_filterset(queryset)
        return self.filterset

    def get_overview(self, rows: QuerySet[Any]) -> Mapping[str, Any]:
        """Where the starts are: people rather look than read."""
        filters: Any = self.filterset
        return {
            "map": catalogue_map(
                rows, self.request.GET, centre=filters.centre, within=filters.kilometres
            )
        }

    def get_columns(self) -> Sequence[Column]:
        """Without a postcode there is no distance to show."""
        if self.request.GET.get("near"):
            return self.columns
        return tuple(one for one in self.columns if one.key != "distance")

    def get_queryset(self) -> QuerySet[Any]:
        return (
            IntakeMoment.objects.with_seats_free()
            .open_on(clock.today())
            .visible_to(self.actor)
            .filter(group__course__is_active=True)
            .select_related("group__course__provider__organisation", "group__location")
            .prefetch_related(GROUP_LESSONS)
        )
