"""A form that first shows what it will do: saving needs a look at the same values."""

from hashlib import sha256
from typing import Any

import orjson
from django import forms
from django.http import HttpRequest, HttpResponse

from backend.common.errors import DomainError
from backend.web.forms import add_domain_error
from backend.web.pages import FormPage
from backend.web.values import Text
from backend.web.views import status_of


class TwoStepPage(FormPage):
    """The first post shows the effect; the second, with the same values, does it.

    Whoever changes a value after looking is shown the new effect first. `fields_of_effect` leaves
    out what has no effect of its own, such as a reason.
    """

    look_label: Text = ""
    _looked_at: str = ""
    without_effect: frozenset[str] = frozenset()

    def effect(self, form: forms.BaseForm) -> dict[str, Any]:
        """What the template shows of the effect; raises a DomainError for values that are wrong."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        form = self.get_form(bound=True)
        if not form.is_valid():
            self.judge_rest(form)
            return self._form_page(form, status=400)
        given = request.POST.get("seen", "")
        if given and given == self._seen(form):
            self._looked_at = given
            return super().post(request, *args, **kwargs)
        try:
            effect = self.effect(form)
        except DomainError as error:
            add_domain_error(form, error, self.error_fields)
            return self._form_page(form, status=status_of(error))
        return self.show(
            form=form,
            submit_label=self.submit_label,
            cancel_url=self.get_cancel_url(),
            seen=self._seen(form),
            changed_since=bool(given),
            **effect,
        )

    def _form_page(self, form: forms.BaseForm, status: int = 200) -> HttpResponse:
        # Whoever has looked, and only forgot the reason, need not look again.
        return self.show(
            status=status,
            form=form,
            submit_label=self.submit_label if self._looked_at else self.look_label,
            cancel_url=self.get_cancel_url(),
            seen=self._looked_at,
        )

    def _seen(self, form: forms.BaseForm) -> str:
        """A mark of the values that were looked at."""
        values = {
            name: value
            for name, value in form.cleaned_data.items()
            if name not in self.without_effect
        }
        return sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
