"""Batch runs on screen: ask for one, watch it, read its result, decide per person."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.common.codes import Component
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Tone
from matching.choices import RunState
from matching.engine import TIER_LABELS
from matching.models import MatchRun
from matching.public import match_run_request
from matching.selectors.run_changes import run_changes
from matching.services.run_preview import RunPreview, run_preview
from matching.web import texts

RUN_TONES: dict[str, Tone] = {
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "info",
    RunState.DONE: "success",
    RunState.FAILED: "danger",
}
RUNS: Crumb = (gettext_lazy("Routing"), "/match-runs")


def run_badge(run: MatchRun) -> Badge:
    return Badge(RunState(run.state).label, RUN_TONES[run.state])


class RunList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRun
    title = gettext_lazy("Routing")
    intro = gettext_lazy(
        "A run looks at everybody who waits at once and proposes the best places for all. "
        "Nobody is placed by it: a caseworker decides per person."
    )
    default_sort = "-asked"
    export_name = "match-runs"
    empty_title = gettext_lazy("No run yet")
    empty_text = gettext_lazy("A regional coordinator can start the first run.")
    columns = (
        Column(
            "asked",
            gettext_lazy("Asked on"),
            lambda run: Link(
                f"{run.created_at:%d-%m-%Y %H:%M}", reverse("match-run", args=[run.uuid])
            ),
            sort=("created_at",),
            header=True,
        ),
        Column(
            "organisation", gettext_lazy("For"), "organisation.name", sort=("organisation__name",)
        ),
        Column("by", gettext_lazy("By"), "requested_by_label"),
        Column("state", gettext_lazy("Status"), run_badge, sort=("state",)),
        Column("needs", gettext_lazy("Needs"), lambda run: run.summary.get("needs"), numeric=True),
        Column(
            "placed",
            gettext_lazy("Place proposed"),
            lambda run: run.summary.get("placed"),
            numeric=True,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.RUN_BATCH):
            return ()
        return (Action(_("Start a run"), reverse("match-run-new"), primary=True),)


class RunForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("For whom?"),
        help_text=gettext_lazy("A region routes the people of all its municipalities together."),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        empty_label=None,
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class RunNewPage(FormPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Start a run")
    intro = gettext_lazy("The run works on the waiting list and the open seats of this moment.")
    form_class = RunForm
    submit_label = gettext_lazy("Start the run")
    template_name = "matching/run_new.html"
    organisations: QuerySet[Organisation]

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS,)

    def prepare(self) -> None:
        mine = self.actor.with_permission(Permission.RUN_BATCH)
        self.organisations = (
            Organisation.objects.filter(pk__in=mine)
            .exclude(kind="provider")
            .order_by("-kind", "name")
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"organisations": self.organisations}

    def get_initial(self) -> dict[str, Any]:
        chosen = self._shown()
        return {"organisation": chosen.code} if chosen else {}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        shown = self._shown()
        preview = None if shown is None else run_preview(actor=self.actor, organisation=shown)
        others = [one for one in self.organisations if one != shown]
        return super().get_context(
            preview=preview,
            tables=() if preview is None else preview_tables(preview),
            others=[
                Link(one.name, f"{reverse('match-run-new')}?organisation={one.code}")
                for one in others
            ],
            **extra,
        )

    def _shown(self) -> Organisation | None:
        """The area of the preview: the one in the address, else the first of the form."""
        wanted = self.request.GET.get("organisation", "")
        rows = self.organisations.filter(code=wanted) if wanted else self.organisations
        return rows.first()

    def perform(self, form: forms.BaseForm) -> MatchRun:
        return match_run_request(actor=self.actor, organisation=form.cleaned_data["organisation"])

    def get_success_url(self, result: MatchRun) -> str:
        return reverse("match-run", args=[result.uuid])


class RunPage(DetailPage):
    """Progress while it runs; the result in numbers when it is done."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRun
    template_name = "matching/run.html"
    object: MatchRun

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("HX-Request"):
            self.object = self.get_object()
            context = self.get_context(object=self.object, facts=(), tables=self.get_tables())
            return render(request, "matching/run_state.html", context)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "policy")

    def get_title(self) -> str:
        return _("Run for %(organisation)s") % {"organisation": self.object.organisation.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS,)

    def get_actions(self) -> Sequence[Action]:
        if self.object.state != RunState.DONE:
            return ()
        return (
            Action(_("See all proposals"), reverse("proposals", args=[self.object.uuid]), True),
        )

    def get_facts(self) -> Sequence[Fact]:
        run = self.object
        return [
            Fact(_("Asked on"), run.created_at),
            Fact(_("By"), run.requested_by_label),
            Fact(_("Policy"), _("version %(version)s") % {"version": run.policy.version}),
            *([Fact(_("Seats kept until"), run.expires_at)] if run.expires_at else []),
        ]

    def get_tables(self) -> Sequence[Table]:
        summary = self.object.summary
        if not summary:
            return ()
        tiers = [
            {
                "label": _(TIER_LABELS[tier]),
                "people": summary["needsByTier"][tier - 1],
                "placed": summary["placedByTier"][tier - 1],
            }
            for tier in TIER_LABELS
        ]
        causes = [
            {"label": texts.cause_label(code), "number": number}
            for code, number in summary["unplacedByCause"].items()
        ]
        rules = [
            {"label": texts.rule_label(code), "number": number}
            for code, number in summary["failedRules"].items()
        ]
        return (
            table_of(
                (
                    Column("label", _("Urgency"), lambda one: one["label"], header=True),
                    Column("people", _("Needs"), lambda one: one["people"], numeric=True),
                    Column("placed", _("Place proposed"), lambda one: one["placed"], numeric=True),
                ),
                tiers,
                caption=_("Proposed per urgency"),
            ),
            _counts(
                causes, _("Cause"), _("Why others have no proposal"), _("Everybody has a proposal.")
            ),
            _counts(
                rules,
                _("Rule"),
                _("What stood in the way of the nearest start"),
                _("No start came near with one failed rule."),
            ),
            *result_tables(self.object),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            busy=self.object.state in {RunState.QUEUED, RunState.RUNNING},
            failed=self.object.state == RunState.FAILED,
            badge=run_badge(self.object),
            headline=self._headline(),
            **extra,
        )

    def _headline(self) -> str:
        summary = self.object.summary
        if not summary:
            return ""
        share = round(100 * summary["placed"] / summary["needs"]) if summary["needs"] else 0
        first_come = ngettext(
            "%(number)d need is worse off than under first come first served.",
            "%(number)d needs are worse off than under first come first served.",
            summary["worseThanFirstCome"],
        ) % {"number": summary["worseThanFirstCome"]}
        return (
            _("For %(placed)s of %(needs)s needs (%(share)s%%) there is a fitting place.")
            % {"placed": summary["placed"], "needs": summary["needs"], "share": share}
            + f" {first_come} {optimum_text(summary)}{_gone(summary)}"
        )


def _gone(summary: dict[str, Any]) -> str:
    number = summary.get("seatsGone", 0)
    if not number:
        return ""
    return " " + ngettext(
        "%(number)d proposal was left out: the seat was gone by the end of the run.",
        "%(number)d proposals were left out: the seats were gone by the end of the run.",
        number,
    ) % {"number": number}


def optimum_text(summary: dict[str, Any]) -> str:
    """How good the result is known to be, and why it is not the proven optimum where it is not."""
    if summary["isOptimal"]:
        return _("This is the proven optimum.")
    if "placedAtMost" not in summary:
        return _("It is not proven that this is the optimum.")
    more = max(0, summary["placedAtMost"] - summary["placed"])
    text = ngettext(
        "It is not proven that this is the optimum: %(number)d more could have a place at most.",
        "It is not proven that this is the optimum: %(number)d more could have a place at most.",
        more,
    ) % {"number": more}
    exceeded = summary.get("limitsExceeded", 0)
    if not exceeded:
        return text
    return (
        text
        + " "
        + ngettext(
            "%(number)d share or ceiling of a contract has fewer places than would be used.",
            "%(number)d shares or ceilings of contracts have fewer places than would be used.",
            exceeded,
        )
        % {"number": exceeded}
    )


def preview_tables(preview: RunPreview) -> Sequence[Table]:
    """What the run would work on, and what it leaves alone."""
    people = [
        *((_(TIER_LABELS[tier]), number) for tier, number in enumerate(preview.by_tier, start=1)),
        *((str(Component(code).label), number) for code, number in preview.by_component.items()),
    ]
    places = [
        (_("Open starts under contract"), preview.starts),
        (_("Free seats at those starts"), preview.seats),
        (_("Free seats to advise on (no contract needed)"), preview.referral_seats),
    ]
    alone = [
        (_("Needs with a held or offered seat"), preview.decided),
        (_("Proposals that stay, because the start is near"), preview.kept),
        (_("Places that were declined for a person"), preview.declined),
        (_("Seats kept by proposals of other runs"), preview.reserved),
        (_("Needs without a known target group: left out"), preview.unknown),
    ]
    return [
        _numbers(_("Who waits"), people),
        _numbers(_("What is open"), places),
        _numbers(_("What the run leaves alone"), alone),
    ]


CHANGE_LABELS = {
    "same_place": gettext_lazy("The same place"),
    "other_place": gettext_lazy("Another place"),
    "now_a_place": gettext_lazy("A place now, none before"),
    "no_longer_a_place": gettext_lazy("No place any more"),
    "still_no_place": gettext_lazy("Still no place"),
    "new_on_the_list": gettext_lazy("New on the list"),
    "off_the_list": gettext_lazy("Off the list (placed or closed)"),
}


def result_tables(run: MatchRun) -> Sequence[Table]:
    """Waiting time, seat use and the comparison with the run before; what is not known is not."""
    tables = []
    if waiting := run.summary.get("waitingDays"):
        names = {"placed": _("With a proposal"), "unplaced": _("Without a proposal")}
        tables.append(
            table_of(
                (
                    Column("who", _("Needs"), lambda one: names[one[0]], header=True),
                    Column("median", _("Median"), lambda one: one[1]["median"], numeric=True),
                    Column("p90", _("9 of 10 at most"), lambda one: one[1]["p90"], numeric=True),
                ),
                waiting.items(),
                caption=_("Days waited"),
            )
        )
    if seats := run.summary.get("seats"):
        rows = [
            (_("Open starts under contract"), seats["starts"]),
            (_("Free seats at those starts"), seats["free"]),
            (_("Seats that the run fills"), seats["proposed"]),
            (_("Starts that become full"), seats["startsFull"]),
            (_("Groups that stay below their minimum"), seats["startsBelowMinimum"]),
            (_("Proposals kept from the run before"), run.summary.get("kept", 0)),
        ]
        tables.append(_numbers(_("Use of seats"), rows))
    if changes := run_changes(run):
        found = [(str(CHANGE_LABELS[kind]), number) for kind, number in changes.counts.items()]
        tables.append(_numbers(_("Changed since the run before"), found))
    return tables


def _numbers(caption: str, rows: Sequence[tuple[str, int]]) -> Table:
    return table_of(
        (
            Column("label", _("What"), lambda one: one[0], header=True),
            Column("number", _("Number"), lambda one: one[1], numeric=True),
        ),
        rows,
        caption=caption,
    )


def _counts(rows: list[dict[str, Any]], label: str, caption: str, empty: str) -> Table:
    return table_of(
        (
            Column("label", label, lambda one: one["label"], header=True),
            Column("number", _("Needs"), lambda one: one["number"], numeric=True),
        ),
        rows,
        caption=caption,
        empty=empty,
    )
