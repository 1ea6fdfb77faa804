"""Clauses of a contract: the section on its page, and the forms to agree on them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.web.pages import Action, ConfirmPage, Fact, FormPage
from backend.web.tables import Column, table_of
from backend.web.values import Link, Text
from procurement.choices import ContractStatus
from procurement.clauses.kinds import ClauseKind, MilestoneKind
from procurement.clauses.library import (
    LIBRARY,
    Parameter,
    Share,
    WholeNumber,
    clause_in_words,
)
from procurement.models import Clause, Contract, ContractLot
from procurement.money_errors import ClauseLockedError
from procurement.selectors.versions import draft_version, newest_version
from procurement.services.clauses import (
    clause_add,
    clause_change,
    clause_remove,
    clauses_from_library,
    milestone_record,
)
from procurement.web import fields
from procurement.web.common import MANAGER, READERS, OfContract, Section

CLAUSE_COLUMNS = (
    Column("kind", gettext_lazy("Clause"), "get_kind_display", header=True),
    Column(
        "says",
        gettext_lazy("What is agreed"),
        lambda one: clause_in_words(one.kind, one.parameters),
    ),
    Column("detail", gettext_lazy("What for"), lambda one: _scope(one)),
    Column("source", gettext_lazy("Source"), lambda one: LIBRARY[one.kind].source),
)
CLAUSE_STEPS = Column(
    "steps",
    gettext_lazy("Steps"),
    lambda one: Link(_("Change"), reverse("clause-change", args=[one.uuid])),
)
MILESTONE_COLUMNS = (
    Column("title", gettext_lazy("Title"), "title", header=True),
    Column("kind", gettext_lazy("Kind"), "get_kind_display"),
    Column("period", gettext_lazy("From"), "period_start"),
    Column("due", gettext_lazy("Due"), "due_date"),
    Column("met", gettext_lazy("Done on"), "met_date"),
)


def _scope(clause: Clause) -> str:
    lot = clause.contract_lot
    parts = [clause.detail, "" if lot is None else _("Lot %(code)s") % {"code": lot.lot.code}]
    return ", ".join(one for one in parts if one)


def clauses_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    """The clauses of the newest version; they change while it is being prepared."""
    version = newest_version(contract.pk)
    clauses = (
        []
        if version is None
        else list(version.clauses.select_related("contract_lot__lot").order_by("kind", "detail"))
    )
    actions: list[Action] = []
    is_draft = version is not None and version.agreed_at is None
    if manages and is_draft:
        actions = [
            Action(_("Add a clause"), reverse("clause-kinds", args=[contract.uuid])),
            Action(_("Take over the library"), reverse("clauses-propose", args=[contract.uuid])),
        ]
    facts: tuple[Fact, ...] = ()
    if version is not None:
        state = _("draft, can still change") if is_draft else _("locked")
        facts = (Fact(_("Version"), f"{version.number} ({state})"),)
    return Section(
        "clauses",
        _("Clauses"),
        facts=facts,
        tables=[
            table_of(
                CLAUSE_COLUMNS + (CLAUSE_STEPS,) * (manages and is_draft),
                clauses,
                caption=_("Clauses of the contract"),
                empty=_("No clauses have been agreed, so nothing is checked every day."),
            )
        ],
        actions=actions,
    )


def milestones_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    """Reports, meetings and social return, and the findings of the clauses."""
    actions = [
        Action(_("Findings"), f"{reverse('breaches')}?contract={contract.number}"),
    ]
    if contract.status != ContractStatus.DRAFT:
        actions.append(Action(_("Call-offs"), f"{reverse('call-offs')}?contract={contract.number}"))
        actions.append(Action(_("Money"), reverse("contract-money", args=[contract.uuid])))
        actions.append(Action(_("Record"), reverse("milestone-new", args=[contract.uuid])))
    return Section(
        "milestones",
        _("Kept promises"),
        tables=[
            table_of(
                MILESTONE_COLUMNS,
                contract.milestones.order_by("-period_start", "-pk")[:50],
                caption=_("Reports, meetings and social return"),
                empty=_("Nothing has been recorded yet."),
            )
        ],
        actions=actions,
    )


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Clause"), choices=ClauseKind.choices, widget=forms.RadioSelect
    )


class ClauseKindPage(OfContract, FormPage):
    """First which clause; the next page asks for its numbers."""

    permission = MANAGER
    title = gettext_lazy("Add a clause")
    form_class = KindForm
    submit_label = gettext_lazy("Next")

    def perform(self, form: Any) -> Any:
        return form.cleaned_data["kind"]

    def get_success_url(self, result: Any) -> str:
        return reverse("clause-new", args=[self.contract.uuid, result])


def number_field(one: Parameter) -> forms.Field:
    """The field for one number of a clause, with its bounds and the number of the standard."""
    label = f"{one.label} ({one.unit})"
    if isinstance(one, WholeNumber):
        return forms.IntegerField(
            label=label, min_value=one.low, max_value=one.high, initial=one.default
        )
    if isinstance(one, Share):
        return forms.DecimalField(
            label=label,
            min_value=one.low,
            max_value=one.high,
            decimal_places=2,
            localize=True,
            initial=one.default,
        )
    return forms.CharField(
        label=label,
        initial=", ".join(map(str, one.default)),
        help_text=_("Rising percentages with commas between them."),
    )


class ClauseForm(forms.Form):
    """The numbers of one kind of clause, each within its bounds."""

    def __init__(
        self, *args: Any, kind: str, contract_lots: Sequence[ContractLot] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in LIBRARY[kind].parameters:
            self.fields[one.name] = number_field(one)
        self.names = [one.name for one in LIBRARY[kind].parameters]
        if contract_lots:
            self.fields["detail"] = forms.CharField(
                label=_("What for"),
                max_length=60,
                required=False,
                help_text=_("Only needed when this clause stands twice in the contract."),
            )
            self.fields["contract_lot"] = forms.TypedChoiceField(
                label=_("Lot"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", _("The whole contract"))]
                + [(one.pk, str(one.lot.code)) for one in contract_lots],
            )

    def parameters(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.names}


def _error_fields(kind: str) -> dict[str, str]:
    return {f"parameters.{one.name}": one.name for one in LIBRARY[kind].parameters}


class ClauseNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "clauses"
    form_class = ClauseForm
    success_message = gettext_lazy("The clause has been added.")

    def prepare(self) -> None:
        super().prepare()
        if self.kwargs["kind"] not in LIBRARY:
            raise Http404
        self.contract_lots = list(
            self.contract.contract_lots.select_related("lot").order_by("lot__code", "pk")
        )

    def get_title(self) -> Text:
        return ClauseKind(self.kwargs["kind"]).label

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kind": self.kwargs["kind"], "contract_lots": self.contract_lots}

    @property
    def error_fields(self) -> dict[str, str]:  # type: ignore[override]
        return _error_fields(self.kwargs["kind"])

    def perform(self, form: Any) -> Any:
        version = draft_version(self.contract.pk)
        if version is None:
            raise ClauseLockedError
        wanted = form.cleaned_data.get("contract_lot")
        lot = next((one for one in self.contract_lots if one.pk == wanted), None)
        return clause_add(
            actor=self.actor,
            version=version,
            kind=self.kwargs["kind"],
            parameters=form.parameters(),
            detail=form.cleaned_data.get("detail", ""),
            contract_lot=lot,
        )


class _OfClause(OfContract):
    anchor = "clauses"
    clause: Clause

    def prepare(self) -> None:
        self.clause = self.load(Clause, "version__contract__buyer")
        self.contract = self.clause.version.contract


class ClauseChangePage(_OfClause, FormPage):
    permission = MANAGER
    form_class = ClauseForm
    success_message = gettext_lazy("The clause has been changed.")

    def get_title(self) -> Text:
        return self.clause.get_kind_display()

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Remove this clause"), reverse("clause-remove", args=[self.clause.uuid])),)

    def get_initial(self) -> dict[str, Any]:
        return {
            name: ", ".join(map(str, value)) if isinstance(value, list) else value
            for name, value in self.clause.parameters.items()
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kind": self.clause.kind}

    @property
    def error_fields(self) -> dict[str, str]:  # type: ignore[override]
        return _error_fields(self.clause.kind)

    def perform(self, form: Any) -> Any:
        return clause_change(actor=self.actor, clause=self.clause, parameters=form.parameters())


class ClauseRemovePage(_OfClause, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Remove this clause")
    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The clause has been removed.")

    def get_consequences(self) -> Sequence[Text]:
        return (
            clause_in_words(self.clause.kind, self.clause.parameters),
            _("It is not agreed any more and will not be checked."),
        )

    def perform(self, form: Any) -> Any:
        clause_remove(actor=self.actor, clause=self.clause)


class ClausesProposePage(OfContract, ConfirmPage):
    """Takes over every clause of the library at once, to change afterwards."""

    permission = MANAGER
    anchor = "clauses"
    danger = False
    title = gettext_lazy("Take over the library of clauses")
    submit_label = gettext_lazy("Take over")
    success_message = gettext_lazy("The clauses have been taken over. Change what differs here.")

    def get_consequences(self) -> Sequence[Text]:
        return [clause_in_words(kind, {}) for kind in LIBRARY]

    def perform(self, form: Any) -> Any:
        version = draft_version(self.contract.pk)
        if version is None:
            raise ClauseLockedError
        return clauses_from_library(actor=self.actor, version=version)


class MilestoneForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MilestoneKind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    period_start = fields.day(gettext_lazy("First day of the period"))
    due_date = fields.day(gettext_lazy("Due"), required=False)
    met_date = fields.day(gettext_lazy("Done on"), required=False)
    amount = fields.money(
        gettext_lazy("Amount in euros"),
        required=False,
        help_text=gettext_lazy("Only for social return."),
    )
    location = forms.CharField(
        label=gettext_lazy("Where it is kept"), max_length=300, required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MilestoneNewPage(OfContract, FormPage):
    permission = READERS
    anchor = "milestones"
    title = gettext_lazy("Record a report, a meeting or social return")
    form_class = MilestoneForm
    success_message = gettext_lazy("It has been recorded.")

    def perform(self, form: Any) -> Any:
        return milestone_record(actor=self.actor, contract=self.contract, **form.cleaned_data)
