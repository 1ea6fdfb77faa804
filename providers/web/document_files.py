"""Uploading and downloading the file of a document of the provider file."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.stored_files import MOST_BYTES, file_response
from backend.organisations.permissions import Permission
from backend.web.pages import FormPage, Page
from backend.web.values import Text
from providers.models import ProviderDocument
from providers.services.document_files import document_file_set, require_read_file
from providers.web.own import visible
from providers.web.provider_pages import OwnRow


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPG, PNG, Word or Excel, at most 10 MB."),
    )


class DocumentFilePage(OwnRow, FormPage):
    """Puts the file itself beside a document, in the place of an earlier one."""

    model = ProviderDocument
    form_class = FileForm
    submit_label = gettext_lazy("Upload the file")
    success_message = gettext_lazy("The file has been saved.")

    def get_title(self) -> Text:
        return _("File of “%(title)s”") % {"title": self.row.title}

    def perform(self, form: Any) -> Any:
        file = form.cleaned_data["file"]
        # One byte too many is enough to be refused for its size, whatever the file weighs.
        content = file.read(MOST_BYTES + 1)
        return document_file_set(
            actor=self.actor, document=self.row, name=file.name or "", content=content
        )


class DocumentFileDownload(Page):
    """The file, for the provider and for public bodies that have to do with it."""

    permission = (Permission.MANAGE_CATALOGUE, Permission.VIEW_CONTRACTS)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = visible(self.actor, ProviderDocument, self.kwargs["uuid"], "provider")
        require_read_file(self.actor, document)
        try:
            return file_response(document)
        except FileNotFoundError:
            raise Http404 from None
