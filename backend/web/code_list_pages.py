"""Code lists on screen: what they say, and a new version with its effect (journey J12)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import (
    CodeList,
    Impact,
    Version,
    all_lists,
    all_versions,
    code_list_preview,
    code_list_publish,
    code_list_withdraw,
    labels_of,
    list_named,
    may_change_lists,
    versions_of,
)
from backend.common import clock
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from backend.web.account_forms import ReasonForm
from backend.web.code_list_forms import CodeListForm
from backend.web.navigation import NavigationEntry, register
from backend.web.pages import Action, Crumb, Fact, FormPage, Page
from backend.web.tables import Column, Table, table_of
from backend.web.two_steps import TwoStepPage
from backend.web.values import Badge, Link, day_text

MANAGER = Permission.MANAGE_ACCOUNTS
CODE_LISTS: Crumb = (gettext_lazy("Code lists"), "/code-lists")


def current_of(versions: Sequence[Version]) -> Version:
    today = clock.today()
    return next(one for one in reversed(versions) if one.valid_from <= today)


def planned_of(versions: Sequence[Version]) -> Version | None:
    return next((one for one in versions if one.valid_from > clock.today()), None)


LIST_COLUMNS = (
    Column(
        "title",
        gettext_lazy("List"),
        lambda one: Link(str(one[0].title), reverse("codes", args=[one[0].key])),
        header=True,
    ),
    Column("codes", gettext_lazy("Codes"), lambda one: len(current_of(one[1]).codes), numeric=True),
    Column(
        "version", gettext_lazy("Version"), lambda one: current_of(one[1]).version, numeric=True
    ),
    Column(
        "planned",
        gettext_lazy("Next version"),
        lambda one: found.valid_from if (found := planned_of(one[1])) else None,
    ),
)


class CodeListsPage(Page):
    """The lists that change first, then those of the law."""

    permission = MANAGER
    title = CODE_LISTS[0]
    intro = gettext_lazy(
        "What people choose from. A list changes from a day on; what runs already keeps the list "
        "of the day on which it began."
    )
    template_name = "web/pages/detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lists = all_lists()
        versions = all_versions([one.key for one in lists])

        def part(caption: str, is_changeable: bool) -> Table:
            rows = [(one, versions[one.key]) for one in lists if one.is_changeable is is_changeable]
            return table_of(LIST_COLUMNS, rows, caption=caption)

        return self.show(
            tables=(
                part(_("Lists that may change"), True),
                part(_("Lists of the law and of DUO"), False),
            )
        )


class OneListMixin:
    """Loads the list of the address."""

    actor: Any
    kwargs: dict[str, Any]
    code_list: CodeList
    versions: tuple[Version, ...]

    def prepare(self) -> None:
        try:
            self.code_list = list_named(self.kwargs["key"])
        except NotFoundError:
            raise Http404 from None
        self.versions = versions_of(self.code_list.key)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        own = (self.code_list.title, reverse("codes", args=[self.code_list.key]))
        return (CODE_LISTS, own)

    def get_success_url(self, result: Any) -> str:
        return reverse("codes", args=[self.code_list.key])


class CodeListPage(OneListMixin, Page):
    """The codes of today and of the version ahead, and the versions before."""

    permission = MANAGER
    template_name = "web/pages/detail.html"

    def get_title(self) -> str:
        return str(self.code_list.title)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (CODE_LISTS,)

    def get_actions(self) -> Sequence[Action]:
        if not self.code_list.is_changeable or not may_change_lists(self.actor):
            return ()
        key = self.code_list.key
        found = [Action(_("New version"), reverse("codes-new", args=[key]), primary=True)]
        if planned_of(self.versions) is not None:
            last = reverse("codes-withdraw", args=[key, self.versions[-1].version])
            found.append(Action(_("Take back the planned version"), last))
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        shown = [current_of(self.versions)]
        shown += [one for one in self.versions if one.valid_from > clock.today()]
        return self.show(
            facts=[
                Fact(_("Who decides"), self.code_list.source),
                Fact(_("Version today"), shown[0].version),
            ],
            tables=(*(self._codes(one) for one in shown), self._history()),
        )

    def _codes(self, version: Version) -> Table:
        today = version.valid_from <= clock.today()
        words = {one.code: one.label for one in version.codes}
        columns = [
            Column("code", _("Code"), "code", header=True),
            Column("nl", _("Name in Dutch"), "label_nl"),
            Column("en", _("Name in English"), "label_en"),
        ]
        if self.code_list.grounds:
            label = _("Is a finer form of")
            columns.append(Column("as", label, lambda one: words.get(one.counts_as)))
        columns.append(Column("fixed", _("Fixed"), lambda one: one.code in self.code_list.fixed))
        caption = (
            _("Codes today")
            if today
            else _("Codes from %(day)s") % {"day": day_text(version.valid_from)}
        )
        return table_of(columns, version.codes, caption=caption)

    def _history(self) -> Table:
        columns = (
            Column("version", _("Version"), "version", header=True),
            Column("from", _("First day"), "valid_from"),
            Column("to", _("Last day"), "valid_to"),
            Column("state", _("Status"), self._state),
            Column("by", _("By"), lambda one: one.actor_label or _("Passend")),
            Column("reason", _("Reason"), lambda one: one.reason or _("delivered")),
        )
        return table_of(columns, list(reversed(self.versions)), caption=_("Versions"))

    def _state(self, one: Version) -> Badge:
        if one == current_of(self.versions):
            return Badge(_("In force"), "success")
        ahead = one.valid_from > clock.today()
        return Badge(_("Planned"), "info") if ahead else Badge(_("Ended"), "neutral")


class CodeListNewPage(OneListMixin, TwoStepPage):
    """First what a change does to records that exist, then a reason, then publishing."""

    permission = MANAGER
    template_name = "web/pages/code_list_form.html"
    form_class = CodeListForm
    intro = gettext_lazy(
        "Change names, end codes and add new ones. Look at the effect; only after that you can "
        "publish."
    )
    look_label = gettext_lazy("Look at the effect")
    submit_label = gettext_lazy("Publish this version")
    success_message = gettext_lazy("The version has been published.")
    without_effect = frozenset({"reason"})

    def prepare(self) -> None:
        super().prepare()
        if not self.code_list.is_changeable or not may_change_lists(self.actor):
            raise Http404

    def get_title(self) -> str:
        return _("New version of “%(list)s”") % {"list": self.code_list.title}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"code_list": self.code_list, "base": self.versions[-1]}

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": max(clock.today(), self.versions[-1].valid_from) + timedelta(days=1)}

    def effect(self, form: forms.BaseForm) -> dict[str, Any]:
        assert isinstance(form, CodeListForm)
        found = code_list_preview(actor=self.actor, key=self.code_list.key, change=form.change())
        return {"impact": found, "tables": impact_tables(found)}

    def perform(self, form: forms.BaseForm) -> Version:
        assert isinstance(form, CodeListForm)
        return code_list_publish(
            actor=self.actor,
            key=self.code_list.key,
            change=form.change(),
            reason=form.cleaned_data["reason"],
        )


class CodeListWithdrawPage(OneListMixin, FormPage):
    """Takes back a version that has not begun."""

    permission = MANAGER
    form_class = ReasonForm
    title = gettext_lazy("Take back the planned version")
    intro = gettext_lazy(
        "The list then stays as it is. Everybody can read later that this happened."
    )
    submit_label = gettext_lazy("Take back")
    success_message = gettext_lazy("The planned version has been taken back.")

    def prepare(self) -> None:
        super().prepare()
        known = {one.version for one in self.versions}
        if not may_change_lists(self.actor) or self.kwargs["version"] not in known:
            raise Http404

    def perform(self, form: forms.BaseForm) -> None:
        code_list_withdraw(
            actor=self.actor,
            key=self.code_list.key,
            version=self.kwargs["version"],
            **form.cleaned_data,
        )


def impact_tables(found: Impact) -> list[Table]:
    """The impact report: what changes, what keeps an ended code, and what runs on."""
    words = labels_of(found.code_list.key)
    changes = [
        *((one.code, one.label, Badge(_("New"), "success")) for one in found.added),
        *((one.code, one.label, Badge(_("New name"), "info")) for one in found.renamed),
        *((one.code.code, one.code.label, Badge(_("Ends"), "warning")) for one in found.ended),
    ]
    held = [
        (words.get(one.code.code, one.code.code), where, number)
        for one in found.ended
        for where, number in one.records
    ]
    return [
        table_of(
            (
                Column("code", _("Code"), lambda one: one[0], header=True),
                Column("name", _("Name"), lambda one: one[1]),
                Column("what", _("Change"), lambda one: one[2]),
            ),
            changes,
            caption=_("What changes"),
        ),
        table_of(
            (
                Column("code", _("Code that ends"), lambda one: one[0], header=True),
                Column("where", _("Where it stands"), lambda one: one[1]),
                Column("records", _("Records that keep it"), lambda one: one[2], numeric=True),
            ),
            held,
            caption=_("Records with a code that ends"),
            empty=_("No code ends."),
        ),
        table_of(
            (
                Column("where", _("What runs"), lambda one: one[0], header=True),
                Column("records", _("Number"), lambda one: one[1], numeric=True),
            ),
            found.running,
            caption=_("What keeps the earlier version"),
            empty=_("Nothing: who chooses from this list always gets the list of that day."),
        ),
    ]


register(NavigationEntry("code-lists", CODE_LISTS[0], "code-lists", MANAGER, order=93))
