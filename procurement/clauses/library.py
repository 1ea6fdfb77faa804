"""The library of clauses: which numbers each takes, within which bounds, and what it says.

Defaults follow the contract standard of the VNG (chain-and-journeys.md 2.2) and domain.md 6.2; a
contract fills in its own. Parameters are checked all at once, before anything is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import Text, Violation
from procurement.clauses.kinds import ClauseKind

MOST_THRESHOLDS = 5
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class WholeNumber:
    """A whole number within bounds."""

    name: str
    label: Text
    default: int
    low: int
    high: int
    unit: Text = ""

    def clean(self, value: Any) -> int:
        """The value as it is kept. Raises ValueError with a sentence for the user."""
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise ValueError(self._sentence())
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError(self._sentence()) from None
        if number != number.to_integral_value() or not self.low <= number <= self.high:
            raise ValueError(self._sentence())
        return int(number)

    def _sentence(self) -> str:
        return _("Enter a whole number from %(low)s to %(high)s.") % {
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True)
class Share:
    """A percentage with at most two decimals, kept as text so that nothing is rounded."""

    name: str
    label: Text
    default: str
    low: Decimal
    high: Decimal
    unit: Text = "%"

    def clean(self, value: Any) -> str:
        try:
            number = Decimal(str(value).replace(",", "."))
        except InvalidOperation:
            raise ValueError(self._sentence()) from None
        if not number.is_finite() or not self.low <= number <= self.high:
            raise ValueError(self._sentence())
        if number != number.quantize(Decimal("0.01")):
            raise ValueError(self._sentence())
        return str(number.normalize()) if number % 1 else str(int(number))

    def _sentence(self) -> str:
        return _("Enter a percentage from %(low)s to %(high)s, with at most two decimals.") % {
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True)
class Thresholds:
    """Rising percentages, such as 70, 90 and 100."""

    name: str
    label: Text
    default: tuple[int, ...]
    unit: Text = "%"

    def clean(self, value: Any) -> list[int]:
        parts = (
            value.replace(";", " ").replace(",", " ").split() if isinstance(value, str) else value
        )
        if not isinstance(parts, list | tuple):
            raise ValueError(self._sentence())
        try:
            numbers = [int(one) for one in parts]
        except (TypeError, ValueError):
            raise ValueError(self._sentence()) from None
        rising = sorted(set(numbers)) == numbers
        if not rising or not 1 <= len(numbers) <= MOST_THRESHOLDS:
            raise ValueError(self._sentence())
        if not all(1 <= one <= 150 for one in numbers):
            raise ValueError(self._sentence())
        return numbers

    def _sentence(self) -> str:
        return _("Enter one to five rising percentages from 1 to 150, such as 70, 90, 100.")


Parameter = WholeNumber | Share | Thresholds


@dataclass(frozen=True)
class ClauseType:
    """A clause as the library offers it."""

    kind: ClauseKind
    parameters: tuple[Parameter, ...]
    source: Text
    # The clause in words, with its numbers filled in.
    says: Callable[[Parameters], str]

    @property
    def defaults(self) -> dict[str, Any]:
        return {one.name: one.clean(one.default) for one in self.parameters}


WORKING_DAYS = gettext_lazy("working days")
WEEKS = gettext_lazy("weeks")
DAYS = gettext_lazy("days")


def _joined(values: list[int]) -> str:
    return ", ".join(f"{one}%" for one in values)


LIBRARY: Mapping[str, ClauseType] = MappingProxyType(
    {
        str(one.kind): one
        for one in (
            ClauseType(
                ClauseKind.ACCEPTANCE,
                (
                    WholeNumber(
                        "working_days", gettext_lazy("Answer within"), 5, 1, 30, WORKING_DAYS
                    ),
                ),
                gettext_lazy("Contract standard 3.1"),
                lambda p: (
                    _("The provider answers an offered place within %(working_days)s working days.")
                    % p
                ),
            ),
            ClauseType(
                ClauseKind.START,
                (WholeNumber("weeks", gettext_lazy("Start within"), 8, 1, 52, WEEKS),),
                gettext_lazy("Contract standard 3.5"),
                lambda p: (
                    _("Lessons start within %(weeks)s weeks after the place was offered.") % p
                ),
            ),
            ClauseType(
                ClauseKind.WAITING,
                (WholeNumber("weeks", gettext_lazy("A free start within"), 12, 1, 52, WEEKS),),
                gettext_lazy("Contract standard 3.5"),
                lambda p: (
                    _("There is always a start with a free place within %(weeks)s weeks.") % p
                ),
            ),
            ClauseType(
                ClauseKind.INTAKE_STOP,
                (WholeNumber("days", gettext_lazy("Asked for in advance"), 14, 1, 180, DAYS),),
                gettext_lazy("Contract standard 3.5.3"),
                lambda p: (
                    _("An intake stop is asked for at least %(days)s days ahead and needs consent.")
                    % p
                ),
            ),
            ClauseType(
                ClauseKind.CEILING,
                (Thresholds("thresholds", gettext_lazy("Alerts at"), (70, 90, 100)),),
                gettext_lazy("Contract standard 1.5"),
                lambda p: (
                    _("Alerts when %(thresholds)s of a ceiling is used.")
                    % {"thresholds": _joined(p["thresholds"])}
                ),
            ),
            ClauseType(
                ClauseKind.ATTENDANCE,
                (
                    WholeNumber(
                        "working_days", gettext_lazy("Recorded within"), 5, 1, 30, WORKING_DAYS
                    ),
                ),
                gettext_lazy("Blik op Werk, 2.9"),
                lambda p: (
                    _("Attendance is recorded within %(working_days)s working days after a lesson.")
                    % p
                ),
            ),
            ClauseType(
                ClauseKind.REPORT,
                (
                    WholeNumber("months", gettext_lazy("Every"), 3, 1, 12, gettext_lazy("months")),
                    WholeNumber(
                        "working_days", gettext_lazy("Due within"), 15, 1, 60, WORKING_DAYS
                    ),
                ),
                gettext_lazy("Reporting duty"),
                lambda p: (
                    _(
                        "A report every %(months)s months, within %(working_days)s working days"
                        " after the period."
                    )
                    % p
                ),
            ),
            ClauseType(
                ClauseKind.EVALUATION,
                (
                    WholeNumber(
                        "per_year", gettext_lazy("Meetings"), 2, 1, 12, gettext_lazy("a year")
                    ),
                ),
                gettext_lazy("Evaluation talks"),
                lambda p: _("At least %(per_year)s evaluation meetings a year.") % p,
            ),
            ClauseType(
                ClauseKind.OPTION,
                (WholeNumber("days", gettext_lazy("Signal in advance"), 90, 1, 365, DAYS),),
                gettext_lazy("Extension options of the contract"),
                lambda p: (
                    _("A signal %(days)s days before an extension option has to be decided.") % p
                ),
            ),
            ClauseType(
                ClauseKind.NOTICE,
                (WholeNumber("days", gettext_lazy("Signal in advance"), 90, 1, 365, DAYS),),
                gettext_lazy("Notice period of the contract"),
                lambda p: (
                    _("A signal %(days)s days before the last day to give notice or to tender.") % p
                ),
            ),
            ClauseType(
                ClauseKind.DOCUMENT,
                (WholeNumber("days", gettext_lazy("Signal in advance"), 30, 0, 180, DAYS),),
                gettext_lazy("Contract standard, bijlage 1"),
                lambda p: (
                    _(
                        "Required documents are present and not too old;"
                        " a signal %(days)s days ahead."
                    )
                    % p
                ),
            ),
            ClauseType(
                ClauseKind.SUBCONTRACTOR,
                (),
                gettext_lazy("Contract standard 3.9"),
                lambda p: _("No subcontractor delivers without earlier consent of the buyer."),
            ),
            ClauseType(
                ClauseKind.SOCIAL_RETURN,
                (
                    Share("percentage", gettext_lazy("Share"), "5", Decimal("0.1"), Decimal(100)),
                    WholeNumber("days", gettext_lazy("Shown within"), 90, 0, 365, DAYS),
                ),
                gettext_lazy("Social return"),
                lambda p: (
                    _(
                        "%(percentage)s%% of the yearly turnover as social return,"
                        " shown within %(days)s days after the year."
                    )
                    % p
                ),
            ),
        )
    }
)


def clean_parameters(kind: str, parameters: Parameters) -> tuple[dict[str, Any], list[Violation]]:
    """The parameters as they are kept, and every fault; what is left out gets its default."""
    known = LIBRARY.get(kind)
    if known is None:
        return {}, [
            Violation(
                "kind", "unknown_code", _("This clause does not exist. Choose one from the list.")
            )
        ]
    names = {one.name for one in known.parameters}
    faults = [
        Violation(
            f"parameters.{name}",
            "unknown_parameter",
            _("This clause has no number called “%(name)s”. Leave it out.") % {"name": name},
        )
        for name in sorted(set(parameters) - names)
    ]
    cleaned = {}
    for one in known.parameters:
        try:
            cleaned[one.name] = one.clean(parameters.get(one.name, one.default))
        except ValueError as error:
            faults.append(Violation(f"parameters.{one.name}", "invalid_parameter", str(error)))
    return cleaned, faults


def clause_in_words(kind: str, parameters: Parameters) -> str:
    """What the clause says, in one sentence with its numbers."""
    known = LIBRARY[kind]
    return known.says({**known.defaults, **parameters})
