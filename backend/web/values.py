"""What a table cell or a definition can hold: on screen, and in an export."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.common.clock import NETHERLANDS

Text = str | Promise
Tone = Literal["neutral", "info", "success", "warning", "danger"]
Plain = str | int | float | bool | Decimal | date | datetime | None


@dataclass(frozen=True)
class Badge:
    """A state in one or two words; the tone repeats the words and never replaces them."""

    label: Text
    tone: Tone = "neutral"

    def html(self) -> SafeString:
        return format_html(
            '<span class="utrecht-status-badge utrecht-status-badge--{}">{}</span>',
            {"info": "active"}.get(self.tone, self.tone),
            self.label,
        )

    def plain(self) -> str:
        return str(self.label)


@dataclass(frozen=True)
class Link:
    text: Text
    url: str
    note: Text = ""

    def html(self) -> SafeString:
        link = format_html('<a class="utrecht-link" href="{}">{}</a>', self.url, self.text)
        return (
            format_html('{} <span class="shell-note">{}</span>', link, self.note)
            if self.note
            else link
        )

    def plain(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Bar:
    """How much of a total is used, as numbers and as a bar.

    A full bar warns, unless `fuller_is_worse` is off: then it is only a picture of the number.
    """

    used: int
    total: int
    label: Text = ""
    fuller_is_worse: bool = True

    def html(self) -> SafeString:
        return SafeString(render_to_string("web/components/bar.html", {"bar": self}))

    @property
    def percentage(self) -> int:
        return 100 if self.total <= 0 else min(100, round(100 * self.used / self.total))

    @property
    def tone(self) -> Tone:
        if not self.fuller_is_worse:
            return "neutral"
        if self.used >= self.total:
            return "danger"
        return "warning" if self.percentage >= 80 else "success"

    def plain(self) -> str:
        return f"{self.used}/{self.total}"


@dataclass(frozen=True)
class Lines:
    """Several short values under each other."""

    parts: tuple["Value", ...]

    def html(self) -> SafeString:
        if not self.parts:
            return show(None)
        items = format_html_join("", "<li>{}</li>", ((show(part),) for part in self.parts))
        return format_html('<ul class="shell-lines">{}</ul>', items)

    def plain(self) -> str:
        return "; ".join(str(plain(part)) for part in self.parts)


@dataclass(frozen=True)
class Money:
    """An amount in euros."""

    amount: Decimal | None

    def html(self) -> SafeString:
        if self.amount is None:
            return show(None)
        number = formats.number_format(
            self.amount, decimal_pos=2, use_l10n=True, force_grouping=True
        )
        return format_html('<span class="shell-number">€&nbsp;{}</span>', number)

    def plain(self) -> Decimal | None:
        return self.amount


@dataclass(frozen=True)
class Percentage:
    """A share of one (0.25 is shown as 25 %)."""

    share: float | None
    digits: int = 0

    def html(self) -> SafeString:
        if self.share is None:
            return show(None)
        number = formats.number_format(
            round(self.share * 100, self.digits), decimal_pos=self.digits
        )
        return format_html("{}&nbsp;%", number)

    def plain(self) -> float | None:
        return self.share


Component = Badge | Link | Bar | Lines | Money | Percentage
Value = Component | Plain | Promise


def show(value: Value) -> SafeString:
    """The value as people read it; nothing is never an empty cell but a dash with a spoken text."""
    if isinstance(value, Component):
        return value.html()
    if value is None or value == "":
        return format_html(
            '<span aria-hidden="true">–</span><span class="shell-spoken">{}</span>', _("no data")
        )
    if isinstance(value, date):
        return format_html('<span class="shell-number">{}</span>', _readable(value))
    return format_html("{}", _readable(value))


def text_of(value: Value) -> str:
    """The value as people read it, without markup: for a document on paper."""
    if isinstance(value, Money):
        if value.amount is None:
            return ""
        amount = formats.number_format(
            value.amount, decimal_pos=2, use_l10n=True, force_grouping=True
        )
        return f"€ {amount}"
    if isinstance(value, Percentage):
        if value.share is None:
            return ""
        return f"{formats.number_format(round(value.share * 100, value.digits))} %"
    if isinstance(value, Lines):
        return "\n".join(text_of(part) for part in value.parts)
    if value is None:
        return ""
    return value.plain() if isinstance(value, Component) else _readable(value)


def _readable(value: Plain | Promise) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        local = value.astimezone(NETHERLANDS)
        return f"{day_text(local)} {local:%H:%M}"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int | float | Decimal):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


def day_text(day: date) -> str:
    """A day as people write it: 2 dec 2026, or 2 Dec 2026 in English."""
    month = "b" if get_language() == "nl" else "M"
    return formats.date_format(day, f"j {month} Y")


def plain(value: Value) -> Plain:
    """The value as a spreadsheet holds it: a number stays a number, a day stays a day."""
    if isinstance(value, Component):
        return value.plain()
    if isinstance(value, Promise):
        return str(value)
    return value
