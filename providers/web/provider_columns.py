"""How recognition, contacts and documents of a provider read on screen."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.web.tables import Column
from backend.web.values import Badge, Lines, Link, Text, Tone, Value
from providers.choices import MarkKind, MarkStatus
from providers.models import Provider, ProviderDocument, QualityMark
from providers.ports import SupplierFigures
from providers.web.columns import address_line

FINDINGS_LABEL = gettext_lazy("Open findings")
PLACES_LABEL = gettext_lazy("Running places")
MARK_TONES: dict[str, Tone] = {
    MarkStatus.VALID: "success",
    MarkStatus.ASPIRANT: "info",
    MarkStatus.SUSPENDED: "warning",
    MarkStatus.WITHDRAWN: "danger",
}


def provider_url(provider: Provider) -> str:
    return reverse("provider", args=[provider.uuid])


def mark_badge(mark: QualityMark) -> Badge:
    kind = {MarkKind.KEURMERK: _("Quality mark"), MarkKind.TST: _("TST")}[MarkKind(mark.kind)]
    return Badge(f"{kind}: {mark.get_status_display()}", MARK_TONES[mark.status])


def document_badge(document: ProviderDocument) -> Badge:
    if not document.is_current:
        return Badge(_("Replaced"))
    if document.valid_until is not None and document.valid_until < clock.today():
        return Badge(_("Expired"), "danger")
    return Badge(_("Counts"), "success")


def figure_link(provider: Any, name: str, path: str) -> Value:
    """A number of the supplier, and the way to the rows that it counts."""
    number = getattr(provider, name)
    return Link(str(number), f"{path}{provider.organisation.uuid}") if number else None


def figure_columns(figures: SupplierFigures) -> tuple[Column, ...]:
    """The findings that wait at a provider and the places that run, with the way to them."""

    def column(key: str, label: Text, name: str, path: str) -> Column:
        return Column(
            key,
            label,
            lambda one: figure_link(one, name, path),
            sort=(name,),
            numeric=True,
            export=((label, name),),
        )

    return (
        column("places", PLACES_LABEL, "running_places", figures.places_path),
        column("findings", FINDINGS_LABEL, "open_findings", figures.findings_path),
    )


MARK_COLUMNS = (
    Column("kind", gettext_lazy("Recognition"), "get_kind_display", header=True),
    Column("status", gettext_lazy("Status"), mark_badge),
    Column("from", gettext_lazy("First day"), "valid_from"),
    Column("to", gettext_lazy("Last day"), "valid_to"),
    Column("source", gettext_lazy("Source"), "source"),
)
LOCATION_COLUMNS = (
    Column("name", gettext_lazy("Name"), "name", header=True),
    Column(
        "street",
        gettext_lazy("Address"),
        address_line,
    ),
    Column("postcode", gettext_lazy("Postcode"), "postcode"),
    Column("place", gettext_lazy("Place"), "place"),
    Column("wheelchair", gettext_lazy("Wheelchair accessible"), "wheelchair_accessible"),
    Column("childcare", gettext_lazy("Childcare"), "childcare"),
)
CONTACT_COLUMNS: tuple[Column, ...] = (
    Column("name", gettext_lazy("Name"), "name", header=True),
    Column("role", gettext_lazy("Role"), "get_role_display"),
    Column("email", gettext_lazy("E-mail"), "email"),
    Column("phone", gettext_lazy("Telephone"), "phone"),
)
OWN_CONTACT: tuple[Column, ...] = (
    Column(
        "change",
        gettext_lazy("Change"),
        lambda one: Lines(
            (
                Link(_("Change"), reverse("provider-contact-edit", args=[one.uuid])),
                Link(_("Remove"), reverse("provider-contact-remove", args=[one.uuid])),
            )
        ),
    ),
)
DOCUMENT_COLUMNS: tuple[Column, ...] = (
    Column("title", gettext_lazy("Title"), "title", header=True),
    Column("kind", gettext_lazy("Kind"), "get_kind_display"),
    Column("issued", gettext_lazy("Issued"), "issue_date"),
    Column("until", gettext_lazy("Counts until"), "valid_until"),
    Column("state", gettext_lazy("Status"), document_badge),
    Column("reference", gettext_lazy("Filed under"), "reference"),
)
DOCUMENT_FILE: tuple[Column, ...] = (
    Column(
        "file",
        gettext_lazy("File"),
        lambda one: (
            Link(one.file_name, reverse("provider-document-file", args=[one.uuid]))
            if one.has_file
            else None
        ),
    ),
)
OWN_DOCUMENT: tuple[Column, ...] = (
    Column(
        "remove",
        gettext_lazy("Change"),
        lambda one: Lines(
            (
                Link(_("Upload the file"), reverse("provider-document-upload", args=[one.uuid])),
                Link(_("Remove"), reverse("provider-document-remove", args=[one.uuid])),
            )
        ),
    ),
)
