"""Ready-made accounts of the demo: fixed addresses and one public password, one for every role."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import (
    ApiClient,
    Role,
    User,
    accounts_actor,
    api_client_create,
    api_client_revoke,
    grant_permission,
    user_create,
)
from backend.common import clock
from backend.organisations.public import (
    Organisation,
    OrganisationKind,
    Permission,
    organisation_by_code,
)
from backend.web.demo import DemoAccount, register
from providers.models import Provider

# Public on purpose: it opens made-up data on a demo machine and nothing else.
PASSWORD = "passend-demo-2026"  # noqa: S105
REGION, MUNICIPALITY, NEIGHBOUR, SCHOOL = "region", "0200", "0150", "school"
CLIENT_NAME = "Demo zaaksysteem Apeldoorn"
SCHOOL_CLIENT_NAME = "Demo planningssysteem van de school"


@dataclass(frozen=True)
class Login:
    email: str
    full_name: str
    role: Role
    place: str
    label: str | Promise
    may_overrule: bool = False


LOGINS = (
    Login(
        "klantmanager@apeldoorn.example",
        "Demo Klantmanager",
        Role.CASEWORKER,
        MUNICIPALITY,
        _("Caseworker"),
    ),
    Login(
        "klantmanager@deventer.example",
        "Demo Klantmanager Deventer",
        Role.CASEWORKER,
        NEIGHBOUR,
        _("Caseworker"),
    ),
    Login(
        "regisseur@apeldoorn.example",
        "Demo Regisseur",
        Role.CASEWORKER,
        MUNICIPALITY,
        _("Caseworker who may set rules aside"),
        may_overrule=True,
    ),
    Login(
        "coordinator@regio.example",
        "Demo Coördinator",
        Role.REGIONAL_COORDINATOR,
        REGION,
        _("Regional coordinator"),
    ),
    Login(
        "inkoop@regio.example",
        "Demo Inkoper",
        Role.PROCUREMENT_OFFICER,
        REGION,
        _("Procurement officer"),
    ),
    Login(
        "kwaliteit@regio.example",
        "Demo Kwaliteit",
        Role.QUALITY_OFFICER,
        REGION,
        _("Quality officer"),
    ),
    Login(
        "raad@apeldoorn.example",
        "Demo Raadslid",
        Role.COUNCIL_READER,
        MUNICIPALITY,
        _("Council reader"),
    ),
    Login(
        "beheer@apeldoorn.example",
        "Demo Beheerder",
        Role.FUNCTIONAL_ADMINISTRATOR,
        MUNICIPALITY,
        _("Functional administrator"),
    ),
    Login(
        "planner@proeftuin.example",
        "Demo Planner",
        Role.PROVIDER_PLANNER,
        SCHOOL,
        _("Provider planner"),
    ),
    Login("docent@proeftuin.example", "Demo Docent", Role.TEACHER, SCHOOL, _("Teacher")),
)


def logins_create(places: dict[str, Organisation], since_days: int) -> None:
    """All accounts with their roles; `places` says where "region", "school" and codes are."""
    for login in LOGINS:
        organisation = places[login.place]
        actor = accounts_actor("demo", organisation)
        user = user_create(
            actor=actor,
            email=login.email,
            full_name=login.full_name,
            organisation=organisation,
            role=login.role,
            password=PASSWORD,
            valid_from=clock.today() - timedelta(days=since_days),
        )
        if login.may_overrule:
            grant_permission(
                actor=actor,
                user=user,
                organisation=organisation,
                permission=Permission.OVERRULE,
                reason="Demo",
            )


def api_key_renew() -> str:
    """A fresh key of the municipality's machine client; the one before stops working."""
    organisation = organisation_by_code(OrganisationKind.MUNICIPALITY, MUNICIPALITY)
    assert organisation is not None
    return _renewed(organisation, CLIENT_NAME, Role.CASEWORKER)


def school_key_renew() -> str:
    """A fresh key of the log-in school's machine client: both sides of a sandbox."""
    planner = next(one.email for one in LOGINS if one.role is Role.PROVIDER_PLANNER)
    school = Organisation.objects.filter(user_memberships__user__email=planner).first()
    assert school is not None
    return _renewed(school, SCHOOL_CLIENT_NAME, Role.PROVIDER_PLANNER)


def _renewed(organisation: Organisation, name: str, role: Role) -> str:
    actor = accounts_actor("demo", organisation)
    for client in ApiClient.objects.filter(
        organisation=organisation, name=name, revoked_at__isnull=True
    ):
        api_client_revoke(actor=actor, client=client, reason="Demo")
    _client, key = api_client_create(
        actor=actor, organisation=organisation, name=name, roles=[role]
    )
    return key


def demo_accounts() -> list[DemoAccount]:
    """For the log-in page: the accounts that exist, with the organisation they work at."""
    known = {
        user.email: user
        for user in User.objects.filter(email__in=[one.email for one in LOGINS]).prefetch_related(
            "memberships__organisation"
        )
    }
    return [
        DemoAccount(
            label=one.label,
            organisation=known[one.email].memberships.all()[0].organisation.name,
            email=one.email,
            password=PASSWORD,
        )
        for one in LOGINS
        if one.email in known
    ]


def announce() -> None:
    """Lets the log-in page show the accounts; outside a demo it shows none."""
    register(demo_accounts)


def places_of(region: Organisation, first_school: Provider) -> dict[str, Organisation]:
    """Where the accounts work."""
    places = {REGION: region, SCHOOL: first_school.organisation}
    for code in (MUNICIPALITY, NEIGHBOUR):
        found = organisation_by_code(OrganisationKind.MUNICIPALITY, code)
        assert found is not None
        places[code] = found
    return places
