"""Pages of figures: a form that chooses, pictures with their tables, and a download."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.web.exports import FORMATS, export_response
from backend.web.pages import Fact, Page
from backend.web.tables import Column, Table, export_rows
from backend.web.values import Text

Part = Mapping[str, Any]


def part(title: Text, table: Table, *, text: Text = "", chart: Any = None) -> Part:
    """One section of the page: a heading, an explanation, a picture and its table."""
    return {"title": title, "text": text, "chart": chart, "table": table}


class FigurePage(Page):
    """What the form chooses is drawn, tabled and downloaded; an unknown key is status 400."""

    template_name = "matching/figures.html"
    form_class: ClassVar[type[forms.Form]]
    export_name: ClassVar[str] = ""
    export_columns: ClassVar[Sequence[Column]] = ()

    def rows(self, chosen: Mapping[str, Any]) -> Sequence[Any]:
        """The figures that the form asks for; the download has a line for each."""
        raise NotImplementedError

    def parts(self, rows: Sequence[Any], chosen: Mapping[str, Any]) -> Sequence[Part]:
        raise NotImplementedError

    def facts(self, rows: Sequence[Any], chosen: Mapping[str, Any]) -> Sequence[Fact]:
        return ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.GET, actor=self.actor)  # type: ignore[call-arg]
        faults = [
            _("This list has no filter called “%(name)s”.") % {"name": name}
            for name in sorted(set(request.GET) - {*form.fields, "export"})
        ]
        if request.GET.get("export", "csv") not in FORMATS:
            faults.append(_("Choose CSV or XLSX as the format of the download."))
        if faults or not form.is_valid():
            return self.show(status=400, form=form, active=True, faults=faults, parts=())
        rows = self.rows(form.cleaned_data)
        if file_format := request.GET.get("export"):
            return export_response(
                export_rows(self.export_columns, rows),
                file_name=f"{self.export_name}-{clock.today().isoformat()}",
                file_format=file_format,
            )
        return self.show(
            form=form,
            active=any(form.cleaned_data.values()),
            faults=(),
            total=len(rows),
            facts=self.facts(rows, form.cleaned_data),
            parts=self.parts(rows, form.cleaned_data),
        )


class ActorForm(forms.Form):
    """A form of which the choices depend on who asks."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.choose(actor)

    def choose(self, actor: Actor) -> None:
        """Fills in the choices of this actor."""
