"""What a finding says, in one sentence with its numbers; made when it is shown, in its language."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from backend.common.codes import Component
from procurement.clauses.kinds import ClauseKind

Facts = Mapping[str, Any]


def sentence(kind: str, facts: Facts) -> str:
    """The finding in words."""
    return SENTENCES[kind](_shown(facts))


def _shown(facts: Facts) -> dict[str, Any]:
    """Days as people write them; a day that is not there yet is a dash."""
    return {name: _value(value) for name, value in facts.items()}


def _value(value: Any) -> Any:
    if value is None:
        return "–"
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).strftime("%d-%m-%Y")
        except ValueError:
            return value
    return value


def _acceptance(f: Facts) -> str:
    if f["answered"] == "–":
        return _("Offered on %(offered)s; no answer, due on %(due)s.") % f
    return _("Offered on %(offered)s; answered on %(answered)s, due on %(due)s.") % f


def _start(f: Facts) -> str:
    if f["began"] == "–":
        return _("Offered on %(offered)s; lessons have not begun, due on %(due)s.") % f
    return _("Offered on %(offered)s; first lesson on %(began)s, due on %(due)s.") % f


def _waiting(f: Facts) -> str:
    shown = {**f, "component": Component(f["component"]).label}
    if f["first"] == "–":
        return _("%(component)s: no start with a free place; the norm is %(norm)s weeks.") % shown
    return _("%(component)s: first free start on %(first)s; the norm is %(norm)s weeks.") % shown


def _intake_stop(f: Facts) -> str:
    if not f["consented"]:
        return (
            _(
                "Stop from %(starts)s without consent,"
                " asked for %(notice)s days ahead (norm %(norm)s)."
            )
            % f
        )
    return _("Stop from %(starts)s, asked for %(notice)s days ahead; the norm is %(norm)s.") % f


def _ceiling(f: Facts) -> str:
    if f["measure"] == "places":
        return _("%(percentage)s%% of the places is used (alert at %(threshold)s%%).") % f
    return _("%(percentage)s%% of the amount is used (alert at %(threshold)s%%).") % f


def _report(f: Facts) -> str:
    if f["received"] == "–":
        return _("No report of %(first)s to %(last)s, due on %(due)s.") % f
    return _("Report of %(first)s to %(last)s came on %(received)s, due on %(due)s.") % f


def _document(f: Facts) -> str:
    if not f:
        return _("This required document is missing.")
    return _("Issued on %(issued)s; good until %(due)s.") % f


def _subcontractor(f: Facts) -> str:
    if f["consent"] == "–":
        return _("Delivers since %(began)s; no consent was given.") % f
    return _("Delivers since %(began)s; consent only on %(consent)s.") % f


SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    ClauseKind.ACCEPTANCE: _acceptance,
    ClauseKind.START: _start,
    ClauseKind.WAITING: _waiting,
    ClauseKind.INTAKE_STOP: _intake_stop,
    ClauseKind.CEILING: _ceiling,
    ClauseKind.ATTENDANCE: lambda f: _("Lesson of %(lesson)s not recorded, due on %(due)s.") % f,
    ClauseKind.REPORT: _report,
    ClauseKind.EVALUATION: lambda f: (
        _("%(meetings)s evaluation meetings from %(first)s to %(last)s; %(norm)s were agreed.") % f
    ),
    ClauseKind.OPTION: lambda f: _("Decide on this option before or on %(due)s.") % f,
    ClauseKind.NOTICE: lambda f: (
        _("The contract ends on %(ends)s; the last day to give notice is %(due)s.") % f
    ),
    ClauseKind.DOCUMENT: _document,
    ClauseKind.SUBCONTRACTOR: _subcontractor,
    ClauseKind.SOCIAL_RETURN: lambda f: (
        _("€ %(shown)s of social return shown over %(year)s; € %(wanted)s was agreed.") % f
    ),
}
