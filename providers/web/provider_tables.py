"""What else stands on the page of a provider: its intake stops, and who delivers for it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.tables import Column, Table, table_of
from backend.web.values import Link
from providers.models import DeliveryParty, IntakeStop, Provider
from providers.policies import may_manage_catalogue
from providers.selectors.capacity import PERIOD, capacity_layers
from providers.web import columns
from providers.web.capacity_pages import LAYER_COLUMNS
from providers.web.stop_pages import PARTIES, scope_text, stop_badge, stop_url

STOP_COLUMNS = (
    Column(
        "scope",
        gettext_lazy("What"),
        lambda one: Link(scope_text(one), stop_url(one)),
        header=True,
    ),
    Column("organisation", gettext_lazy("Municipality or region"), "organisation.name"),
    Column("state", gettext_lazy("Status"), stop_badge),
    Column("from", gettext_lazy("First day"), "starts_on"),
    Column("to", gettext_lazy("Last day"), "ends_on"),
)
PARTY_COLUMNS = (
    Column("name", gettext_lazy("Name"), "name", header=True),
    Column("role", gettext_lazy("Role"), "get_role_display"),
    Column(
        "course",
        gettext_lazy("Course"),
        lambda one: Link(one.course.name, columns.course_url(one.course)),
    ),
    Column("from", gettext_lazy("From"), "valid_from"),
    Column("to", gettext_lazy("Until"), "valid_to"),
    Column("consent", gettext_lazy("Consent given"), "consent_date"),
)


def provider_tables(actor: Actor, provider: Provider) -> Sequence[Table]:
    """Delivering parties for all; capacity and stops for those who may know of them."""
    tables = []
    if actor.with_permission(Permission.VIEW_CONTRACTS) or may_manage_catalogue(actor, provider):
        today = clock.today()
        layers = capacity_layers(
            actor=actor, first=today, last=today + PERIOD, provider_ids=[provider.pk]
        )
        tables.append(
            table_of(
                LAYER_COLUMNS[1:],
                layers,
                caption=_("Capacity of the coming half year"),
                empty=_("No places were contracted."),
            )
        )
    tables += [
        table_of(
            PARTY_COLUMNS,
            DeliveryParty.objects.visible_to(actor)
            .filter(course__provider=provider)
            .select_related("course")
            .order_by("name", "course__name", "pk"),
            caption=_("Delivering parties"),
            empty=_("This provider delivers all its courses itself."),
        )
    ]
    if any(actor.with_permission(one) for one in PARTIES):
        tables.append(
            table_of(
                STOP_COLUMNS,
                IntakeStop.objects.visible_to(actor)
                .filter(provider=provider)
                .select_related("organisation", "course", "location")
                .order_by("-starts_on", "-pk"),
                caption=_("Intake stops"),
                empty=_("There are no intake stops"),
            )
        )
    return tables
