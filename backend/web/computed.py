"""Lists whose lines are computed, not stored: searched, filtered, sorted and downloaded."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import Text
from backend.common.lines import matching, sorted_by
from backend.web.exports import FORMATS, export_response
from backend.web.pages import Page
from backend.web.tables import Column, Sorting, export_rows, headings_of, sorting_of, table_of

OWN_KEYS = {"sort", "export"}


class SearchForm(forms.Form):
    """Search, above the filters that a list adds."""

    search = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class ComputedListPage(Page):
    """Declare the columns, whose `sort` names attributes of a line, and give the `lines`.

    As of every list: an unknown key or value in the address gives status 400 with a sentence and
    no rows, and a download holds what the filters leave.
    """

    template_name = "web/pages/computed.html"
    columns: ClassVar[Sequence[Column]] = ()
    form_class: ClassVar[type[SearchForm]] = SearchForm
    # Attributes of a line in which is searched.
    searched: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str] = ""
    export_name: ClassVar[Text] = ""
    empty: ClassVar[Text] = ""
    # So many lines on the page; the others stand in the download.
    most_shown: ClassVar[int] = 500

    def defaults(self) -> Mapping[str, Any]:
        """Values of filters that nobody filled in."""
        return {}

    def lines(self, asked: Mapping[str, Any]) -> Sequence[Any]:
        """The lines that the actor may see and that fit the filters, not yet searched."""
        raise NotImplementedError

    def more(self, lines: Sequence[Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """What the template shows besides the table."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = {name: str(value) for name, value in request.GET.items() if value}
        form = self.form_class({**self.defaults(), **given})
        token = given.get("sort", self.default_sort)
        sorting = sorting_of(self.columns, token)
        faults = [
            _("This list has no filter called “%(name)s”.") % {"name": name}
            for name in sorted(set(request.GET) - OWN_KEYS - set(form.fields))
        ]
        if sorting is None:
            faults.append(_("This list cannot be sorted by “%(name)s”.") % {"name": token})
        if given.get("export", "csv") not in FORMATS:
            faults.append(_("Choose CSV or XLSX as the format of the download."))
        if faults or sorting is None or not form.is_valid():
            return self.show(status=400, form=form, faults=faults, table=None, active=True)
        asked = form.cleaned_data
        found = matching(self.lines(asked), asked["search"], self.searched)
        # Without the key of a row, which lines do not have.
        found = sorted_by(found, sorting.order_by()[:-1])
        if file_format := given.get("export"):
            name = f"{self.export_name}-{clock.today().isoformat()}"
            rows = export_rows(self.columns, found)
            return export_response(rows, file_name=name, file_format=file_format)
        return self._shown(form, found, sorting)

    def _shown(self, form: SearchForm, found: Sequence[Any], sorting: Sorting) -> HttpResponse:
        asked = self.request.GET
        active = any(asked.get(name) for name in form.fields)
        nothing = _("Nothing fits all filters together. Remove a filter.")
        table = table_of(
            self.columns,
            found[: self.most_shown],
            caption=self.get_title(),
            headings=headings_of(self.columns, sorting, asked),
            empty=nothing if active else self.empty,
        )
        return self.show(
            form=form,
            faults=[],
            active=active,
            total=len(found),
            rest=max(0, len(found) - self.most_shown),
            table=table,
            **self.more(found, form.cleaned_data),
        )
