"""What belongs to no app: start page, language, documents of the API, health."""

from backend.notifications.models import Notification
from backend.organisations.permissions import Permission
from tests.permissions.matrix import EVERYBODY, LOGGED_IN, Audience, Case, World

PUBLIC = {200: EVERYBODY}


def prepare(world: World) -> None:
    world.objects["notification"] = Notification.objects.create(
        organisation=world.municipality,
        permission=Permission.PLACE,
        kind="sample",
        path="/",
        key="matrix",
    )


CASES = [
    # The start page shows what the role can do; a machine has no pages and is sent to log in.
    Case("", "GET", "/", {200: LOGGED_IN - {Audience.MACHINE_CLIENT}}),
    Case("notifications", "GET", "/notifications", {200: LOGGED_IN - {Audience.MACHINE_CLIENT}}),
    Case(
        "notifications/read",
        "POST",
        "/notifications/read",
        {302: LOGGED_IN - {Audience.MACHINE_CLIENT}},
    ),
    Case(
        "notifications/{uuid}",
        "GET",
        lambda world: f"/notifications/{world.objects['notification'].uuid}",
        {200: {Audience.CASEWORKER}},
        rest=404,
    ),
    Case(
        "notifications/{uuid}",
        "POST",
        lambda world: f"/notifications/{world.objects['notification'].uuid}",
        {302: {Audience.CASEWORKER}},
        rest=404,
    ),
    Case("privacy", "GET", "/privacy", PUBLIC),
    Case("accessibility", "GET", "/accessibility", PUBLIC),
    Case(
        "language",
        "POST",
        "/language",
        {302: EVERYBODY},
        body=lambda world: {"language": "en", "next": "/privacy"},
    ),
    Case("health", "GET", "/health", PUBLIC),
    Case("health/ready", "GET", "/health/ready", PUBLIC),
    Case("api/v1/openapi.json", "GET", "/api/v1/openapi.json", PUBLIC),
    Case("api/v1/docs", "GET", "/api/v1/docs", PUBLIC),
    Case("api/v1/redoc", "GET", "/api/v1/redoc", PUBLIC),
    Case("api(?:/|$)", "GET", "/api/v1/bestaat-niet", {404: EVERYBODY}),
]
