"""The operations of OEAPI 6.0 that a catalogue needs; everybody may read them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.api.answers import Answer, object_answer, unless_known
from backend.api.filters import read_parameters
from backend.api.problems import Fault, RequestFaultsError
from backend.api.renderers import to_json
from backend.common import clock
from backend.common.errors import NotFoundError
from providers.choices import DeliveryMode, IntakeStatus
from providers.models import Course, IntakeMoment, Provider, WeeklySlot
from providers.oeapi import parameters as read
from providers.oeapi import shapes
from providers.oeapi.shapes import Object

# Fields that the specification requires stay, whatever `fields` asks for.
REQUIRED = {
    "course": frozenset({"courseId", "primaryCode", "name"}),
    "offering": frozenset({"courseOfferingId", "primaryCode", "name"}),
    "organisation": frozenset({"organisationId", "primaryCode", "name", "organisationType"}),
}
OFFERING_KEYS = frozenset({"teachingLanguage", "state", "modeOfDelivery", "resultExpected"})
COURSE_KEYS = frozenset({"teachingLanguage", "level", "modeOfDelivery"})
PERIOD_KEYS = frozenset({"since", "until"})
LEVEL_CODES = (
    "pre_vocational", "secondary_vocational_education", "secondary_vocational_education_1",
    "secondary_vocational_education_2", "secondary_vocational_education_3",
    "secondary_vocational_education_4", "associate_degree", "bachelor", "master", "doctoral",
    "post_doctoral", "undefined", "undivided", "nt2_1", "nt2_2",
)  # fmt: skip
MODE_CODES = (
    "blended", "coil", "hybrid", "joint_delivery", "online", "presential", "project_based",
    "research_lab_based", "work_based",
)  # fmt: skip
STATE_CODES = ("concept", "cancelled", "active", "inactive")
STATE_OF = {state: status for status, state in shapes.STATES.items()}
MODE_OF = {mode: own for own, mode in shapes.MODES.items()}


def public_providers() -> QuerySet[Any]:
    """Providers that offer something."""
    return Provider.objects.filter(
        Exists(Course.objects.filter(provider=OuterRef("pk"), is_active=True))
    )


def public_courses() -> QuerySet[Any]:
    """Courses that are offered."""
    return Course.objects.filter(is_active=True)


def public_offerings() -> QuerySet[Any]:
    """Starts that have been published and are not over; never drafts."""
    return IntakeMoment.objects.exclude(status=IntakeStatus.DRAFT).filter(
        group__course__is_active=True, end_date__gte=clock.today()
    )


class OeapiView(APIView):
    """Public and only to read; not part of our own openapi.json."""

    schema = None
    authentication_classes = ()
    permission_classes = ()
    http_method_names = ["get", "head"]
    known_keys: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.faults: list[Fault] = []
        self.parameters: Mapping[str, str] = read_parameters(
            request._request.GET, self.known_keys, self.faults
        )

    def refuse_faults(self) -> None:
        if self.faults:
            raise RequestFaultsError(self.faults)

    def page(
        self, queryset: QuerySet[Any], columns: Sequence[str], kind: str,
        shape: Callable[[list[Any]], list[Object]], order: Sequence[str],
    ) -> HttpResponse:  # fmt: skip
        """One page of a list as the specification describes it."""
        size = read.page_size(self.parameters, self.faults)
        number = read.whole(self.parameters, "pageNumber", 1, self.faults)
        wanted = read.selection(self.parameters, self.faults)
        self.refuse_faults()
        total = queryset.count()
        start = (number - 1) * size
        rows = list(queryset.order_by(*order, "pk").values_list(*columns)[start : start + size])
        items = shape(rows)
        if wanted is not None:
            items = [read.selected(one, wanted, REQUIRED[kind]) for one in items]
        body = {
            "pageSize": size,
            "pageNumber": number,
            "hasPreviousPage": number > 1,
            "hasNextPage": start + size < total,
            "totalPages": -(-total // size),
            "items": items,
        }
        return Answer(200, to_json(body)).response()

    def one(self, found: list[Object], kind: str) -> HttpResponse:
        if not found:
            raise NotFoundError
        wanted = read.selection(self.parameters, self.faults)
        self.refuse_faults()
        made = found[0] if wanted is None else read.selected(found[0], wanted, REQUIRED[kind])
        return unless_known(self.request, object_answer(made)).response()


class ServiceView(OeapiView):
    """What this service supports."""

    def get(self, request: Request) -> HttpResponse:
        self.refuse_faults()
        return object_answer(shapes.service()).response()


class OrganisationList(OeapiView):
    known_keys = read.LIST_KEYS | {"organisationType"}

    def get(self, request: Request) -> HttpResponse:
        rows = public_providers()
        if "organisationType" in self.parameters and (
            self.parameters["organisationType"] != "institute"
        ):
            rows = rows.none()
        if code := self.parameters.get("primaryCode"):
            rows = rows.filter(organisation__code=code)
        if words := self.parameters.get("q"):
            rows = rows.filter(organisation__name__icontains=words)
        return self.page(
            rows, shapes.ORGANISATION_COLUMNS, "organisation",
            lambda found: list(map(shapes.organisation, found)), ("organisation__name",),
        )  # fmt: skip


class OrganisationView(OeapiView):
    known_keys = read.SHARED_KEYS | {"expand"}

    def get(self, request: Request, id: UUID) -> HttpResponse:
        read.expand(self.parameters, ("parent", "children"), self.faults)
        return self.one(organisations_of([id]), "organisation")


def organisations_of(uuids: Sequence[UUID | str]) -> list[Object]:
    rows = public_providers().filter(uuid__in=uuids).values_list(*shapes.ORGANISATION_COLUMNS)
    return list(map(shapes.organisation, rows))


class CourseList(OeapiView):
    """All courses, or with `id` those of one organisation."""

    known_keys = read.LIST_KEYS | COURSE_KEYS

    def get(self, request: Request, id: UUID | None = None) -> HttpResponse:
        rows = public_courses()
        if id is not None:
            if not public_providers().filter(uuid=id).exists():
                raise NotFoundError
            rows = rows.filter(provider__uuid=id)
        rows = self._filtered(rows)
        return self.page(
            rows, shapes.COURSE_COLUMNS, "course",
            lambda found: list(map(shapes.course, found)), ("name",),
        )  # fmt: skip

    def _filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        level = read.one_of(self.parameters, "level", LEVEL_CODES, self.faults)
        mode = read.one_of(self.parameters, "modeOfDelivery", MODE_CODES, self.faults)
        if level is not None:
            rows = rows.filter(_level_condition(level))
        if mode is not None:
            rows = rows.filter(mode__in=_modes(mode))
        if code := self.parameters.get("primaryCode"):
            rows = rows.filter(code=code)
        if words := self.parameters.get("q"):
            rows = rows.filter(
                Q(name__icontains=words)
                | Q(code__icontains=words)
                | Q(description__icontains=words)
            )
        return rows if _taught_in_dutch(self.parameters) else rows.none()


class CourseView(OeapiView):
    known_keys = read.SHARED_KEYS | {"expand", "returnTimelineOverrides"}

    def get(self, request: Request, id: UUID) -> HttpResponse:
        read.flag(self.parameters, "returnTimelineOverrides", self.faults)
        names = ("programmes", "coordinators", "instructors", "organisation")
        expanded = read.expand(self.parameters, names, self.faults)
        found = courses_of([id])
        if found and "organisation" in expanded:
            found[0]["organisation"] = organisations_of([found[0]["organisationId"]])[0]
        return self.one(found, "course")


def courses_of(uuids: Sequence[UUID | str]) -> list[Object]:
    rows = public_courses().filter(uuid__in=uuids).values_list(*shapes.COURSE_COLUMNS)
    return list(map(shapes.course, rows))


class OfferingList(OeapiView):
    """Course offerings of one course or of one organisation; `owner_path` says which."""

    known_keys = read.LIST_KEYS | OFFERING_KEYS | PERIOD_KEYS
    owners: Callable[[], QuerySet[Any]]
    owner_path = ""

    def get(self, request: Request, id: UUID) -> HttpResponse:
        if not type(self).owners().filter(uuid=id).exists():
            raise NotFoundError
        rows = self._filtered(public_offerings().filter(**{self.owner_path: id}))
        return self.page(rows, shapes.OFFERING_COLUMNS, "offering", shaped, ("start_date",))

    def _filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        state = read.one_of(self.parameters, "state", STATE_CODES, self.faults)
        mode = read.one_of(self.parameters, "modeOfDelivery", MODE_CODES, self.faults)
        since = read.moment(self.parameters, "since", self.faults)
        until = read.moment(self.parameters, "until", self.faults)
        # No results are exchanged here.
        if read.flag(self.parameters, "resultExpected", self.faults):
            rows = rows.none()
        if state is not None:
            rows = rows.filter(status=STATE_OF.get(state, ""))
        if mode is not None:
            rows = rows.filter(group__course__mode__in=_modes(mode))
        if since is not None:
            rows = rows.filter(start_date__gte=_day(since))
        if until is not None:
            rows = rows.filter(start_date__lte=_day(until))
        if words := self.parameters.get("q"):
            rows = rows.filter(
                Q(group__course__name__icontains=words) | Q(group__code__icontains=words)
            )
        if code := self.parameters.get("primaryCode"):
            rows = _with_code(rows, code)
        return rows if _taught_in_dutch(self.parameters) else rows.none()


class OfferingsOfCourse(OfferingList):
    owners = staticmethod(public_courses)
    owner_path = "group__course__uuid"


class OfferingsOfOrganisation(OfferingList):
    owners = staticmethod(public_providers)
    owner_path = "group__course__provider__uuid"


class OfferingView(OeapiView):
    known_keys = read.SHARED_KEYS | {"expand"}

    def get(self, request: Request, id: UUID) -> HttpResponse:
        names = ("course", "programme_offering", "academic_session")
        expanded = read.expand(self.parameters, names, self.faults)
        rows = public_offerings().filter(uuid=id).values_list(*shapes.OFFERING_COLUMNS)
        found = shaped(list(rows))
        if found and "course" in expanded:
            found[0]["course"] = courses_of([found[0]["courseId"]])[0]
        return self.one(found, "offering")


def shaped(rows: list[Any]) -> list[Object]:
    """Offerings with the lessons of their groups; one query for all of them."""
    position = shapes.OFFERING_COLUMNS.index("group_id")
    lessons: dict[int, list[Object]] = {}
    slots = WeeklySlot.objects.filter(group__in={row[position] for row in rows})
    for group, weekday, start, end in slots.order_by("group", "weekday", "start_time").values_list(
        "group_id", "weekday", "start_time", "end_time"
    ):
        lesson = {"weekday": weekday, "startTime": f"{start:%H:%M}", "endTime": f"{end:%H:%M}"}
        lessons.setdefault(group, []).append(lesson)
    return [shapes.offering(row, lessons) for row in rows]


def _with_code(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """The start with this primary code: course, group and day."""
    course, _slash, rest = code.partition("/")
    group, _slash, day = rest.rpartition("/")
    try:
        start = date.fromisoformat(day)
    except ValueError:
        return rows.none()
    return rows.filter(group__course__code=course, group__code=group, start_date=start)


def _day(moment: datetime) -> date:
    return clock.local_day(moment)


def _modes(mode: str) -> list[DeliveryMode]:
    return [DeliveryMode(MODE_OF[mode])] if mode in MODE_OF else []


def _level_condition(level: str) -> Q:
    """The courses whose `course_level` is this one."""
    examined = Q(
        component__in=sorted(shapes.LANGUAGE_ROUTES), target_level__in=sorted(shapes.LEVELS)
    )
    if level == "undefined":
        return ~examined
    targets = [target for target, code in shapes.LEVELS.items() if code == level]
    return examined & Q(target_level__in=targets)


def _taught_in_dutch(parameters: Mapping[str, str]) -> bool:
    """Every course teaches Dutch in Dutch; another language finds nothing."""
    return parameters.get("teachingLanguage", "nl").split("-")[0] in ("nl", "nld", "dut")
