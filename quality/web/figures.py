"""How a figure looks on a page and in a download: masked by one function, written in one way."""

from django.utils import formats
from django.utils.translation import gettext as _

from backend.web.values import Badge, Plain, Tone
from quality.choices import IndicatorUnit, NormVerdict, ValueState
from quality.models import Indicator
from quality.suppression import Published, smallest_group

VERDICT_TONES: dict[NormVerdict, Tone] = {
    NormVerdict.MEETS: "success",
    NormVerdict.UNCERTAIN: "neutral",
    NormVerdict.BELOW: "warning",
    NormVerdict.NO_NORM: "neutral",
}


def number_text(indicator: Indicator, number: float | None) -> str:
    """80,4% or 3,8: a percentage with one decimal, a score with one."""
    if number is None:
        return ""
    if indicator.unit == IndicatorUnit.SHARE:
        return f"{formats.number_format(round(number * 100, 1), decimal_pos=1)}%"
    return str(formats.number_format(round(number, 1), decimal_pos=1))


def value_text(indicator: Indicator, shown: Published | None) -> str:
    """The value, or the words that stand for it; a hidden figure is never an empty cell or a 0."""
    if shown is None or shown.state == ValueState.NO_DATA:
        return _("no data")
    if shown.state == ValueState.TOO_FEW:
        return _("too little data (<%(limit)s)") % {"limit": smallest_group(indicator.min_n)}
    if shown.state != ValueState.SHOWN:
        return str(shown.state.label).lower()
    return number_text(indicator, shown.value)


def interval_text(indicator: Indicator, shown: Published | None) -> str:
    if shown is None or shown.low is None or shown.high is None:
        return "–"
    return _("%(low)s to %(high)s") % {
        "low": number_text(indicator, shown.low),
        "high": number_text(indicator, shown.high),
    }


def count_text(shown: Published | None) -> str:
    return "0" if shown is None else shown.n_text


def norm_text(indicator: Indicator) -> str:
    return number_text(indicator, indicator.norm) if indicator.norm is not None else "–"


def direction_text(indicator: Indicator) -> str:
    if indicator.low_is_good is None:
        return ""
    return _("↓ lower is better") if indicator.low_is_good else _("↑ higher is better")


def verdict_badge(shown: Published | None) -> Badge | None:
    if shown is None or shown.state != ValueState.SHOWN:
        return None
    return Badge(shown.verdict.label, VERDICT_TONES[shown.verdict])


def plain_number(shown: Published | None) -> Plain:
    """The unrounded number for a spreadsheet; nothing where it is hidden."""
    return None if shown is None else shown.value
