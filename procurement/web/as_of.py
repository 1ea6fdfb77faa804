"""What a contract said on a day, as it was known at a moment."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.web.pages import Crumb, DetailPage, Fact
from backend.web.values import Text
from procurement.models import Contract, ContractVersion
from procurement.selectors.versions import contract_as_of
from procurement.web import fields
from procurement.web.common import READERS, contract_url


class AsOfForm(forms.Form):
    effective = fields.day(gettext_lazy("What held on"), required=False)
    known = fields.day(gettext_lazy("As it was known at the end of"), required=False)


class AsOfPage(DetailPage):
    permission = READERS
    model = Contract
    template_name = "procurement/as_of.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("buyer", "provider__organisation")

    def get_title(self) -> Text:
        return _("What held when?")

    def get_breadcrumbs(self) -> tuple[Crumb, ...]:
        return (
            (_("Contracts"), reverse("contracts")),
            (self.object.number, contract_url(self.object)),
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = AsOfForm(request.GET)
        if set(request.GET) - {"effective", "known"} or not form.is_valid():
            return self.show(status=400, form=form, facts=(), version=None)
        today = clock.today()
        effective = form.cleaned_data["effective"] or today
        known = form.cleaned_data["known"] or today
        # The whole day counts: what was recorded in the afternoon was known that day.
        moment = datetime.combine(known + timedelta(days=1), time(), tzinfo=clock.NETHERLANDS)
        version = contract_as_of(self.object.pk, effective=effective, known_at=moment)
        form = AsOfForm(initial={"effective": effective, "known": known})
        return self.show(form=form, version=version, facts=version_facts(version), asked=True)


def version_facts(version: ContractVersion | None) -> tuple[Fact, ...]:
    if version is None:
        return ()
    return (
        Fact(_("Version"), version.number),
        Fact(_("Kind"), version.get_kind_display()),
        Fact(_("Title"), version.title),
        Fact(_("End date of the contract"), version.end_date),
        Fact(_("Notice period in months"), version.notice_months),
        Fact(_("Payment term in days"), version.payment_days),
        Fact(_("Takes effect on"), version.effective_date),
        Fact(_("Recorded on"), version.agreed_at),
        Fact(_("Reason"), version.reason),
    )
