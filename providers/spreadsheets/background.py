"""Publishing many changes in the background, with a percentage to watch and a refusal to read."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from backend.accounts.actor import Actor
from backend.audit.services import LABEL_LENGTH
from backend.common.errors import DomainError
from backend.common.locks import lock_row
from backend.common.spreadsheets import Listener
from backend.organisations.permissions import Permission
from backend.outbox.public import Payload, enqueue
from providers.choices import ImportState
from providers.errors import ImportStateError
from providers.models import CatalogueImport, Provider
from providers.policies import require_manage_catalogue
from providers.spreadsheets.plan import UNCHANGED
from providers.spreadsheets.services import catalogue_import_publish, now_and_then

PUBLISH_TOPIC = "providers.publish_catalogue_file"
# More changes than this take longer than a person waits for a page.
BACKGROUND_CHANGES = 5_000
REFUSAL_LENGTH = 500
TELL = "update providers_catalogueimport set progress = %s where id = %s"


@transaction.atomic
def catalogue_import_publish_soon(
    *,
    actor: Actor,
    catalogue_import: CatalogueImport,
    skip: Collection[str] = (),
    remove_missing: bool = False,
) -> CatalogueImport:
    """As `catalogue_import_publish`; many changes are written in the background.

    Their report is "being published" until then, and "checked" again with the refusal where the
    catalogue did not allow it. Raises ImportStateError, and where it is written at once as
    `catalogue_import_publish`.
    """
    provider = lock_row(Provider.objects.all(), catalogue_import.provider_id)
    require_manage_catalogue(actor, provider)
    report = CatalogueImport.objects.get(pk=catalogue_import.pk)
    if report.state != ImportState.CHECKED:
        raise ImportStateError
    if _number_of_changes(report) <= BACKGROUND_CHANGES:
        return catalogue_import_publish(
            actor=actor, catalogue_import=report, skip=skip, remove_missing=remove_missing
        )
    report.state, report.progress, report.refusal = ImportState.WRITING, 0, ""
    report.published_by = actor.label[:LABEL_LENGTH]
    report.save(update_fields=["state", "progress", "refusal", "published_by"])
    enqueue(
        PUBLISH_TOPIC,
        {
            "import": report.pk,
            "actor": [actor.kind, actor.key],
            "skip": sorted(skip),
            "remove_missing": remove_missing,
        },
    )
    return report


def catalogue_import_publish_waiting(payload: Payload) -> None:
    """Writes what was asked for; a second time there is nothing to do.

    Everything or nothing, as always; progress is committed beside it.
    """
    report = CatalogueImport.objects.select_related("provider").get(pk=payload["import"])
    if report.state != ImportState.WRITING:
        return
    kind, key = payload["actor"]
    # The rights were judged when it was asked for.
    rights = {Permission.MANAGE_CATALOGUE: frozenset({report.provider.organisation_id})}
    actor = Actor(kind, key, report.published_by, rights)
    try:
        with _teller(report.pk) as listen:
            catalogue_import_publish(
                actor=actor,
                catalogue_import=report,
                skip=payload["skip"],
                remove_missing=payload["remove_missing"],
                listen=listen,
            )
    except ImportStateError:
        # Another worker was first.
        return
    except DomainError as error:
        CatalogueImport.objects.filter(pk=report.pk, state=ImportState.WRITING).update(
            state=ImportState.CHECKED,
            refusal=str(error.message)[:REFUSAL_LENGTH],
            published_by="",
            progress=0,
        )


@contextmanager
def _teller(import_id: int) -> Iterator[Listener]:
    """Tells how far writing is through a connection of its own, so that others see it at once."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)

    def tell(percentage: int, total: int) -> None:
        with own.cursor() as cursor:
            cursor.execute(TELL, [percentage, import_id])

    try:
        yield now_and_then(tell)
    finally:
        own.close()


def _number_of_changes(report: CatalogueImport) -> int:
    return sum(
        number
        for of_sheet in report.counts.values()
        for action, number in of_sheet.items()
        if action != UNCHANGED
    )
