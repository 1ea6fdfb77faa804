"""Generic pages, so that a page of an app is a short declaration (docs/web-components.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from backend.common import clock
from backend.common.errors import DomainError
from backend.web.exports import FORMATS, export_response
from backend.web.filters import LIST_KEYS, PageFilterSet
from backend.web.forms import add_domain_error
from backend.web.personal_text import needs_confirmation
from backend.web.tables import (
    Column,
    Sorting,
    Table,
    export_rows,
    headings_of,
    sorting_of,
    table_of,
)
from backend.web.values import Text, Value, show
from backend.web.views import ActorRequiredMixin, status_of

Crumb = tuple[Text, str]
# A download is made in memory within one request; the region of a large demo fits several times.
EXPORT_LIMIT = 20_000


@dataclass(frozen=True)
class Action:
    """A button-like link at the top of a page."""

    label: Text
    url: str
    primary: bool = False


@dataclass(frozen=True)
class Fact:
    """One term of a definition list."""

    term: Text
    value: Value

    def html(self) -> str:
        return show(self.value)


class Page(ActorRequiredMixin):
    """A page with a title, a breadcrumb and actions, for those who hold `permission`."""

    template_name = "web/pages/page.html"
    title: ClassVar[Text] = ""
    intro: ClassVar[Text] = ""

    def get_title(self) -> Text:
        return self.title

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        """The pages above this one as (label, url); the start page and the title are added."""
        return ()

    def get_actions(self) -> Sequence[Action]:
        return ()

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return {
            "title": self.get_title(),
            "intro": self.intro,
            "breadcrumbs": self.get_breadcrumbs(),
            "actions": self.get_actions(),
            "view": self,
            **extra,
        }

    def show(self, *, status: int = 200, **extra: Any) -> HttpResponse:
        return render(self.request, self.template_name, self.get_context(**extra), status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()


class VisibleMixin:
    """Objects come from `model.objects.visible_to(actor)`; what is not in there does not exist."""

    model: ClassVar[type[models.Model]]
    # Only for mypy: both come from the page the mixin is used with.
    actor: Any
    kwargs: dict[str, Any]

    def get_queryset(self) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = self.model._default_manager.visible_to(self.actor)  # type: ignore[attr-defined]
        return queryset

    def get_object(self) -> Any:
        """The object named by `uuid` in the address, or 404 (unknown and foreign look the same)."""
        found = self.get_queryset().filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        return found


class ListPage(VisibleMixin, Page):
    """A list with filters, sort links, pages, an export and an empty state.

    Declare `model`, `columns`, `default_sort` and usually `filterset_class`. An unknown key or
    value in the address gives status 400 with a sentence and no rows.
    """

    template_name = "web/pages/list.html"
    columns: ClassVar[Sequence[Column]] = ()
    default_sort: ClassVar[str] = ""
    filterset_class: ClassVar[type[PageFilterSet] | None] = None
    page_size: ClassVar[int] = 50
    export_name: ClassVar[str] = ""
    empty_title: ClassVar[Text] = ""
    empty_text: ClassVar[Text] = ""

    def get_columns(self) -> Sequence[Column]:
        return self.columns

    def get_filterset(self, queryset: models.QuerySet[Any]) -> PageFilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(self.request.GET, queryset=queryset, request=self.request)

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        """The place to add what one query can fetch for all rows of a page at once."""
        return objects

    def get_overview(self, rows: models.QuerySet[Any]) -> Mapping[str, Any]:
        """What the template shows of all rows that the filters leave, before they become pages."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        base = self.get_queryset()
        filterset = self.get_filterset(base)
        sorting, faults = self._checked(filterset)
        if faults or (filterset is not None and not filterset.is_valid()):
            return self._listing(base.none(), filterset, sorting, faults)
        queryset = base if filterset is None else filterset.qs
        queryset = queryset.order_by(*sorting.order_by())
        if file_format := request.GET.get("export"):
            if queryset.count() <= EXPORT_LIMIT:
                return self._export(queryset, file_format)
            faults = [
                _("A download has at most %(limit)s rows. Make the list shorter with the filters.")
                % {"limit": EXPORT_LIMIT}
            ]
            return self._listing(base.none(), filterset, sorting, faults)
        return self._listing(queryset, filterset, sorting, faults)

    def _checked(self, filterset: PageFilterSet | None) -> tuple[Sorting, list[str]]:
        """The sorting in force and a sentence for everything in the address that is not known."""
        if filterset is not None:
            faults = filterset.faults()
        else:
            unknown = sorted(set(self.request.GET) - LIST_KEYS)
            faults = [
                _("This list has no filter called “%(name)s”.") % {"name": name} for name in unknown
            ]
        asked = self.request.GET.get("sort") or self.default_sort
        sorting = sorting_of(self.get_columns(), asked)
        if sorting is None:
            faults.append(_("This list cannot be sorted by “%(name)s”.") % {"name": asked})
            sorting = sorting_of(self.get_columns(), self.default_sort)
        if sorting is None:
            raise ValueError(f"{type(self).__name__}.default_sort names no sortable column")
        if self.request.GET.get("export", "csv") not in FORMATS:
            faults.append(_("Choose CSV or XLSX as the format of the download."))
        return sorting, faults

    def _listing(
        self,
        queryset: models.QuerySet[Any],
        filterset: PageFilterSet | None,
        sorting: Sorting,
        faults: list[str],
    ) -> HttpResponse:
        paginator = Paginator(queryset, self.page_size)
        page = self._page(paginator)
        columns = self.get_columns()
        rows = self.prepare(list(page.object_list))
        invalid = bool(faults) or (filterset is not None and not filterset.is_valid())
        return self.show(
            status=400 if invalid else 200,
            table=table_of(
                columns,
                rows,
                caption=self.get_title(),
                headings=headings_of(columns, sorting, self.request.GET),
            ),
            page=page,
            page_range=paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            total=paginator.count,
            filterset=filterset,
            faults=faults,
            invalid=invalid,
            sorting=sorting,
            sort_options=self._sort_options(sorting),
            **({} if invalid else self.get_overview(queryset)),
        )

    def _page(self, paginator: Any) -> Any:
        try:
            number = int(self.request.GET.get("page", "1"))
        except ValueError:
            raise Http404 from None
        if not 1 <= number <= paginator.num_pages:
            raise Http404
        return paginator.page(number)

    def _sort_options(self, sorting: Sorting) -> list[tuple[str, str, bool]]:
        """The choices of the sort menu, which phones use instead of column headings."""
        options = []
        for column in self.get_columns():
            if column.sort:
                for token, words in (
                    (column.key, _("%(column)s, low to high")),
                    (f"-{column.key}", _("%(column)s, high to low")),
                ):
                    label = words % {"column": column.label}
                    options.append((token, label, token == sorting.token))
        return options

    def _export(self, queryset: models.QuerySet[Any], file_format: str) -> HttpResponse:
        name = self.export_name or self.model._meta.model_name or "passend"
        rows = export_rows(self.get_columns(), self.prepare(list(queryset)))
        return export_response(
            rows, file_name=f"{name}-{clock.today().isoformat()}", file_format=file_format
        )


class DetailPage(VisibleMixin, Page):
    """One object: its facts, and whatever the template of the app adds below."""

    template_name = "web/pages/detail.html"
    object: Any

    def get_facts(self) -> Sequence[Fact]:
        return ()

    def get_tables(self) -> Sequence[Table]:
        return ()

    def get_title(self) -> Text:
        return str(self.object)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return self.show(object=self.object, facts=self.get_facts(), tables=self.get_tables())


class FormPage(Page):
    """A form whose `perform` calls one service; all faults come back at their fields at once.

    The service runs in a transaction, so that a refusal leaves nothing half-written.
    """

    template_name = "web/pages/form.html"
    form_class: ClassVar[type[forms.BaseForm]]
    submit_label: ClassVar[Text] = ""
    success_message: ClassVar[Text] = ""
    error_fields: ClassVar[Mapping[str, str]] = {}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        kwargs = {"initial": self.get_initial(), **self.get_form_kwargs()}
        if bound:
            kwargs |= {"data": self.request.POST, "files": self.request.FILES}
        return self.form_class(**kwargs)

    def perform(self, form: forms.BaseForm) -> Any:
        """Calls the service with the cleaned data; raises a DomainError when it refuses."""
        raise NotImplementedError

    def get_success_url(self, result: Any) -> str:
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        crumbs = self.get_breadcrumbs()
        return crumbs[-1][1] if crumbs else ""

    def prepare(self) -> None:
        """Loads what the page is about, before the form is made (404 when not visible)."""

    def judge_rest(self, form: forms.BaseForm) -> None:
        """Adds what the rules say of the fields that are well-formed when others are not, so that
        nobody corrects a form twice.
        """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        return self._form_page(self.get_form(bound=False))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        form = self.get_form(bound=True)
        if not form.is_valid():
            self.judge_rest(form)
            return self._form_page(form, status=400)
        if needs_confirmation(form):
            return self._form_page(form, status=400)
        try:
            with transaction.atomic():
                result = self.perform(form)
        except DomainError as error:
            add_domain_error(form, error, self.error_fields)
            return self._form_page(form, status=status_of(error))
        if self.success_message:
            messages.success(request, str(self.success_message))
        return HttpResponseRedirect(self.get_success_url(result))

    def _form_page(self, form: forms.BaseForm, status: int = 200) -> HttpResponse:
        return self.show(
            status=status,
            form=form,
            submit_label=self.submit_label or _("Save"),
            cancel_url=self.get_cancel_url(),
        )


class ConfirmPage(FormPage):
    """Asks before something that cannot be undone; `consequences` says what will happen."""

    template_name = "web/pages/confirm.html"
    form_class = forms.Form
    danger: ClassVar[bool] = True

    def get_consequences(self) -> Sequence[Text]:
        return ()

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            consequences=self.get_consequences(), danger=self.danger, **extra
        )
