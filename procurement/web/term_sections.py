"""Versions, options, KPI and documents on the page of a contract."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.web.pages import Action, Fact
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Lines, Link, Percentage, Value, day_text
from procurement.choices import ContractStatus, OptionStatus
from procurement.kpi_codes import KPI_CODES
from procurement.models import (
    Contract,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    KpiAgreement,
)
from procurement.selectors.completeness import document_is_too_old, document_valid_until
from procurement.selectors.versions import version_history
from procurement.web.common import Section


def versions_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    versions = list(version_history(contract.pk))
    columns = VERSION_COLUMNS + (VERSION_STEPS,) * manages
    return Section(
        "versions",
        _("Versions"),
        tables=[
            table_of(
                columns,
                versions,
                caption=_("Versions of the contract"),
                empty=_("The first version starts when the contract is brought into force."),
            )
        ],
        actions=[
            Action(_("What held when?"), reverse("contract-as-of", args=[contract.uuid])),
        ],
    )


def options_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    open_to_change = manages and contract.status != ContractStatus.ENDED
    actions = []
    if open_to_change:
        actions = [Action(_("Add an option"), reverse("option-new", args=[contract.uuid]))]
    return Section(
        "options",
        _("Options to extend"),
        tables=[
            table_of(
                OPTION_COLUMNS + (OPTION_STEPS,) * open_to_change,
                contract.options.all(),
                caption=_("Options to extend"),
                empty=_("No option to extend has been agreed."),
            )
        ],
        actions=actions,
    )


def kpi_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    version = contract.versions.prefetch_related("kpi_agreements").order_by("-number").first()
    actions: list[Action] = []
    facts: tuple[Fact, ...] = ()
    if version is not None:
        state = _("locked") if version.agreed_at else _("draft, can still change")
        facts = (Fact(_("Version"), f"{version.number} ({state})"),)
        if manages and version.agreed_at is None:
            actions = [
                Action(_("Change the KPI"), reverse("contract-kpis", args=[version.uuid])),
            ]
    return Section(
        "kpi",
        _("KPI"),
        facts=facts,
        tables=[
            table_of(
                KPI_COLUMNS,
                [] if version is None else version.kpi_agreements.all(),
                caption=_("What is agreed about quality"),
                empty=_("No KPI have been agreed."),
            )
        ],
        actions=actions,
    )


def documents_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    open_to_change = manages and contract.status != ContractStatus.ENDED
    actions = []
    if open_to_change:
        actions = [Action(_("Add a document"), reverse("document-new", args=[contract.uuid]))]
    return Section(
        "documents",
        _("Documents"),
        tables=[
            table_of(
                DOCUMENT_COLUMNS + (DOCUMENT_STEPS,) * open_to_change,
                contract.documents.all(),
                caption=_("Documents of the contract"),
                empty=_("No documents are asked for."),
            )
        ],
        actions=actions,
    )


def _version_badge(version: ContractVersion) -> Badge:
    if version.agreed_at is None:
        return Badge(_("Draft"))
    known = [one for one in version.periods.all() if one.known_to is None]
    today = clock.today()
    if not known:
        return Badge(_("Replaced"))
    if any(one.valid_from <= today <= one.valid_to for one in known):
        return Badge(_("In force"), "success")
    return Badge(_("Later"), "info") if known[0].valid_from > today else Badge(_("Past"))


def _version_days(version: ContractVersion) -> Value:
    """The days on which the version holds, as known now."""
    return Lines(
        tuple(
            _("%(first)s to %(last)s")
            % {"first": day_text(one.valid_from), "last": day_text(one.valid_to)}
            for one in version.periods.all()
            if one.known_to is None
        )
    )


def _version_steps(version: ContractVersion) -> Value:
    uuid = [version.uuid]
    if version.agreed_at is None:
        if version.number == 1:
            return None
        return Lines(
            (
                Link(_("Agree"), reverse("version-confirm", args=uuid)),
                Link(_("Withdraw"), reverse("version-withdraw", args=uuid)),
            )
        )
    if any(one.known_to is None for one in version.periods.all()):
        return Link(_("Correct"), reverse("version-correct", args=uuid))
    return None


def _option_steps(option: ExtensionOption) -> Value:
    if option.status != OptionStatus.OPEN:
        return None
    uuid = [option.uuid]
    return Lines(
        (
            Link(_("Extend"), reverse("option-exercise", args=uuid)),
            Link(_("Do not extend"), reverse("option-decline", args=uuid)),
        )
    )


def _option_badge(option: ExtensionOption) -> Badge:
    if option.status == OptionStatus.EXERCISED:
        return Badge(option.get_status_display(), "success")
    if option.status == OptionStatus.OPEN and option.notice_date < clock.today():
        return Badge(_("Notice date has passed"), "danger")
    return Badge(option.get_status_display(), "info" if option.status == "open" else "neutral")


def _norm(agreement: KpiAgreement) -> str:
    known = KPI_CODES.get(agreement.indicator)
    number = f"{agreement.norm.normalize():f}".replace(".", ",")
    if known is None:
        return number
    sign = "≥" if known.high_is_good else "≤"
    return f"{sign} {number} {known.unit}"


def _indicator(agreement: KpiAgreement) -> str:
    known = KPI_CODES.get(agreement.indicator)
    return agreement.indicator if known is None else f"{known.code} {known.title}"


def _document_badge(document: ContractDocument) -> Badge:
    if document.issued_date is None:
        tone = "danger" if document.required else "neutral"
        return Badge(_("Missing"), tone)  # type: ignore[arg-type]
    if document_is_too_old(document, on=clock.today()):
        return Badge(_("Too old"), "danger")
    return Badge(_("Present"), "success")


VERSION_COLUMNS = (
    Column("number", gettext_lazy("Version"), "number", header=True),
    Column("kind", gettext_lazy("Kind"), "get_kind_display"),
    Column("effective", gettext_lazy("Takes effect on"), "effective_date"),
    Column("days", gettext_lazy("Holds"), _version_days),
    Column("recorded", gettext_lazy("Recorded on"), "agreed_at"),
    Column("reason", gettext_lazy("Reason"), "reason"),
    Column("state", gettext_lazy("Status"), _version_badge),
)
VERSION_STEPS = Column("steps", gettext_lazy("Change"), _version_steps)
OPTION_COLUMNS = (
    Column("number", gettext_lazy("Option"), "number", header=True),
    Column("start", gettext_lazy("Start"), "start_date"),
    Column("end", gettext_lazy("End"), "end_date"),
    Column("notice", gettext_lazy("Decide before or on"), "notice_date"),
    Column("state", gettext_lazy("Status"), _option_badge),
    Column("reason", gettext_lazy("Reason"), "reason"),
)
OPTION_STEPS = Column("steps", gettext_lazy("Change"), _option_steps)
KPI_COLUMNS = (
    Column("indicator", gettext_lazy("Indicator"), _indicator, header=True),
    Column("norm", gettext_lazy("Norm"), _norm),
    Column(
        "weight",
        gettext_lazy("Weight"),
        lambda one: Percentage(float(one.weight) / 100, 0),
        numeric=True,
    ),
    Column("minimum", gettext_lazy("Smallest number"), "minimum_n", numeric=True),
)
DOCUMENT_COLUMNS = (
    Column("title", gettext_lazy("Document"), "title", header=True),
    Column("kind", gettext_lazy("Kind"), "get_kind_display"),
    Column("issued", gettext_lazy("Date"), "issued_date"),
    Column("until", gettext_lazy("Valid until"), document_valid_until),
    Column("location", gettext_lazy("Where it is kept"), "location"),
    Column(
        "file",
        gettext_lazy("File"),
        lambda one: (
            Link(one.file_name, reverse("contract-document-file", args=[one.uuid]))
            if one.has_file
            else None
        ),
    ),
    Column("state", gettext_lazy("Status"), _document_badge),
)
DOCUMENT_STEPS = Column(
    "steps",
    gettext_lazy("Change"),
    lambda one: Lines(
        (
            Link(_("Change"), reverse("document-change", args=[one.uuid]), note=""),
            Link(_("Upload the file"), reverse("contract-document-upload", args=[one.uuid])),
        )
    ),
)
