"""“Contracts › New”: an award with its lots and contracts in one form (journey J1)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.web.pages import Crumb, FormPage
from procurement.clauses.library import LIBRARY
from procurement.kpi_codes import KpiProposal, proposed_set
from procurement.lot_templates import TEMPLATES
from procurement.selectors.buyers import buyers_for
from procurement.services.documents import standard_documents
from procurement.services.registration import Agreement, agreement_register
from procurement.web.award_rows import prices_of
from procurement.web.common import MANAGER, contract_url, tender_url
from procurement.web.registration_form import CEILINGS, AgreementForm, delivered_lots

# More than this is faster in a spreadsheet: see the import of contracts.
MOST = 12
# Names of buttons that show the form again with what was filled in, and save nothing.
REDRAWING = ("add_", "remove_", "propose_", "template", "change_buyer")
# The field of a group or row that is always sent when it was on the form.
MARKERS = {
    "lot": "code",
    "provider": "number",
    "option": "end_date",
    "kpi": "norm",
    "document": "title",
    "price": "amount",
}
# Of indexation the form asks these only.
INDEXATION = {"index_name": "index_name", "first_year": "start_date"}


class _Places(Mapping[str, str]):
    """From the place of a fault in the plan to the field of the form that it came from."""

    def __init__(self, form: AgreementForm) -> None:
        self.form = form
        # As it was: a fault at a field takes its value away.
        self.data = dict(form.cleaned_data)

    def __getitem__(self, place: str) -> str:
        kind, *rest = place.split(".")
        if kind == "indexation":
            return INDEXATION.get(rest[-1], kind)
        if kind == "options":
            return str(self.form.used_options[int(rest[0])] + rest[1])
        if kind == "tender":
            return rest[0]
        if kind == "clauses":
            return f"clause_{self.data['clauses'][int(rest[0])]}_{rest[-1]}"
        if kind == "lots" and len(rest) > 1:
            return f"lot_{int(rest[0]) + 1}_{rest[1]}"
        if kind == "contractors":
            return self._of_contractor(rest)
        if kind == "kpi_agreements":
            # The weights together are said at the first of them.
            number, name = rest or ("0", "weight")
            return str(self.form.used_kpis[int(number)] + name)
        if kind == "documents":
            return str(self.form.used_documents[int(rest[0])] + rest[1])
        return kind

    def _of_contractor(self, rest: list[str]) -> str:
        if not rest:
            # The form lets all awards together only be wrong in their shares.
            return next(name for name in self.form.fields if "_share_" in name)
        number = int(rest[0]) + 1
        if rest[1] == "parts":
            lots = delivered_lots(self.data, number, self.form.lot_numbers)
            lot = lots[int(rest[2])] if len(rest) > 2 else 1
            if rest[3:4] == ["tariffs"]:
                place, _draft = prices_of(self.data, number, lot)[int(rest[4])]
                return place + rest[-1] if place.endswith("_") else place
            name = rest[-1] if rest[-1] == "share" else CEILINGS.get(rest[-1], "price")
            return f"provider_{number}_{name}_{lot}"
        return f"provider_{number}_{rest[1]}"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return len(self.form.fields)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except (StopIteration, ValueError, IndexError):
            return default


class AgreementPage(FormPage):
    """One form for an award; whatever is added to it, what was filled in stays."""

    permission = MANAGER
    title = gettext_lazy("New contract")
    intro = gettext_lazy(
        "Register an award with its lots and a contract for every provider. You check each "
        "contract before it comes into force."
    )
    template_name = "procurement/registration.html"
    form_class = AgreementForm
    submit_label = gettext_lazy("Register the contracts")
    success_message = gettext_lazy(
        "The contracts have been registered as drafts. Check each one and bring it into force."
    )
    error_fields: Mapping[str, str] = {}  # type: ignore[misc]

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def prepare(self) -> None:
        asked = self.request.POST
        self.counts = _counts(asked)
        self.buyers = buyers_for(self.actor)
        chosen = asked.get("buyer", "")
        known = self.buyers.filter(pk=chosen).first() if chosen.isdecimal() else None
        self.buyer = known or self.buyers.first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "buyers": self.buyers,
            "buyer": self.buyer,
            "counts": self.counts,
        }

    def get_initial(self) -> dict[str, Any]:
        return {"buyer": self.buyer, "award_date": clock.today(), "clauses": list(LIBRARY)}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            counts=self.counts,
            several_buyers=len(self.buyers[:2]) > 1,
            templates=[(key, one.label) for key, one in TEMPLATES.items()],
            **extra,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not any(name.startswith(REDRAWING) for name in request.POST):
            return super().post(request, *args, **kwargs)
        self.prepare()
        # Shown again with what was filled in, and without judging it yet.
        initial = _typed(self.get_form(bound=True)) | _proposed(request.POST)
        _fill_in(initial, request.POST.get("template", ""))
        form = self.form_class(initial=initial, **self.get_form_kwargs())
        return self._form_page(form)

    def perform(self, form: Any) -> Agreement:
        self.error_fields = _Places(form)
        return agreement_register(actor=self.actor, plan=form.plan())

    def get_success_url(self, result: Agreement) -> str:
        if len(result.contracts) == 1:
            return contract_url(result.contracts[0])
        return tender_url(result.tender) + "#contracts"


def _typed(bound: Any) -> dict[str, Any]:
    """What stands in the form; a lot or provider that was just added starts as a new one does."""
    data = bound.data
    initial = {}
    for name, field in bound.fields.items():
        is_new = name not in data and _marker(name) not in data
        value = field.initial if is_new else bound[name].data
        if value not in (None, ""):
            initial[name] = value
    return initial


def _marker(name: str) -> str:
    """The field that shows whether the group or row of `name` was on the form."""
    kind, *rest = name.split("_")
    if kind not in MARKERS:
        return "buyer"
    numbers = [one for one in rest if one.isdecimal()][: 2 if kind == "price" else 1]
    return "_".join((kind, *numbers, MARKERS[kind]))


def _proposed(asked: Any) -> dict[str, Any]:
    """The rows that were asked for by “propose”, instead of those that were there."""
    found: dict[str, Any] = {}
    if "propose_kpis" in asked:
        for row, kpi in enumerate(_kpi_proposal(asked), start=1):
            found |= {
                f"kpi_{row}_indicator": kpi.code,
                f"kpi_{row}_norm": kpi.norm,
                f"kpi_{row}_weight": kpi.weight,
                f"kpi_{row}_minimum_n": kpi.minimum_n,
            }
    if "propose_documents" in asked:
        for row, document in enumerate(standard_documents(), start=1):
            found |= {f"document_{row}_{name}": one for name, one in vars(document).items()}
    return found


def _kpi_proposal(asked: Any) -> Sequence[KpiProposal]:
    """What fits the first lot, as far as that is filled in."""
    return proposed_set((asked.getlist("lot_1_components") or [""])[0])


def _fill_in(initial: dict[str, Any], asked: str) -> None:
    """`2:B` fills in lot 2 as the B1 route; a CPV code only where none was entered."""
    number, _colon, key = asked.partition(":")
    if key not in TEMPLATES:
        return
    chosen = TEMPLATES[key]
    initial[f"lot_{number}_components"] = list(chosen.components)
    initial[f"lot_{number}_unit"] = chosen.unit
    if not initial.get("cpv_codes"):
        initial["cpv_codes"] = chosen.cpv_code


def _counts(asked: Any) -> dict[str, int]:
    """How many groups and rows of each kind the form shows, after the button that was pressed."""
    counts = {
        "lots": _count(asked, "lots", "lot", 1),
        "contractors": _count(asked, "contractors", "contractor", 1),
        "options": _count(asked, "options", "option", 1),
        "kpis": _count(asked, "kpis", "kpi"),
        "documents": _count(asked, "documents", "document"),
    }
    for one in range(1, counts["contractors"] + 1):
        counts[f"prices_{one}"] = _count(asked, f"prices_{one}", f"price_{one}")
    if "propose_kpis" in asked:
        counts["kpis"] = len(_kpi_proposal(asked))
    if "propose_documents" in asked:
        counts["documents"] = len(standard_documents())
    return counts


def _count(asked: Mapping[str, str], name: str, one: str, least: int = 0) -> int:
    text = asked.get(name, "")
    shown = int(text[:3]) if text.isdecimal() else least
    shown += (f"add_{one}" in asked) - (f"remove_{one}" in asked)
    return min(max(least, shown), MOST)
