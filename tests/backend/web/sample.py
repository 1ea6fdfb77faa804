"""A few pages of an imagined app, to test the generic pages with."""

from django import forms
from django.urls import include, path

from backend.common.errors import BusyError, InvalidError, NotFoundError, Violation
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.pages import ConfirmPage, FormPage, Page


class SampleForm(forms.Form):
    title = forms.CharField(label="Titel", help_text="Kort en duidelijk.")
    number = forms.IntegerField(label="Aantal", required=False)
    days = forms.MultipleChoiceField(
        label="Dagen",
        choices=(("mo", "Maandag"), ("tu", "Dinsdag")),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    sure = forms.BooleanField(label="Ik weet het zeker", required=False)


class SampleFormPage(FormPage):
    permission = Permission.MANAGE_CONTRACTS
    title = "Voorbeeld"
    form_class = SampleForm
    success_message = "Het is opgeslagen."
    error_fields = {"size": "number"}

    def perform(self, form):
        title = form.cleaned_data["title"]
        organisation = Organisation.objects.create(kind="provider", name=title, code="sample")
        if title == "druk":
            raise BusyError
        if title == "fout":
            raise InvalidError(
                violations=[
                    Violation("size", "too_large", "Dit aantal past niet."),
                    Violation("days.0", "holiday", "Dan is er geen les."),
                    Violation("elsewhere", "odd", "Er is nog iets anders."),
                ]
            )
        return organisation

    def get_success_url(self, result):
        return "/sample"


class SampleConfirmPage(ConfirmPage):
    permission = Permission.MANAGE_CONTRACTS
    title = "Weet u het zeker?"
    submit_label = "Ja, verwijder"

    def get_consequences(self):
        return ("Dit kan niet ongedaan worden gemaakt.",)

    def perform(self, form):
        raise BusyError

    def get_success_url(self, result):
        return "/sample"


class BrokenPage(Page):
    title = "Kapot"

    def get(self, request, *args, **kwargs):
        if "missing" in request.GET:
            raise NotFoundError
        raise RuntimeError("a mistake in the program")


handler400 = "backend.web.views.bad_request"
handler403 = "backend.web.views.permission_denied"
handler404 = "backend.web.views.page_not_found"
handler500 = "backend.web.views.server_error"

urlpatterns = [
    path("sample", SampleFormPage.as_view(), name="sample"),
    path("sample/confirm", SampleConfirmPage.as_view(), name="sample-confirm"),
    path("sample/broken", BrokenPage.as_view(), name="sample-broken"),
    path("", include("backend.urls")),
]
