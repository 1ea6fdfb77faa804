"""Taking over a sheet of contracts: check with all faults and a preview, then commit, or nothing.

The check does what the commit does and takes it back, so that the two cannot disagree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.errors import DomainError, Violation
from backend.common.imports import ImportFaultsError
from backend.common.spreadsheets import (
    Fault,
    Row,
    Table,
    as_violations,
    read_tables,
)
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus
from procurement.errors import SheetTakenOverError
from procurement.models import Contract, ContractLot, ContractSheet, Lot
from procurement.policies import require_manage_contracts
from procurement.selectors.buyers import municipalities_for
from procurement.services.contract_sheet_columns import CONTRACTS, OF_CONTRACT, OF_LOT
from procurement.services.contracts import contract_change, contract_lot_add, contract_register
from procurement.services.lots import Participation, lot_register
from procurement.services.tariffs import TariffDraft, tariff_add
from providers.models import Course, Provider


@dataclass
class Report:
    """What a sheet does to the contracts of the buyer; with faults it does nothing."""

    faults: list[Fault] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    prices: int = 0
    # Contracts that run and that the sheet does not name; they stay as they are.
    missing: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        return {
            "faults": [one.as_data() for one in self.faults],
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "prices": self.prices,
            "missing": self.missing,
        }


class _TakenBackError(Exception):
    """Ends the trial run of a check."""


def contract_sheet_check(
    *, actor: Actor, buyer: Organisation, file_name: str, content: bytes
) -> ContractSheet:
    """The sheet with its report: every fault with row, column and advice, or what would happen.

    Changes no contract. Raises UnreadableFileError when the file cannot be read at all.
    """
    require_manage_contracts(actor, buyer.pk)
    report = Report()
    try:
        with transaction.atomic():
            _run(actor, buyer, content, report)
            raise _TakenBackError
    except _TakenBackError:
        pass
    with transaction.atomic():
        return ContractSheet.objects.create(
            buyer=buyer, file_name=file_name[:200], content=content, report=report.as_data()
        )


@transaction.atomic
def contract_sheet_commit(*, actor: Actor, sheet: ContractSheet) -> Report:
    """All contracts of the sheet are there as drafts, or none.

    Checked again, because the contracts may have changed since. Raises ImportFaultsError with
    every fault, and SheetTakenOverError the second time.
    """
    require_manage_contracts(actor, sheet.buyer_id)
    sheet = ContractSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
    if sheet.committed_at is not None:
        raise SheetTakenOverError
    report = Report()
    _run(actor, sheet.buyer, bytes(sheet.content), report)
    if report.faults:
        raise ImportFaultsError(as_violations(report.faults))
    sheet.content, sheet.report, sheet.committed_at = b"", report.as_data(), clock.now()
    sheet.save(update_fields=["content", "report", "committed_at"])
    audit.record(
        actor=actor,
        action="contract_sheet.committed",
        subject=sheet,
        after={"file": sheet.file_name, "new": report.new, "changed": report.changed},
        organisation_ids=[sheet.buyer_id],
    )
    return report


def _run(actor: Actor, buyer: Organisation, content: bytes, report: Report) -> None:
    file = read_tables(content, [CONTRACTS])
    report.faults += file.faults
    table = file.table(CONTRACTS.name)
    needed = {one.name for one in CONTRACTS.columns if one.must_be_filled}
    if table is None or not needed <= set(table.present):
        # Without these columns every row would only repeat what is said about the headings.
        return
    run = _Sheet(actor, buyer, table, report)
    contracts: dict[str, list[Row]] = {}
    for row in table.rows:
        contracts.setdefault(row.values["number"], []).append(row)
    for number, rows in contracts.items():
        run.contract(number, rows)
    running = Contract.objects.filter(buyer=buyer).exclude(status=ContractStatus.ENDED)
    named = set(contracts)
    report.missing += [one for one in running.values_list("number", flat=True) if one not in named]


class _Sheet:
    """One pass over the rows of a sheet, contract by contract."""

    def __init__(self, actor: Actor, buyer: Organisation, table: Table, report: Report) -> None:
        self.actor, self.buyer, self.table, self.report = actor, buyer, table, report
        self.takers = {}
        for one in municipalities_for(buyer):
            self.takers[one.name.casefold()] = self.takers[one.code.casefold()] = one
        self.everybody = list(municipalities_for(buyer))

    def contract(self, number: str, rows: list[Row]) -> None:
        """One contract with all of its rows, or its faults; what it wrote is taken back then."""
        before = len(self.report.faults)
        self._same(rows, OF_CONTRACT)
        provider = self._provider(rows[0])
        if provider is None or len(self.report.faults) > before:
            return
        with transaction.atomic():
            known = Contract.objects.filter(buyer=self.buyer, number=number).first()
            contract = self._registered(known, number, rows[0], provider)
            if contract is None:
                return
            lots: dict[str, list[Row]] = {}
            for row in rows:
                lots.setdefault(row.values["lot"], []).append(row)
            prices = sum(self._lot(contract, code, found) for code, found in lots.items())
        self._count(number, known, prices, contract)

    def _count(self, number: str, known: Contract | None, prices: int, contract: Contract) -> None:
        self.report.prices += prices
        changed = known is not None and (
            prices
            or (known.title, known.start_date, known.end_date)
            != (contract.title, contract.start_date, contract.end_date)
        )
        if known is None:
            self.report.new.append(number)
        elif changed:
            self.report.changed.append(number)
        else:
            self.report.unchanged.append(number)

    def _registered(
        self, known: Contract | None, number: str, row: Row, provider: Provider
    ) -> Contract | None:
        terms = {name: row.values[name] for name in ("title", "start_date", "end_date")}
        if known is None:
            return self._try(
                row,
                contract_register,
                buyer=self.buyer,
                provider=provider,
                number=number,
                **terms,
            )
        if known.provider_id != provider.pk:
            self._fault(row, "provider", "other_provider", _("This contract has another provider."))
            return None
        if all(getattr(known, name) == value for name, value in terms.items()):
            return known
        if known.status != ContractStatus.DRAFT:
            self._fault(
                row,
                "title",
                "contract_in_force",
                _("This contract is in force, so its title and dates do not change here."),
                _("Make an amendment of the contract, or take over its data in the sheet."),
            )
            return None
        return self._try(row, contract_change, contract=known, **terms)

    def _lot(self, contract: Contract, code: str, rows: list[Row]) -> int:
        """The rows of one lot; returns how many prices are new."""
        before = len(self.report.faults)
        self._same(rows, OF_LOT)
        if len(self.report.faults) > before:
            return 0
        present = (
            ContractLot.objects.filter(contract=contract, lot__code=code)
            .select_related("lot", "contract")
            .first()
        )
        if present is not None:
            return sum(self._price(present, row) for row in rows)
        components = {row.values["component"] for row in rows}
        lot = Lot.objects.filter(buyer=self.buyer, code=code).first() or self._new_lot(
            code, rows[0], components
        )
        if lot is None:
            return 0
        values = rows[0].values
        courses = Course.objects.filter(
            provider=contract.provider_id, component__in=lot.components
        ).order_by("code", "pk")
        added = self._try(
            rows[0],
            contract_lot_add,
            rows=rows,
            contract=contract,
            lot=lot,
            courses=list(courses),
            tariffs=[_tariff(row) for row in rows],
            ceiling_places=values.get("places"),
            ceiling_amount=values.get("maximum"),
            execution=values.get("execution") or "effort",
        )
        return len(rows) if added is not None else 0

    def _new_lot(self, code: str, row: Row, components: Iterable[str]) -> Lot | None:
        takers = self._municipalities(row)
        if takers is None:
            return None
        found: Lot | None = self._try(
            row,
            lot_register,
            buyer=self.buyer,
            code=code,
            title=row.values.get("lot_title") or row.values["title"],
            components=sorted(components),
            target_groups=list(row.values.get("target_groups") or ("asylum",)),
            participations=[Participation(one, row.values["start_date"]) for one in takers],
        )
        return found

    def _price(self, present: ContractLot, row: Row) -> int:
        draft = _tariff(row)
        known = present.tariffs.filter(
            component=draft.component, unit=draft.unit, detail="", valid_from=draft.valid_from
        ).first()
        if known is None:
            added = self._try(row, tariff_add, contract_lot=present, draft=draft)
            return int(added is not None)
        if (known.amount, known.valid_to) != (draft.amount, draft.valid_to):
            self._fault(
                row,
                "amount",
                "price_differs",
                _("Passend has another price or last day for this period."),
                _("End that price on the page of the contract, then add the new one."),
            )
        return 0

    def _provider(self, row: Row) -> Provider | None:
        name = row.values["provider"]
        found = list(
            Provider.objects.filter(duo_number=name)
            or Provider.objects.filter(organisation__name__iexact=name)
        )
        if len(found) == 1:
            return found[0]
        self._fault(
            row,
            "provider",
            "unknown_provider",
            _("There is no provider “%(name)s”.") % {"name": name},
            _("Use the DUO number, or the name exactly as in the list of providers."),
        )
        return None

    def _municipalities(self, row: Row) -> list[Organisation] | None:
        text = row.values.get("municipalities") or ""
        names = [one.strip() for one in text.replace(";", ",").split(",") if one.strip()]
        unknown = [one for one in names if one.casefold() not in self.takers]
        for name in unknown:
            self._fault(
                row,
                "municipalities",
                "unknown_municipality",
                _("“%(name)s” is not a municipality that you buy for.") % {"name": name},
                _("Use its name or its CBS code."),
            )
        if unknown:
            return None
        return [self.takers[one.casefold()] for one in names] or self.everybody

    def _same(self, rows: Sequence[Row], names: Iterable[str]) -> None:
        """Values that belong to the contract or the lot are the same in all of its rows."""
        for name in names:
            first = rows[0].values.get(name)
            for row in rows[1:]:
                if row.values.get(name) != first:
                    self._fault(
                        row,
                        name,
                        "rows_disagree",
                        _("Row %(row)s says something else about the same contract or lot.")
                        % {"row": rows[0].number},
                        _("Make them the same."),
                    )

    def _try(self, row: Row, service: Any, rows: Sequence[Row] = (), **values: Any) -> Any:
        """What the service makes of the values; its faults stand at the rows they are about."""
        try:
            with transaction.atomic():
                return service(actor=self.actor, **values)
        except DomainError as error:
            violations = error.violations or (Violation("number", error.code, error.message),)
            for one in violations:
                place, name = _place(one.field, row, rows)
                self._fault(place, name, one.code, str(one.message))
            return None

    def _fault(self, row: Row, name: str, code: str, message: str, advice: str = "") -> None:
        self.report.faults.append(
            self.table.fault(row.number, name, code, message, advice, row.values.get(name, ""))
        )


def _place(path: str, row: Row, rows: Sequence[Row]) -> tuple[Row, str]:
    """The row and column that a fault of a service is about."""
    parts = path.split(".")
    name = {"code": "lot", "components": "component", "ceiling": "places"}.get(parts[-1], parts[-1])
    if parts[0] == "tariffs" and rows:
        number = int(parts[1]) if len(parts) > 2 else 0
        return rows[number], name
    return row, name


def _tariff(row: Row) -> TariffDraft:
    values = row.values
    return TariffDraft(
        values["component"],
        values["unit"],
        values["amount"],
        values["valid_from"],
        values.get("valid_to"),
    )
