"""Uploading and downloading the file of a document of a contract."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.stored_files import MOST_BYTES, file_response
from backend.web.pages import FormPage, Page
from backend.web.values import Text
from procurement.models import ContractDocument
from procurement.services.document_files import document_file_set
from procurement.web.common import MANAGER, READERS, OfContract


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPG, PNG, Word or Excel, at most 10 MB."),
    )


class ContractFilePage(OfContract, FormPage):
    permission = MANAGER
    anchor = "documents"
    form_class = FileForm
    submit_label = gettext_lazy("Upload the file")
    success_message = gettext_lazy("The file has been saved.")
    document: ContractDocument

    def prepare(self) -> None:
        self.document = self.load(
            ContractDocument, "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.document.contract

    def get_title(self) -> Text:
        return _("File of “%(title)s”") % {"title": self.document.title}

    def perform(self, form: Any) -> ContractDocument:
        file = form.cleaned_data["file"]
        # One byte too many is enough to be refused for its size, whatever the file weighs.
        content = file.read(MOST_BYTES + 1)
        return document_file_set(
            actor=self.actor, document=self.document, name=file.name or "", content=content
        )


class ContractFileDownload(OfContract, Page):
    """The file, for whoever sees the contract."""

    permission = READERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = self.load(ContractDocument)
        if not document.has_file:
            raise Http404
        try:
            return file_response(document)
        except FileNotFoundError:
            raise Http404 from None
