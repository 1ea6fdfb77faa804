"""Claim lines in a spreadsheet: check with every fault and the result, then send, or nothing.

The check sends the claim and takes it back, so that the two cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common.errors import InvalidError, Violation
from backend.common.imports import ImportFaultsError
from backend.common.spreadsheets import (
    AmountKind,
    CodeKind,
    Column,
    DayKind,
    Fault,
    Row,
    Sheet,
    Table,
    TextKind,
    as_violations,
    read_tables,
)
from backend.organisations.models import Organisation
from procurement.choices import TariffUnit
from procurement.claim_rules import ClaimLineDraft
from procurement.models import Claim, ClaimSheet, Contract
from procurement.money_choices import ClaimFault, ClaimLineState, ClaimWarning
from procurement.money_errors import ClaimSheetSentError
from procurement.money_policies import require_submit_claim
from procurement.services.claims import claim_submit

CLAIM_LINES = Sheet(
    "claim_lines",
    gettext_lazy("Claim lines"),
    (
        Column(
            "line_reference",
            gettext_lazy("Line"),
            TextKind(40),
            key=True,
            help=gettext_lazy("Your own reference; it can be used once in a contract."),
        ),
        Column("reference", gettext_lazy("Placement reference"), TextKind(36), required=True),
        Column("start_date", gettext_lazy("From"), DayKind(), required=True),
        Column("end_date", gettext_lazy("Until"), DayKind(), required=True),
        Column("unit", gettext_lazy("Unit"), CodeKind(TariffUnit.choices), required=True),
        Column(
            "quantity", gettext_lazy("Quantity"), AmountKind(decimals=2, least=0), required=True
        ),
        Column("rate", gettext_lazy("Price"), AmountKind(decimals=2, least=0), required=True),
        Column("amount", gettext_lazy("Amount"), AmountKind(decimals=2, least=0), required=True),
        Column(
            "credits_reference",
            gettext_lazy("Takes back line"),
            TextKind(40),
            help=gettext_lazy("Only to take back an approved line: its reference."),
        ),
    ),
    help=gettext_lazy("One row per placement. Leave out what you do not claim."),
)
# The column that a refusal is about, and what to do.
_ADVICE: dict[str, tuple[str, Any]] = {
    ClaimFault.NO_VALID_PLACEMENT: (
        "reference",
        gettext_lazy("Use the reference of a placement of this contract and municipality."),
    ),
    ClaimFault.TARIFF_MISMATCH: (
        "rate",
        gettext_lazy("Use the unit and the price that were agreed on the first day."),
    ),
    ClaimFault.AMOUNT_MISMATCH: (
        "amount",
        gettext_lazy("The amount is the quantity times the price, rounded to cents."),
    ),
    ClaimFault.OUTSIDE_PERIOD: (
        "start_date",
        gettext_lazy("Claim days within the month of the claim and within the placement."),
    ),
    ClaimFault.VOLUME_EXCEEDED: (
        "quantity",
        gettext_lazy("Claim no more than is left of the placement, or ask for a change first."),
    ),
    ClaimFault.BUDGET_EXCEEDED: (
        "amount",
        gettext_lazy("Claim no more than is left of the placement, or ask for a change first."),
    ),
    ClaimFault.CREDIT_CHAIN_BROKEN: (
        "credits_reference",
        gettext_lazy("Take back the earlier line first, with its own quantity and amount."),
    ),
    ClaimFault.REFERENCE_NOT_UNIQUE: (
        "line_reference",
        gettext_lazy("Give this line a reference of its own."),
    ),
}


class _TakenBackError(Exception):
    """Ends the trial run of a check."""


@transaction.atomic
def claim_sheet_check(
    *,
    actor: Actor,
    contract: Contract,
    municipality: Organisation,
    number: str,
    month: date,
    file_name: str,
    content: bytes,
) -> ClaimSheet:
    """The sheet with its report: every fault with row, column and advice, or the claim it becomes.

    Sends nothing. Raises NotAllowedError, UnreadableFileError when the file cannot be read at all.
    """
    require_submit_claim(actor, contract)
    sheet = ClaimSheet(
        contract=contract,
        municipality=municipality,
        number=number,
        month=month,
        file_name=file_name[:200],
        content=content,
    )
    try:
        with transaction.atomic():
            _claim, sheet.report = _run(actor, sheet)
            raise _TakenBackError
    except _TakenBackError:
        pass
    sheet.save()
    return sheet


@transaction.atomic
def claim_sheet_send(*, actor: Actor, sheet: ClaimSheet) -> Claim:
    """The sheet as one claim, checked again. Raises ImportFaultsError, ClaimSheetSentError."""
    require_submit_claim(actor, sheet.contract)
    sheet = ClaimSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if sheet.claim_id is not None:
        raise ClaimSheetSentError
    claim, report = _run(actor, sheet)
    if claim is None or report["faults"]:
        raise ImportFaultsError(as_violations([Fault(**one) for one in report["faults"]]))
    sheet.claim, sheet.content, sheet.report = claim, b"", report
    sheet.save(update_fields=["claim", "content", "report"])
    return claim


def _run(actor: Actor, sheet: ClaimSheet) -> tuple[Claim | None, dict[str, Any]]:
    file = read_tables(bytes(sheet.content), [CLAIM_LINES])
    faults, table = list(file.faults), file.table(CLAIM_LINES.name)
    drafts = _drafts(table, faults) if table is not None else []
    if table is None and not faults:
        faults.append(
            Fault("no_lines", _("This file has no sheet with claim lines."), _("Use the download."))
        )
    claim = None
    if table is not None and not faults:
        try:
            claim = claim_submit(
                actor=actor,
                contract=sheet.contract,
                municipality=sheet.municipality,
                number=sheet.number,
                month=sheet.month,
                lines=drafts,
            )
        except InvalidError as error:
            faults += [_violation(table, one) for one in error.violations]
    warnings: list[str] = []
    total = {"lines": len(drafts), "amount": "0.00"}
    if claim is not None and table is not None:
        lines = list(claim.lines.all())
        faults += _refused(table, lines)
        warnings = [
            one.line_reference for one in lines if ClaimWarning.MORE_THAN_DELIVERED in one.warnings
        ]
        amount = sum(-one.amount if one.is_credit else one.amount for one in lines)
        total["amount"] = str(amount)
    return claim, {"faults": [one.as_data() for one in faults], "warnings": warnings, **total}


def _drafts(table: Table, faults: list[Fault]) -> list[ClaimLineDraft]:
    found = []
    for row in table.rows:
        values = dict(row.values)
        try:
            values["reference"] = UUID(values["reference"])
        except ValueError:
            faults.append(
                table.fault(
                    row.number,
                    "reference",
                    "unknown_reference",
                    _("This is not a reference of a placement."),
                    _("Copy it from the file with what was delivered."),
                    values["reference"],
                )
            )
            continue
        values["credits_reference"] = values.get("credits_reference") or ""
        found.append(ClaimLineDraft(**values))
    return found


def _violation(table: Table, one: Violation) -> Fault:
    """A fault of the claim as a whole, at the row it is about if there is one."""
    parts = one.field.split(".")
    if parts[0] == "lines" and len(parts) > 2:
        row: Row = table.rows[int(parts[1])]
        return table.fault(row.number, parts[-1], one.code, str(one.message))
    return table.fault(0, parts[0], one.code, str(one.message))


def _refused(table: Table, lines: Sequence[Any]) -> list[Fault]:
    """What would be refused at once can be corrected before it is sent."""
    rows = {one.values["line_reference"]: one for one in table.rows}
    found = []
    for line in lines:
        for code in line.faults if line.state == ClaimLineState.REFUSED else ():
            name, advice = _ADVICE[code]
            row = rows[line.line_reference]
            found.append(
                table.fault(
                    row.number,
                    name,
                    code,
                    str(ClaimFault(code).label) + ".",
                    str(advice),
                    row.values.get(name) or "",
                )
            )
    return found


def line_values(lines: Sequence[ClaimLineDraft]) -> list[dict[str, Any]]:
    """Lines as rows of the sheet, so that what is downloaded can be sent back."""
    return [
        {name: value for name, value in asdict(one).items() if name in CLAIM_LINES.by_name}
        | {"reference": str(one.reference)}
        for one in lines
    ]
