"""What contracts add to the page of a provider: its findings and its contracts (journey J2)."""

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.web.access import holds
from backend.web.tables import Column, Table, table_of
from backend.web.values import Link
from procurement.clauses.kinds import BreachState
from procurement.clauses.sentences import sentence
from procurement.models import ClauseBreach, Contract
from procurement.web.breach_pages import breach_url, severity_badge, state_badge
from procurement.web.common import READERS, contract_url, status_badge
from providers.models import Provider

# The newest findings; the number above the table leads to all of them.
SHOWN = 10

FINDING_COLUMNS = (
    Column(
        "finding",
        gettext_lazy("Finding"),
        lambda one: Link(sentence(one.kind, one.facts), breach_url(one)),
        header=True,
    ),
    Column("subject", gettext_lazy("Subject"), "subject_label"),
    Column("severity", gettext_lazy("Kind"), severity_badge),
    Column(
        "contract",
        gettext_lazy("Contract"),
        lambda one: Link(one.contract.number, contract_url(one.contract)),
    ),
    Column("found", gettext_lazy("Found on"), "first_seen"),
    Column("state", gettext_lazy("Status"), state_badge),
)
CONTRACT_COLUMNS = (
    Column(
        "number",
        gettext_lazy("Contract"),
        lambda one: Link(one.number, contract_url(one)),
        header=True,
    ),
    Column("title", gettext_lazy("Title"), "title"),
    Column("start", gettext_lazy("Start"), "start_date"),
    Column("end", gettext_lazy("End"), "end_date"),
    Column("findings", gettext_lazy("Open findings"), "open_findings", numeric=True),
    Column("status", gettext_lazy("Status"), status_badge),
)


def findings_at(actor: Actor, provider: Provider) -> Table | None:
    """The newest open findings on contracts with the provider that the actor sees."""
    if not _has_contracts(actor, provider):
        return None
    return table_of(
        FINDING_COLUMNS,
        ClauseBreach.objects.visible_to(actor)
        .filter(contract__provider=provider)
        .exclude(state=BreachState.RESOLVED)
        .select_related("contract")
        .order_by("severity", "-first_seen", "-pk")[:SHOWN],
        caption=_("Open findings"),
        empty=_("Nothing waits on the contracts with this provider."),
    )


def contracts_of(actor: Actor, provider: Provider) -> Table | None:
    """The contracts with the provider that the actor sees."""
    if not _has_contracts(actor, provider):
        return None
    return table_of(
        CONTRACT_COLUMNS,
        Contract.objects.visible_to(actor)
        .filter(provider=provider)
        .annotate(
            open_findings=Count(
                "breaches", filter=~Q(breaches__state=BreachState.RESOLVED), distinct=True
            )
        )
        .order_by("-start_date", "number"),
        caption=_("Contracts"),
    )


def _has_contracts(actor: Actor, provider: Provider) -> bool:
    if not holds(actor, READERS):
        return False
    return Contract.objects.visible_to(actor).filter(provider=provider).exists()
