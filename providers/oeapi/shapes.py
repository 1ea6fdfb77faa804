"""From rows of the catalogue to the objects of OEAPI 6.0. Lists and single objects use the same."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import get_language

from backend.common.clock import NETHERLANDS
from backend.common.codes import Component, Level
from providers.choices import CourseKind, DeliveryMode, IntakeStatus
from providers.oeapi.address import BASE_PATH

Object = dict[str, Any]

LANGUAGE = "nl-NL"
MODES: Mapping[str, str] = {
    DeliveryMode.ONSITE: "presential",
    DeliveryMode.ONLINE: "online",
    DeliveryMode.HYBRID: "blended",
}
STATES: Mapping[str, str] = {
    IntakeStatus.PUBLISHED: "active",
    IntakeStatus.CLOSED: "inactive",
    IntakeStatus.CANCELLED: "cancelled",
}
# State examination NT2: programme I is B1, programme II is B2.
LEVELS: Mapping[str, str] = {Level.B1: "nt2_1", Level.B2: "nt2_2"}
LANGUAGE_ROUTES = frozenset({Component.B1_ROUTE, Component.EDUCATION_ROUTE, Component.Z_ROUTE})

ORGANISATION_COLUMNS = (
    "uuid", "organisation__name", "organisation__code", "kvk_number", "duo_number", "bow_number",
    "brin", "website",
)  # fmt: skip
COURSE_COLUMNS = (
    "uuid", "code", "name", "kind", "component", "level_from", "level_to", "target_level",
    "literacy", "hours_per_week", "total_hours", "mode", "age_from", "age_to", "special_groups",
    "support_languages", "description", "provider__uuid",
)  # fmt: skip
OFFERING_COLUMNS = (
    "uuid", "start_date", "end_date", "seats_total", "status", "group__code", "group__min_size",
    "group__course__uuid", "group__course__code", "group__course__name", "group__course__mode",
    "group__course__provider__uuid", "group__location__name", "group__location__street",
    "group__location__house_number", "group__location__postcode", "group__location__place",
    "group__location__latitude", "group__location__longitude",
    "group__location__wheelchair_accessible", "group__location__childcare", "group_id",
)  # fmt: skip


def text(value: str) -> list[Object]:
    return [{"language": LANGUAGE, "value": value}]


def code(kind: str, value: str) -> Object:
    return {"codeType": kind, "code": value}


def moment(day: date) -> str:
    """The beginning of a Dutch day, with its offset."""
    return datetime.combine(day, time(), NETHERLANDS).isoformat()


def organisation(row: Sequence[Any]) -> Object:
    one = dict(zip(ORGANISATION_COLUMNS, row, strict=True))
    others = (
        ("kvk_organisation_id", one["kvk_number"]),
        ("institution_code", one["brin"]),
        ("x-duo", one["duo_number"]),
        ("x-blik-op-werk", one["bow_number"]),
    )
    return {
        "organisationId": str(one["uuid"]),
        "primaryCode": code("organisation_id", one["organisation__code"]),
        "organisationType": "institute",
        "name": text(one["organisation__name"]),
        "otherCodes": [code(kind, value) for kind, value in others if value],
        **({"link": one["website"]} if one["website"] else {}),
    }


def course(row: Sequence[Any]) -> Object:
    one = dict(zip(COURSE_COLUMNS, row, strict=True))
    made: Object = {
        "courseId": str(one["uuid"]),
        "primaryCode": code("identifier", one["code"]),
        "name": text(one["name"]),
        "abbreviation": one["code"],
        "studyLoad": [
            {"studyLoadUnit": "hour", "value": one["total_hours"]},
            {"studyLoadUnit": "contact_time", "value": one["total_hours"]},
        ],
        "modesOfDelivery": [MODES[one["mode"]]],
        "teachingLanguages": [LANGUAGE],
        "admissionRequirements": text(f"{one['level_from']} – {one['level_to']}"),
        "level": course_level(one["component"], one["target_level"]),
        "organisationId": str(one["provider__uuid"]),
        "ext": _course_extra(one),
    }
    if one["description"]:
        made["supplementaryInformation"] = [
            {"role": "marketing", "type": "text_plain", "value": text(one["description"])}
        ]
    return made


def course_level(component: str, target: str) -> str:
    """Only a route leads to an examination level; KNM and MAP have none."""
    return LEVELS.get(target, "undefined") if component in LANGUAGE_ROUTES else "undefined"


def _course_extra(one: Mapping[str, Any]) -> Object:
    """What a course of civic integration is chosen by, and OEAPI has no field for."""
    return {
        "kind": one["kind"],
        "kindName": str(CourseKind(one["kind"]).label),
        "component": one["component"] or None,
        "levelFrom": one["level_from"],
        "levelTo": one["level_to"],
        "targetLevel": one["target_level"],
        "literacy": one["literacy"],
        "hoursPerWeek": str(one["hours_per_week"]),
        "ageFrom": one["age_from"],
        "ageTo": one["age_to"],
        "specialGroups": one["special_groups"],
        "supportLanguages": one["support_languages"],
    }


def offering(row: Sequence[Any], lessons: Mapping[int, list[Object]]) -> Object:
    one = dict(zip(OFFERING_COLUMNS, row, strict=True))
    start: date = one["start_date"]
    course_code = one["group__course__code"]
    return {
        "courseOfferingId": str(one["uuid"]),
        "primaryCode": code("offering_code", f"{course_code}/{one['group__code']}/{start}"),
        "name": text(one["group__course__name"]),
        "abbreviation": one["group__code"],
        "state": STATES[one["status"]],
        "teachingLanguages": [LANGUAGE],
        "modesOfDelivery": [MODES[one["group__course__mode"]]],
        "maxNumberStudents": one["seats_total"],
        "minNumberStudents": one["group__min_size"],
        "startDateTime": moment(start),
        "endDateTime": moment(one["end_date"]),
        "addresses": [_address(one)],
        "courseId": str(one["group__course__uuid"]),
        "organisationId": str(one["group__course__provider__uuid"]),
        "ext": {
            "group": one["group__code"],
            "lessons": lessons.get(one["group_id"], []),
            "wheelchairAccessible": one["group__location__wheelchair_accessible"],
            "childcare": one["group__location__childcare"],
        },
    }


def _address(one: Mapping[str, Any]) -> Object:
    def of(name: str) -> Any:
        return one[f"group__location__{name}"]

    return {
        "addressType": "teaching",
        "street": of("street") or None,
        "streetNumber": of("house_number") or None,
        "additional": text(of("name")),
        "postCode": of("postcode") or None,
        "city": of("place"),
        "countryCode": {"iso3166-1-alpha2": "NL"},
        "geolocation": {"latitude": of("latitude"), "longitude": of("longitude")},
    }


def service() -> Object:
    """What this service can do, for the root of the base path; braces are no part of an address."""
    return {
        "contactEmail": settings.SPECTACULAR_SETTINGS["CONTACT"]["email"],
        "specification": "https://openonderwijsapi.nl/specification/v6/docs.html",
        "documentation": f"{settings.PUBLIC_URL}/api/v1/docs",
        "supportedConsumers": [],
        "supportedOperations": [{"verbs": ["GET"], "path": quote(path)} for path in PATHS],
        "supportedExpands": [
            {"path": quote("/courses/{courseId}"), "expandableObjects": ["organisation"]},
            {
                "path": quote("/course-offerings/{courseOfferingId}"),
                "expandableObjects": ["course"],
            },
        ],
        "ext": {"basePath": BASE_PATH, "language": get_language() or "nl"},
    }


PATHS = (
    "/",
    "/courses",
    "/courses/{courseId}",
    "/courses/{courseId}/course-offerings",
    "/course-offerings/{courseOfferingId}",
    "/organisations",
    "/organisations/{organisationId}",
    "/organisations/{organisationId}/courses",
    "/organisations/{organisationId}/course-offerings",
)
