"""The statutory clocks as facts on a page: a bar, and always the same in words."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.common import clock
from backend.web.pages import Fact
from backend.web.values import Bar, day_text
from matching.choices import NeedState
from matching.models import Need, Participant
from matching.selectors.clocks import (
    StatutoryClock,
    first_decision_date,
    pip_clock,
    term_clock,
    waiting_clock,
)
from matching.selectors.policy import policy_in_force


def days(number: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", number) % {"days": number}


def weeks_and_days(number: int) -> str:
    """A long stretch as people count it: years and months would hide how the law counts."""
    weeks, rest = divmod(number, 7)
    words = ngettext("%(weeks)d week", "%(weeks)d weeks", weeks) % {"weeks": weeks}
    return f"{words} {_('and')} {days(rest)}" if rest else words


def last_day_of_term(participant: Participant) -> date | None:
    """The last day of the integration term: DUO's end is the day after it."""
    end = participant.term_end_date
    return None if end is None else end - timedelta(days=1)


def person_clocks(participant: Participant) -> list[Fact]:
    """The 10 weeks to the PIP and the integration term of a person; one query."""
    today = clock.today()
    facts = [
        Fact(
            _("Time for the PIP (10 weeks)"),
            pip_bar(pip_clock(participant, today, first_decision_date(participant))),
        )
    ]
    term = term_clock(participant, today)
    if term is not None:
        facts.append(Fact(_("Integration term"), term_bar(term)))
    return facts


def need_clocks(need: Need) -> list[Fact]:
    """How long the person waits for this; nothing for who does not wait any more."""
    if need.state not in {NeedState.WAITING, NeedState.OFFERED}:
        return []
    today = clock.today()
    policy = policy_in_force(organisation_id=need.municipality_id, on=today)
    one = waiting_clock(need, policy, today)
    text = _("%(used)s waiting; from %(limit)s it counts as a long wait") % {
        "used": days(one.used),
        "limit": days(one.total),
    }
    return [Fact(_("Waiting time"), Bar(one.used, one.total, text))]


def pip_bar(one: StatutoryClock) -> Bar:
    if one.is_stopped:
        words = (
            _("decided after %(used)s, %(late)s too late (last day %(day)s)")
            if one.is_late
            else _("decided after %(used)s, in time (last day %(day)s)")
        )
    elif one.is_late:
        words = _("%(used)s used, %(late)s too late (last day %(day)s)")
    else:
        words = _("%(used)s used, %(left)s left (last day %(day)s)")
    text = words % _numbers(one, days)
    if one.is_extended:
        text += " " + _("Longer because information of others came in late.")
    return Bar(one.used, one.total, text)


def term_bar(one: StatutoryClock) -> Bar:
    if one.is_late:
        words = _("%(used)s used, ended on %(day)s")
    else:
        words = _("%(used)s used, %(left)s left (last day %(day)s)")
    text = words % _numbers(one, weeks_and_days)
    if one.is_extended:
        text += " " + _("Extended by DUO.")
    return Bar(one.used, one.total, text)


def _numbers(one: StatutoryClock, counted: Callable[[int], str]) -> dict[str, str]:
    return {
        "used": counted(one.used),
        "left": counted(max(0, one.left)),
        "late": counted(max(0, -one.left)),
        "day": day_text(one.deadline),
    }
