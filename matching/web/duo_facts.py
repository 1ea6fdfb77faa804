"""What DUO says now about a person, as tables: delivered facts, never computed ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from backend.common.codes import TargetGroup
from backend.web.tables import Column, Table, table_of
from matching.duo_choices import DuoMessageKind, DuoMessageState
from matching.models import DuoMessage, Participant


def newest_bodies(participant: Participant) -> dict[str, Any]:
    """The content of the newest message of each kind; one query."""
    found = (
        DuoMessage.objects.filter(participant=participant)
        .exclude(state=DuoMessageState.OUTDATED)
        .exclude(kind=DuoMessageKind.NOTIFICATION)
        .order_by("kind", "-sent_at", "-pk")
        .distinct("kind")
        .values_list("kind", "body")
    )
    return dict(found)


def duo_tables(participant: Participant) -> list[Table]:
    """Target groups always; the term, tests, exemptions and dispensations where DUO sent any."""
    bodies = newest_bodies(participant)
    tables = [_target_groups(participant)]
    if rows := _terms(bodies):
        tables.append(
            _table(
                (_("End of the term"), _("Changed on"), _("Ground")),
                rows,
                _("Integration term as DUO delivers it"),
            )
        )
    if rows := _tests(bodies.get(DuoMessageKind.LEARNABILITY) or []):
        tables.append(
            _table(
                (_("Taken on"), _("Result"), _("Score"), _("Score needed")),
                rows,
                _("Learnability test"),
            )
        )
    verdicts = [
        *_verdicts(bodies.get(DuoMessageKind.EXEMPTIONS) or [], "reden"),
        *_verdicts(bodies.get(DuoMessageKind.DISPENSATIONS) or [], "grond"),
    ]
    if verdicts:
        tables.append(
            _table(
                (_("Kind"), _("Decision"), _("Decided on"), _("Ground"), _("Details")),
                verdicts,
                _("Exemptions and dispensations"),
            )
        )
    return tables


def body_rows(body: Any, prefix: str = "") -> list[tuple[str, str]]:
    """A message field by field, in DUO's own names."""
    if isinstance(body, Mapping):
        return [
            row
            for name, value in body.items()
            for row in body_rows(value, f"{prefix}.{name}" if prefix else name)
        ]
    if isinstance(body, list):
        return [
            row
            for number, one in enumerate(body, 1)
            for row in body_rows(one, f"{prefix} {number}")
        ]
    return [(prefix.strip(), _shown(body))]


def _target_groups(participant: Participant) -> Table:
    rows = [
        (TargetGroup(one.target_group).label, one.valid_from, one.valid_to or _("now"))
        for one in participant.target_group_periods.order_by("-valid_from")
    ]
    return _table((_("Target group"), _("From"), _("Until")), rows, _("Target group over time"))


def _terms(bodies: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    term = bodies.get(DuoMessageKind.TERM)
    history = bodies.get(DuoMessageKind.TERM_HISTORY) or []
    rows = [*([term] if term else []), *history]
    return [
        (
            _date(one.get("einddatum")),
            _date(one.get("wijzigingsdatum")),
            " – ".join(
                str(one[name])
                for name in ("verlengingsgrondcode", "verlengingsgrondomschrijving")
                if one.get(name)
            ),
        )
        for one in rows
    ]


def _tests(results: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    newest = sorted(results, key=lambda one: one["datumAfname"], reverse=True)
    return [
        (
            _date(one["datumAfname"]),
            one["resultaat"],
            one["behaaldeScore"],
            one["benodigdeScore"],
        )
        for one in newest
    ]


def _verdicts(items: Iterable[Mapping[str, Any]], ground: str) -> list[tuple[Any, ...]]:
    names: dict[str, str] = {
        "GeheleVrijstelling": _("Full exemption"),
        "TijdelijkeVrijstelling": _("Temporary exemption"),
        "GedeeltelijkeVrijstelling": _("Partial exemption"),
        "GeheleOntheffing": _("Full dispensation"),
        "GedeeltelijkeOntheffing": _("Partial dispensation"),
    }
    return [
        (names[part], one["oordeel"], _date(one.get("datumOordeel")), one[ground], _details(one))
        for item in items
        for part, one in item.items()
    ]


def _details(one: Mapping[str, Any]) -> str:
    found = [str(one[name]) for name in ("examenonderdeel", "examenniveau") if one.get(name)]
    hours = one.get("urenBelastbaarheidParticipatieactiviteit")
    if hours is not None:
        found.append(_("at most %(hours)s hours of participation") % {"hours": hours})
    if one.get("startdatum") or one.get("einddatum"):
        found.append(f"{one.get('startdatum', '')} – {one.get('einddatum', '')}")
    return ", ".join(found)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _table(headings: Sequence[str], rows: Sequence[tuple[Any, ...]], caption: str) -> Table:
    columns = tuple(
        Column(f"c{number}", heading, itemgetter(number), header=number == 0)
        for number, heading in enumerate(headings)
    )
    return table_of(columns, rows, caption=caption, empty=_("Nothing yet."))
