"""The feed is for whoever sees the objects; webhooks are for administrators and own systems."""

from backend.feed.choices import DeliveryState
from tests.factories import feed
from tests.permissions.matrix import Audience, Case, World

ADMIN = {Audience.FUNCTIONAL_ADMINISTRATOR}
ADMIN_ELSEWHERE = {Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}
MACHINE = {Audience.MACHINE_CLIENT}
# Who may open the address at all, because they administer systems or see the objects.
NO_SEE = {
    Audience.PROCUREMENT_OFFICER,
    Audience.PROCUREMENT_OFFICER_ELSEWHERE,
    Audience.QUALITY_OFFICER,
    Audience.QUALITY_OFFICER_ELSEWHERE,
    Audience.COUNCIL_READER,
    Audience.COUNCIL_READER_ELSEWHERE,
}
COUNCIL = {Audience.COUNCIL_READER, Audience.COUNCIL_READER_ELSEWHERE}
SEES_EVENT = MACHINE | {Audience.CASEWORKER, Audience.REGIONAL_COORDINATOR}


def prepare(world: World) -> None:
    given_up = feed.delivery(world.municipality, DeliveryState.GIVEN_UP)
    world.objects["webhook_delivery"] = given_up
    world.objects["webhook"] = given_up.subscription
    world.objects["feed_event"] = given_up.event


def page(route, *, name="", method="GET", status=200, body=None):
    def url(world: World) -> str:
        return "/" + (route.replace("{uuid}", str(world.objects[name].uuid)) if name else route)

    return Case(
        route,
        method,
        url,
        {status: ADMIN, 404: ADMIN_ELSEWHERE} if name else {status: ADMIN | ADMIN_ELSEWHERE},
        rest=403,
        body=None if body is None else (lambda world: body),
    )


def form(route, name, status, body=None):
    return [
        page(route, name=name),
        page(route, name=name, method="POST", status=status, body=body or {}),
    ]


def listed(route, refused):
    return Case(f"api/v1/{route}", "GET", f"/api/v1/{route}", {403: refused}, rest=200)


def one(route, name, method, seen, refused, status=200, **more):
    """A single object: whoever may open the address and does not see it gets 404."""

    def url(world: World) -> str:
        return "/" + route.replace("{id}", str(world.objects[name].uuid))

    return Case(route, method, url, {status: seen, 403: refused}, rest=404, **more)


def current(world: World) -> dict[str, str]:
    return {"If-Match": "*"}


WEBHOOK = "api/v1/webhook-subscriptions"
BODY = {"url": feed.URL, "kinds": ["need.waiting"]}
MANAGERS = ADMIN | MACHINE

CASES = [
    page("webhooks"),
    *form("webhooks/new", "", 400),
    page("webhooks/{uuid}", name="webhook"),
    *form("webhooks/{uuid}/change", "webhook", 400),
    *form("webhooks/{uuid}/secret", "webhook", 200),
    *form("webhooks/{uuid}/ping", "webhook", 302),
    *form("webhooks/{uuid}/pause", "webhook", 302),
    *form("webhooks/{uuid}/resume", "webhook", 302),
    *form("webhooks/{uuid}/remove", "webhook", 302),
    page("webhook-messages"),
    page("webhook-messages/{uuid}", name="webhook_delivery"),
    *form("webhook-messages/{uuid}/resend", "webhook_delivery", 302),
    listed("events", COUNCIL),
    one("api/v1/events/{id}", "feed_event", "GET", SEES_EVENT, COUNCIL),
    listed("webhook-subscriptions", NO_SEE),
    Case(
        WEBHOOK,
        "POST",
        f"/{WEBHOOK}",
        # Others see objects and administer nothing: there is no organisation for which they may.
        {201: MANAGERS | ADMIN_ELSEWHERE, 403: NO_SEE},
        rest=400,
        body=lambda world: BODY,
    ),
    one(f"{WEBHOOK}/{{id}}", "webhook", "GET", MANAGERS, NO_SEE),
    one(
        f"{WEBHOOK}/{{id}}",
        "webhook",
        "PATCH",
        MANAGERS,
        NO_SEE,
        headers=current,
        body=lambda world: {"kinds": ["need.waiting"]},
    ),
    one(f"{WEBHOOK}/{{id}}", "webhook", "DELETE", MANAGERS, NO_SEE, 204, headers=current),
    one(f"{WEBHOOK}/{{id}}/ping", "webhook", "POST", MANAGERS, NO_SEE),
    one(f"{WEBHOOK}/{{id}}/renew-secret", "webhook", "POST", MANAGERS, NO_SEE),
    listed("webhook-deliveries", NO_SEE),
    one("api/v1/webhook-deliveries/{id}", "webhook_delivery", "GET", MANAGERS, NO_SEE),
    one("api/v1/webhook-deliveries/{id}/resend", "webhook_delivery", "POST", MANAGERS, NO_SEE),
]
