"""A provider keeps its own catalogue: courses, groups, locations and who delivers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.organisations.permissions import Permission
from backend.organisations.public import coordinates_by_postcode
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Link, Text
from backend.web.views import Wanted
from providers.choices import LANGUAGE_KINDS
from providers.models import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    Location,
    TeacherHours,
)
from providers.policies import may_manage_catalogue
from providers.selectors.teachers import group_limits
from providers.services.catalogue import course_add, group_add
from providers.services.drafts import CourseDraft, GroupDraft, LocationDraft
from providers.services.editing import course_update, group_update, location_update
from providers.services.files import delivery_party_remove, delivery_party_save
from providers.services.provider import location_add
from providers.web import columns
from providers.web.forms import (
    CourseForm,
    DeliveryPartyForm,
    GroupForm,
    LocationForm,
    lessons_as_text,
)
from providers.web.own import OwnGroupMixin, OwnProviderMixin, own_providers, require_own, visible

COURSE_NAMES = (
    "code", "name", "kind", "component", "level_from", "level_to", "target_level", "literacy",
    "hours_per_week", "total_hours", "mode", "age_from", "age_to", "special_groups",
    "support_languages", "description", "is_active",
)  # fmt: skip
LOCATION_NAMES = (
    "code", "name", "street", "house_number", "postcode", "place", "wheelchair_accessible",
    "childcare",
)  # fmt: skip


class CourseNewPage(OwnProviderMixin, FormPage):
    """A new course of the provider; groups and starts come after it."""

    title = gettext_lazy("Add course")
    form_class = CourseForm
    success_message = gettext_lazy("The course has been added. Add a group to it.")

    def perform(self, form: Any) -> Course:
        return course_add(
            actor=self.actor, provider=self.provider, draft=CourseDraft(**form.cleaned_data)
        )

    def get_success_url(self, result: Course) -> str:
        return columns.course_url(result)


class OwnCourseMixin:
    """Pages below `/courses/<uuid>` for the planner of its provider."""

    permission: Wanted | None = Permission.MANAGE_CATALOGUE
    actor: Any
    kwargs: dict[str, Any]
    course: Course

    def prepare(self) -> None:
        self.course = visible(self.actor, Course, self.kwargs["uuid"], "provider__organisation")
        require_own(self.actor, self.course.provider)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Our catalogue"), reverse("own-catalogue")),
            (self.course.name, columns.course_url(self.course)),
        )

    def get_success_url(self, result: Any) -> str:
        return columns.course_url(self.course)


class CourseEditPage(OwnCourseMixin, FormPage):
    title = gettext_lazy("Change course")
    form_class = CourseForm
    success_message = gettext_lazy("The course has been saved.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.course, name) for name in COURSE_NAMES}

    def perform(self, form: Any) -> Course:
        return course_update(actor=self.actor, course=self.course, **form.cleaned_data)


class PartyNewPage(OwnCourseMixin, FormPage):
    """Who delivers the course is not always who holds the contract."""

    title = gettext_lazy("Add delivering party")
    form_class = DeliveryPartyForm
    success_message = gettext_lazy("The party has been added.")

    def perform(self, form: Any) -> DeliveryParty:
        return delivery_party_save(actor=self.actor, course=self.course, **form.cleaned_data)


class PartyRemovePage(OwnCourseMixin, ConfirmPage):
    title = gettext_lazy("Remove this party?")
    submit_label = gettext_lazy("Yes, remove")
    success_message = gettext_lazy("The party has been removed.")
    party: DeliveryParty

    def prepare(self) -> None:
        self.party = visible(
            self.actor, DeliveryParty, self.kwargs["uuid"], "course__provider__organisation"
        )
        self.course = self.party.course
        require_own(self.actor, self.course.provider)

    def get_consequences(self) -> Sequence[Text]:
        return [_("“%(name)s” no longer stands at this course.") % {"name": self.party.name}]

    def perform(self, form: Any) -> None:
        delivery_party_remove(actor=self.actor, party=self.party)


class GroupNewPage(OwnCourseMixin, FormPage):
    title = gettext_lazy("Add group")
    form_class = GroupForm
    success_message = gettext_lazy("The group has been added. Publish its starts.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"provider": self.course.provider}

    def perform(self, form: Any) -> CourseGroup:
        draft = GroupDraft(course=self.course, **form.cleaned_data)
        return group_add(actor=self.actor, provider=self.course.provider, draft=draft)

    def get_success_url(self, result: CourseGroup) -> str:
        return reverse("course-group", args=[result.uuid])


class GroupEditPage(OwnGroupMixin, FormPage):
    title = gettext_lazy("Change group")
    intro = gettext_lazy(
        "A group cannot become smaller than the number of places that are taken on a start."
    )
    form_class = GroupForm
    success_message = gettext_lazy("The group has been saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"provider": self.group.course.provider}

    def get_initial(self) -> dict[str, Any]:
        names = ("code", "location", "min_size", "max_size", "room_seats")
        fields = {name: getattr(self.group, name) for name in names}
        return {**fields, **lessons_as_text(self.group)}

    def perform(self, form: Any) -> CourseGroup:
        return group_update(actor=self.actor, group=self.group, **form.cleaned_data)


class GroupPage(DetailPage):
    """A group: lessons, what limits its seats, its starts, and for the provider its teachers."""

    permission = Permission.VIEW_CATALOGUE
    model = CourseGroup
    template_name = "providers/group.html"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("course__provider__organisation", "location")
            .prefetch_related("weekly_slots")
        )

    def get_title(self) -> Text:
        return _("%(course)s, group %(code)s") % {
            "course": self.object.course.name,
            "code": self.object.code,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        course = self.object.course
        return (
            (_("Course catalogue"), reverse("catalogue")),
            (course.name, columns.course_url(course)),
        )

    def _own(self) -> bool:
        return may_manage_catalogue(self.actor, self.object.course.provider)

    def get_actions(self) -> Sequence[Action]:
        if not self._own():
            return ()
        address = [self.object.uuid]
        return (
            Action(_("Publish a start"), reverse("intake-moment-new", args=address), primary=True),
            Action(_("Plan a series of starts"), reverse("intake-series-new", args=address)),
            Action(_("Plan teacher hours"), reverse("teacher-hours-new", args=address)),
            Action(_("Change group"), reverse("course-group-edit", args=address)),
        )

    def get_facts(self) -> Sequence[Fact]:
        group = self.object
        limits = group_limits([group])[group.pk]
        today = clock.today()
        self.teacher_seats = limits.teacher_seats(today)
        facts = [
            Fact(_("Provider"), group.course.provider.organisation.name),
            Fact(_("Location"), str(group.location)),
            Fact(_("Lessons"), columns.lesson_times(group)),
            Fact(_("Lesson hours per week"), limits.lesson_hours.quantize(columns.TENTH)),
            Fact(_("Smallest group"), group.min_size),
            Fact(_("Largest group"), group.max_size),
            Fact(_("Seats in the room"), group.room_seats),
        ]
        if self._own():
            if limits.certified is None and group.course.kind in LANGUAGE_KINDS:
                teachers: Any = _("No teachers entered: they do not limit the seats")
            else:
                teachers = limits.certified_hours(today)
            facts.append(Fact(_("Qualified teacher hours this week"), teachers))
        facts.append(Fact(_("Seats that can be offered today"), limits.seats(today)))
        return facts

    def get_context(self, **extra: Any) -> dict[str, Any]:
        short = self.teacher_seats is not None and self.teacher_seats < self.object.max_size
        return super().get_context(teacher_seats=self.teacher_seats, short=short, **extra)

    def get_tables(self) -> Sequence[Table]:
        moments = (
            IntakeMoment.objects.with_seats_free()
            .visible_to(self.actor)
            .filter(group=self.object)
            .order_by("start_date", "pk")
        )
        tables = [
            table_of(
                GROUP_MOMENTS,
                moments,
                caption=_("Starts"),
                empty=_("This group has no starts yet."),
            )
        ]
        if self._own():
            tables.append(
                table_of(
                    TEACHER_COLUMNS,
                    TeacherHours.objects.visible_to(self.actor)
                    .filter(group=self.object)
                    .select_related("teacher")
                    .order_by("valid_from", "pk"),
                    caption=_("Teacher hours"),
                    empty=_("No teacher hours have been planned."),
                )
            )
        return tables


GROUP_MOMENTS = (
    columns.MOMENT_START,
    columns.END,
    columns.SEATS,
    columns.STATUS,
)
TEACHER_COLUMNS = (
    Column("teacher", gettext_lazy("Teacher"), "teacher.code", header=True),
    Column("qualification", gettext_lazy("Qualification"), "teacher.get_qualification_display"),
    Column("hours", gettext_lazy("Hours per week"), "hours_per_week", numeric=True),
    Column("from", gettext_lazy("From"), "valid_from"),
    Column("to", gettext_lazy("Until"), "valid_to"),
    Column(
        "remove",
        gettext_lazy("Change"),
        lambda one: Link(_("Remove"), reverse("teacher-hours-remove", args=[one.uuid])),
    ),
)


class LocationFilters(PageFilterSet):
    search = SearchFilter(method="find", label=gettext_lazy("Name or number"))

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(name__icontains=value) | Q(code__icontains=value) | Q(place__icontains=value)
        )


class OwnLocations(ListPage):
    """The locations of one's own school."""

    permission = Permission.MANAGE_CATALOGUE
    model = Location
    title = gettext_lazy("Our locations")
    intro = gettext_lazy("Where your lessons are given.")
    filterset_class = LocationFilters
    default_sort = "name"
    export_name = "our-locations"
    empty_title = gettext_lazy("You have no locations yet")
    empty_text = gettext_lazy("Add the first one; groups are placed at a location.")
    columns = (
        Column("code", gettext_lazy("Code"), "code", sort=("code",)),
        Column(
            "name",
            gettext_lazy("Name"),
            lambda one: Link(one.name, reverse("location-edit", args=[one.uuid])),
            sort=("name",),
            header=True,
        ),
        Column("postcode", gettext_lazy("Postcode"), "postcode", sort=("postcode",)),
        Column("place", gettext_lazy("Place"), "place", sort=("place",)),
        Column(
            "groups", gettext_lazy("Groups"), "group_count", sort=("group_count",), numeric=True
        ),
        Column("wheelchair", gettext_lazy("Wheelchair accessible"), "wheelchair_accessible"),
        Column("childcare", gettext_lazy("Childcare"), "childcare"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return Location.objects.managed_by(self.actor).annotate(group_count=Count("groups"))

    def get_actions(self) -> Sequence[Action]:
        return tuple(
            Action(_("Add location"), reverse("location-new", args=[one.uuid]), primary=True)
            for one in own_providers(self.actor)[:1]
        )


def with_coordinates(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the centre of the postcode. Raises InvalidError where it is unknown."""
    postcode = fields["postcode"][:4]
    found = coordinates_by_postcode({postcode}).get(postcode)
    if found is None:
        raise InvalidError(
            violations=[
                Violation(
                    "postcode",
                    "unknown_postcode",
                    _("This postcode is not on the map. Check the four digits."),
                )
            ]
        )
    return {**fields, "latitude": found.latitude, "longitude": found.longitude}


class LocationNewPage(OwnProviderMixin, FormPage):
    title = gettext_lazy("Add location")
    form_class = LocationForm
    success_message = gettext_lazy("The location has been added.")

    def perform(self, form: Any) -> Location:
        draft = LocationDraft(**with_coordinates(form.cleaned_data))
        return location_add(actor=self.actor, provider=self.provider, draft=draft)

    def get_success_url(self, result: Location) -> str:
        return reverse("own-locations")


class LocationEditPage(LocationNewPage):
    title = gettext_lazy("Change location")
    success_message = gettext_lazy("The location has been saved.")
    location: Location

    def prepare(self) -> None:
        self.location = visible(self.actor, Location, self.kwargs["uuid"], "provider__organisation")
        self.provider = self.location.provider
        require_own(self.actor, self.provider)

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.location, name) for name in LOCATION_NAMES}

    def perform(self, form: Any) -> Location:
        fields = form.cleaned_data
        if fields["postcode"] != self.location.postcode:
            fields = with_coordinates(fields)
        return location_update(actor=self.actor, location=self.location, **fields)
