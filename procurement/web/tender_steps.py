"""The steps of a tender: register, change, publish, close, award, cancel."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.models import Organisation
from backend.web.pages import ConfirmPage, Crumb, FormPage
from backend.web.values import Text
from procurement.choices import AllocationKey, TenderProcedure
from procurement.models import Lot, Tender
from procurement.selectors.buyers import buyers_for
from procurement.services.lots import Participation, lot_register
from procurement.services.tenders import (
    AwardDraft,
    TenderDraft,
    tender_award,
    tender_cancel,
    tender_change,
    tender_close,
    tender_publish,
    tender_register,
)
from procurement.web import fields
from procurement.web.common import MANAGER, tender_url
from procurement.web.lot_forms import LotForm
from procurement.web.status_steps import ReasonForm
from providers.models import Provider

AWARD_ROWS = 4


class CpvField(forms.CharField):
    """CPV codes with commas or spaces between; the check digit behind a hyphen is left out."""

    def clean(self, value: Any) -> tuple[str, ...]:
        text = super().clean(value)
        words = text.replace(",", " ").replace(";", " ").split()
        return tuple(dict.fromkeys(word.split("-")[0] for word in words))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class TenderForm(forms.Form):
    buyer = fields.OrganisationField(
        label=gettext_lazy("Buyer"), queryset=Organisation.objects.none()
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    procedure = forms.ChoiceField(label=gettext_lazy("Procedure"), choices=TenderProcedure.choices)
    cpv_codes = CpvField(
        label=gettext_lazy("CPV codes"),
        required=False,
        help_text=gettext_lazy("Eight digits each, for example 80420000 or 85300000."),
    )
    publication_reference = forms.CharField(
        label=gettext_lazy("Publication number"), max_length=60, required=False
    )
    publication_date = fields.day(gettext_lazy("Publication date"), required=False)
    closing_date = fields.day(gettext_lazy("Last day for tenders"), required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, buyers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer"].queryset = buyers  # type: ignore[attr-defined]
        if kwargs.get("initial", {}).get("fixed"):
            del self.fields["buyer"]

    def draft(self, **kept: Any) -> TenderDraft:
        data = {name: self.cleaned_data[name] for name in self.fields if name != "buyer"}
        return TenderDraft(**data, **kept)


class TenderNewPage(FormPage):
    permission = MANAGER
    title = gettext_lazy("New tender")
    form_class = TenderForm
    success_message = gettext_lazy("The tender has been registered. Add its lots.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Tenders"), reverse("tenders")),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"buyers": buyers_for(self.actor)}

    def get_initial(self) -> dict[str, Any]:
        return {"buyer": buyers_for(self.actor).first()}

    def perform(self, form: Any) -> Tender:
        return tender_register(
            actor=self.actor, buyer=form.cleaned_data["buyer"], draft=form.draft()
        )

    def get_success_url(self, result: Tender) -> str:
        return tender_url(result)


class OnTender:
    """A step on a tender that goes back to its page."""

    actor: Any
    kwargs: dict[str, Any]
    tender: Tender

    def prepare(self) -> None:
        found = (
            Tender.objects.visible_to(self.actor)
            .select_related("buyer")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.tender = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Tenders"), reverse("tenders")),
            (self.tender.reference, tender_url(self.tender)),
        )

    def get_success_url(self, result: Any) -> str:
        return tender_url(self.tender)


class TenderChangePage(OnTender, FormPage):
    permission = MANAGER
    title = gettext_lazy("Change this tender")
    form_class = TenderForm
    success_message = gettext_lazy("The tender has been changed.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"buyers": buyers_for(self.actor)}

    def get_initial(self) -> dict[str, Any]:
        names = [name for name in TenderForm.base_fields if name != "buyer"]
        return {name: getattr(self.tender, name) for name in names} | {"fixed": True}

    def perform(self, form: Any) -> Tender:
        return tender_change(
            actor=self.actor,
            tender=self.tender,
            draft=form.draft(
                award_date=self.tender.award_date, standstill_until=self.tender.standstill_until
            ),
        )


class TenderPublishPage(OnTender, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Publish this tender?")
    submit_label = gettext_lazy("Yes, publish")
    success_message = gettext_lazy("The tender has been published.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("Lots, reference, procedure and CPV codes cannot change any more."),
            _("Participating municipalities see the tender."),
        ]

    def perform(self, form: forms.BaseForm) -> Tender:
        return tender_publish(actor=self.actor, tender=self.tender)


class TenderClosePage(OnTender, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Close this tender?")
    submit_label = gettext_lazy("Yes, close")
    success_message = gettext_lazy("The tender has been closed.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [_("No offers are accepted any more. You can award the lots now.")]

    def perform(self, form: forms.BaseForm) -> Tender:
        return tender_close(actor=self.actor, tender=self.tender)


class TenderCancelPage(OnTender, FormPage):
    permission = MANAGER
    title = gettext_lazy("Cancel this tender")
    intro = gettext_lazy("This cannot be undone.")
    form_class = ReasonForm
    submit_label = gettext_lazy("Cancel the tender")
    success_message = gettext_lazy("The tender has been cancelled.")

    def perform(self, form: forms.BaseForm) -> Tender:
        return tender_cancel(actor=self.actor, tender=self.tender, **form.cleaned_data)


class AwardForm(forms.Form):
    """For every lot a few rows: provider, place in the ranking, share."""

    award_date = fields.day(gettext_lazy("Award date"))
    standstill_until = fields.day(gettext_lazy("End of the standstill period"), required=False)

    def __init__(self, *args: Any, lots: Sequence[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots = lots
        providers = Provider.objects.select_related("organisation").order_by("organisation__name")
        for lot in lots:
            for row in range(1, (lot.contractors or AWARD_ROWS) + 1):
                name = {"lot": lot.code, "row": row}
                key = f"{lot.pk}_{row}"
                self.fields[f"provider_{key}"] = fields.ProviderField(
                    label=_("Lot %(lot)s: provider %(row)s") % name,
                    queryset=providers,
                    required=False,
                )
                if lot.allocation == AllocationKey.RANK:
                    self.fields[f"rank_{key}"] = fields.number(
                        _("Lot %(lot)s: place in the ranking %(row)s") % name
                    )
                if lot.allocation == AllocationKey.SHARE:
                    self.fields[f"share_{key}"] = forms.DecimalField(
                        label=_("Lot %(lot)s: share in percent %(row)s") % name,
                        required=False,
                        localize=True,
                    )

    def drafts(self) -> list[AwardDraft]:
        data = self.cleaned_data
        return [
            AwardDraft(
                lot,
                data[f"provider_{lot.pk}_{row}"],
                data.get(f"rank_{lot.pk}_{row}"),
                data.get(f"share_{lot.pk}_{row}"),
            )
            for lot in self.lots
            for row in range(1, (lot.contractors or AWARD_ROWS) + 1)
            if data.get(f"provider_{lot.pk}_{row}")
        ]


class TenderAwardPage(OnTender, FormPage):
    permission = MANAGER
    title = gettext_lazy("Award this tender")
    intro = gettext_lazy("An award cannot be undone or changed here. Check it first.")
    form_class = AwardForm
    submit_label = gettext_lazy("Award")
    success_message = gettext_lazy("The tender has been awarded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lots": list(self.tender.lots.order_by("code", "pk"))}

    def perform(self, form: Any) -> Tender:
        return tender_award(
            actor=self.actor,
            tender=self.tender,
            awards=form.drafts(),
            award_date=form.cleaned_data["award_date"],
            standstill_until=form.cleaned_data["standstill_until"],
        )


class TenderLotNewPage(OnTender, FormPage):
    permission = MANAGER
    title = gettext_lazy("Add a lot to this tender")
    form_class = LotForm
    success_message = gettext_lazy("The lot has been added.")
    error_fields = {"participations": "municipalities"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"buyer": self.tender.buyer}

    def perform(self, form: Any) -> Lot:
        data = form.cleaned_data
        return lot_register(
            actor=self.actor,
            buyer=self.tender.buyer,
            tender=self.tender,
            code=data["code"],
            title=data["title"],
            components=data["components"],
            target_groups=data["target_groups"],
            terms=form.terms(),
            participations=[
                Participation(one, data["valid_from"], payer=data["payer"])
                for one in data["municipalities"]
            ],
        )
