"""A request for a group that is taken back, or gets a later deadline."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.business_days import add_business_days
from backend.organisations.permissions import Permission
from backend.web.pages import ConfirmPage, FormPage
from backend.web.values import Text
from matching.models import GroupRequest
from matching.services.group_requests import (
    ANSWER_BUSINESS_DAYS,
    group_request_postpone,
    group_request_withdraw,
)
from matching.web.group_request_steps import OfRequest, ReasonForm, day_field


class GroupRequestWithdrawPage(OfRequest, ConfirmPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Withdraw this request?")
    form_class = ReasonForm
    submit_label = gettext_lazy("Yes, withdraw it")
    success_message = gettext_lazy("The request has been withdrawn.")

    def prepare(self) -> None:
        self.load(GroupRequest.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]))

    def get_consequences(self) -> Sequence[Text]:
        return (_("All bids end, and the providers that were asked hear of it."),)

    def perform(self, form: Any) -> GroupRequest:
        return group_request_withdraw(
            actor=self.actor,
            group_request=self.group_request,
            reason=form.cleaned_data["reason"],
        )


class PostponeForm(ReasonForm):
    answer_date = day_field(gettext_lazy("Providers can answer until"))
    field_order = ("answer_date", "reason")


class GroupRequestPostponePage(OfRequest, FormPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Give providers more time")
    intro = gettext_lazy("All providers that were asked hear of the new day.")
    form_class = PostponeForm
    submit_label = gettext_lazy("Give more time")
    success_message = gettext_lazy("The providers have been told of the new day.")

    def prepare(self) -> None:
        self.load(GroupRequest.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]))

    def get_initial(self) -> dict[str, Any]:
        now = clock.local_day(self.group_request.answer_due_at)
        return {"answer_date": add_business_days(now, ANSWER_BUSINESS_DAYS)}

    def perform(self, form: Any) -> GroupRequest:
        return group_request_postpone(
            actor=self.actor,
            group_request=self.group_request,
            answer_date=form.cleaned_data["answer_date"],
            reason=form.cleaned_data["reason"],
        )
