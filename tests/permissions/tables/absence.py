"""Absence is a task of caseworkers of the own municipality; no school sees or ends it."""

from datetime import date

from quality.models import AbsenceSignal
from tests.factories.quality import IntakeFactory, placed
from tests.permissions.matrix import Audience, Case, World

SEE = {Audience.CASEWORKER, Audience.MACHINE_CLIENT}
ELSE = {Audience.CASEWORKER_ELSEWHERE}
PAGE, PAGE_ELSE = {Audience.CASEWORKER}, {Audience.CASEWORKER_ELSEWHERE}
CLOSED = {"outcome": "talk", "note": "Rooster besproken."}
API = "api/v1/absence-signals"


def prepare(world: World) -> None:
    placement = placed(IntakeFactory(), world.municipality)
    world.objects["signal"] = AbsenceSignal.objects.create(
        placement=placement,
        municipality=world.municipality,
        policy=placement.match_record.policy,
        reason="in_row",
        first_date=date(2026, 1, 6),
        last_date=date(2026, 1, 13),
        lessons=3,
        missed=3,
        in_row=3,
        percent=100,
    )


def _at(prefix: str, rest: str = ""):
    return lambda world: f"/{prefix}/{world.objects['signal'].uuid}{rest}"


CASES = [
    Case(API, "GET", f"/{API}", {200: SEE | ELSE}, rest=403),
    Case(f"{API}/{{id}}", "GET", _at(API), {200: SEE, 404: ELSE}, rest=403),
    Case(
        f"{API}/{{id}}/close",
        "POST",
        _at(API, "/close"),
        {200: SEE, 404: ELSE},
        rest=403,
        body=lambda world: CLOSED,
    ),
    Case("absence-signals", "GET", "/absence-signals", {200: PAGE | PAGE_ELSE}, rest=403),
    Case(
        "absence-signals/{uuid}",
        "GET",
        _at("absence-signals"),
        {200: PAGE, 404: PAGE_ELSE},
        rest=403,
    ),
    *(
        Case(
            "absence-signals/{uuid}/close",
            method,
            _at("absence-signals", "/close"),
            {status: PAGE, 404: PAGE_ELSE},
            rest=403,
            body=body,
        )
        for method, status, body in (("GET", 200, None), ("POST", 302, lambda world: CLOSED))
    ),
]
