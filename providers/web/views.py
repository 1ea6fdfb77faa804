"""The catalogue on screen: a course, an intake moment, and one's own offer."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import labels_of
from backend.common import clock
from backend.common.codes import Literacy
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Text, day_text
from providers.choices import (
    INTAKE_TRANSITIONS,
    IntakeStatus,
    SupportLanguage,
)
from providers.code_lists import SPECIAL_GROUPS
from providers.models import Course, CourseGroup, DeliveryParty, IntakeMoment, WeeklySlot
from providers.policies import may_manage_catalogue
from providers.web import columns
from providers.web.filters import OwnCourseFilters
from providers.web.own import own_providers
from providers.web.start_warnings import start_warnings

LESSONS = Prefetch("weekly_slots", WeeklySlot.objects.order_by("weekday", "start_time"))
GROUP_LESSONS = Prefetch("group__weekly_slots", LESSONS.queryset)


class OwnCataloguePage(ListPage):
    """The courses of one's own school, with what still starts."""

    permission = Permission.MANAGE_CATALOGUE
    model = Course
    title = gettext_lazy("Our catalogue")
    intro = gettext_lazy("The courses of your own school, and what still starts.")
    filterset_class = OwnCourseFilters
    default_sort = "course"
    export_name = "our-courses"
    empty_title = gettext_lazy("You have no courses yet")
    empty_text = gettext_lazy("Add your first course, upload a spreadsheet or use the API.")
    columns = (
        Column("code", gettext_lazy("Code"), "code", sort=("code",)),
        Column(
            "course",
            gettext_lazy("Course"),
            lambda course: Link(course.name, columns.course_url(course)),
            sort=("name",),
            header=True,
        ),
        Column(
            "component",
            gettext_lazy("Kind of course"),
            "get_kind_display",
            sort=("kind",),
        ),
        Column("level", gettext_lazy("Entry level"), columns.entry_levels, sort=("level_from",)),
        Column("target", gettext_lazy("Target level"), "target_level", sort=("target_level",)),
        Column(
            "hours",
            gettext_lazy("Hours per week"),
            "hours_per_week",
            sort=("hours_per_week",),
            numeric=True,
        ),
        Column(
            "starts",
            gettext_lazy("Open starts"),
            "open_starts",
            sort=("open_starts",),
            numeric=True,
        ),
        Column("next", gettext_lazy("Next start"), "next_start", sort=("next_start",)),
        Column(
            "offered",
            gettext_lazy("Offered"),
            lambda course: (
                Badge(_("Offered"), "success") if course.is_active else Badge(_("Not offered"))
            ),
            sort=("is_active",),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        still_open = Q(
            groups__intake_moments__status=IntakeStatus.PUBLISHED,
            groups__intake_moments__start_date__gte=clock.today(),
        )
        return Course.objects.managed_by(self.actor).annotate(
            open_starts=Count("groups__intake_moments", filter=still_open),
            next_start=Min("groups__intake_moments__start_date", filter=still_open),
        )

    def get_actions(self) -> Sequence[Action]:
        found = []
        for one in own_providers(self.actor)[:1]:
            address = [one.uuid]
            found = [
                Action(_("Add course"), reverse("course-new", args=address), primary=True),
                Action(_("Our locations"), reverse("own-locations")),
                Action(_("Our teachers"), reverse("own-teachers")),
                Action(_("Our details"), reverse("provider", args=address)),
            ]
        return found


class CoursePage(DetailPage):
    """A course with its groups and all its starts."""

    permission = Permission.VIEW_CATALOGUE
    model = Course

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("provider__organisation")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Course catalogue"), reverse("catalogue")),)

    def get_actions(self) -> Sequence[Action]:
        if not may_manage_catalogue(self.actor, self.object.provider):
            return ()
        address = [self.object.uuid]
        return (
            Action(_("Add group"), reverse("course-group-new", args=address), primary=True),
            Action(_("Change course"), reverse("course-edit", args=address)),
            Action(_("Add delivering party"), reverse("delivery-party-new", args=address)),
        )

    def get_facts(self) -> Sequence[Fact]:
        course = self.object
        provider = course.provider
        words = labels_of(SPECIAL_GROUPS) if course.special_groups else {}
        return (
            Fact(
                _("Provider"),
                Link(provider.organisation.name, reverse("provider", args=[provider.uuid])),
            ),
            Fact(_("Course code"), course.code),
            Fact(_("Kind of course"), course.get_kind_display()),
            Fact(_("Component"), course.get_component_display()),
            Fact(_("Entry level"), columns.entry_levels(course)),
            Fact(_("Target level"), course.get_target_level_display()),
            Fact(
                _("For"),
                Lines(tuple(str(Literacy(one).label) for one in course.literacy)),
            ),
            Fact(_("Hours per week"), course.hours_per_week),
            Fact(_("Total hours"), course.total_hours),
            Fact(_("Form of teaching"), course.get_mode_display()),
            Fact(_("Age"), columns.ages(course)),
            Fact(
                _("Made for"),
                Lines(tuple(words.get(one, one) for one in course.special_groups)),
            ),
            Fact(
                _("Languages for explanation"),
                Lines(tuple(str(SupportLanguage(one).label) for one in course.support_languages)),
            ),
            Fact(_("Offered"), course.is_active),
            Fact(_("Description"), course.description),
        )

    def get_tables(self) -> Sequence[Table]:
        own = may_manage_catalogue(self.actor, self.object.provider)
        groups = (
            CourseGroup.objects.filter(course=self.object)
            .visible_to(self.actor)
            .select_related("location")
            .prefetch_related(LESSONS)
            .order_by("code")
        )
        moments = (
            IntakeMoment.objects.with_seats_free()
            .visible_to(self.actor)
            .filter(group__course=self.object)
            .select_related("group__location")
            .order_by("start_date", "pk")
        )
        return (
            table_of(
                MOMENT_COLUMNS,
                moments,
                caption=_("Starts"),
                empty=_("No start has been published for this course."),
            ),
            table_of(
                GROUP_COLUMNS, groups, caption=_("Groups"), empty=_("This course has no groups.")
            ),
            table_of(
                PARTY_COLUMNS + (OWN_PARTY if own else ()),
                DeliveryParty.objects.visible_to(self.actor).filter(course=self.object),
                caption=_("Who delivers"),
                empty=_("The provider itself gives this course."),
            ),
        )


MOMENT_COLUMNS = (
    Column(
        "start",
        gettext_lazy("Start"),
        lambda moment: Link(day_text(moment.start_date), columns.moment_url(moment)),
        header=True,
    ),
    columns.END,
    Column("group", gettext_lazy("Group"), "group.code"),
    Column("place", gettext_lazy("Place"), "group.location.place"),
    columns.SEATS,
    columns.STATUS,
)
GROUP_COLUMNS = (
    Column(
        "code",
        gettext_lazy("Group"),
        lambda group: Link(group.code, reverse("course-group", args=[group.uuid])),
        header=True,
    ),
    Column("location", gettext_lazy("Location"), lambda group: str(group.location)),
    Column("lessons", gettext_lazy("Lessons"), columns.lesson_times),
    Column(
        "size",
        gettext_lazy("Group size"),
        lambda group: f"{group.min_size}–{group.max_size}",
        numeric=True,
    ),
)


PARTY_COLUMNS: tuple[Column, ...] = (
    Column("name", gettext_lazy("Name"), "name", header=True),
    Column("role", gettext_lazy("Role"), "get_role_display"),
    Column("kvk", gettext_lazy("KvK number"), "kvk_number"),
    Column("from", gettext_lazy("From"), "valid_from"),
    Column("to", gettext_lazy("Until"), "valid_to"),
    Column("consent", gettext_lazy("Consent given"), "consent_date"),
)
OWN_PARTY: tuple[Column, ...] = (
    Column(
        "remove",
        gettext_lazy("Change"),
        lambda one: Link(_("Remove"), reverse("delivery-party-remove", args=[one.uuid])),
    ),
)


class IntakeMomentPage(DetailPage):
    """One start: when, where, which lessons, and how many seats are left."""

    permission = Permission.VIEW_CATALOGUE
    model = IntakeMoment
    template_name = "providers/intake_moment.html"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            IntakeMoment.objects.with_seats_free()
            .with_group_people()
            .visible_to(self.actor)
            .select_related("group__course__provider__organisation", "group__location")
            .prefetch_related(GROUP_LESSONS)
        )

    def get_title(self) -> Text:
        return _("%(course)s, start %(day)s") % {
            "course": self.object.group.course.name,
            "day": day_text(self.object.start_date),
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        course = self.object.group.course
        return (
            (_("Course catalogue"), reverse("catalogue")),
            (course.name, columns.course_url(course)),
        )

    def get_actions(self) -> Sequence[Action]:
        moment = self.object
        address = [moment.uuid]
        found = [Action(_("Alternatives"), reverse("intake-moment-alternatives", args=address))]
        if not may_manage_catalogue(self.actor, moment.group.course.provider):
            return found
        follows = INTAKE_TRANSITIONS[IntakeStatus(moment.status)]
        steps = (
            (IntakeStatus.PUBLISHED in follows, _("Publish"), "publish"),
            (bool(follows), _("Change seats"), "seats"),
            (bool(follows) and moment.start_date >= clock.today(), _("Move"), "move"),
            (IntakeStatus.CLOSED in follows, _("Close"), "close"),
            (IntakeStatus.CANCELLED in follows, _("Cancel the start"), "cancel"),
        )
        return [
            *(
                Action(label, reverse(f"intake-moment-{step}", args=address))
                for possible, label, step in steps
                if possible
            ),
            *found,
        ]

    def get_facts(self) -> Sequence[Fact]:
        moment = self.object
        location = moment.group.location
        course = moment.group.course
        return (
            Fact(_("Provider"), course.provider.organisation.name),
            Fact(_("Course"), Link(course.name, columns.course_url(course))),
            Fact(_("Start"), moment.start_date),
            Fact(_("End"), moment.end_date),
            Fact(_("Status"), columns.status_badge(moment)),
            *([Fact(_("Reason"), moment.status_reason)] if moment.status_reason else ()),
            Fact(_("Lessons"), columns.lesson_times(moment.group)),
            Fact(_("Location"), Lines(_address(location))),
            Fact(_("Childcare"), location.childcare),
            Fact(_("Wheelchair accessible"), location.wheelchair_accessible),
            Fact(_("Kind of course"), course.get_kind_display()),
            Fact(_("Level"), f"{columns.entry_levels(course)} → {course.target_level}"),
            Fact(_("Hours per week"), course.hours_per_week),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            seats=columns.seats_bar(self.object),
            warnings=start_warnings(self.actor, self.object),
            **extra,
        )


def _address(location: Any) -> tuple[str, ...]:
    street = columns.address_line(location)
    town = f"{location.postcode} {location.place}".strip()
    return tuple(part for part in (location.name, street, town) if part)
