"""The indicators a contract may agree on, by code; what they mean is defined in `quality`.

Procurement may not import `quality`. This list holds what an agreement needs: the unit of the
norm, its direction, and a proposal (quality.md section 1). A test compares the codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class KpiCode:
    code: str
    title: str | Promise
    unit: str | Promise
    proposed_norm: Decimal | None = None
    high_is_good: bool = True
    # The highest value a norm can have: 100 for percentages.
    highest: Decimal | None = HUNDRED


PERCENT = _("%")
DAYS = _("days")


def _code(code: str, title: Promise, norm: int | str | None, **more: object) -> KpiCode:
    proposed = None if norm is None else Decimal(norm)
    return KpiCode(code, title, more.pop("unit", PERCENT), proposed, **more)  # type: ignore[arg-type]


KPI_CODES: Mapping[str, KpiCode] = MappingProxyType(
    {
        one.code: one
        for one in (
            _code("T2", _("Lessons start on time"), 90),
            _code(
                "T3",
                _("Waiting time (P90)"),
                42,
                unit=DAYS,
                high_is_good=False,
                highest=None,
            ),
            _code("T4", _("Reaction time of the provider"), 95),
            _code("T5", _("Intake moments that went ahead"), 90),
            _code("S1", _("Route goal reached within the term"), None),
            _code("S2", _("First attempt passed"), None),
            _code("S3", _("Progress on schedule"), 70),
            _code(
                "S4",
                _("Unplanned drop-out per 100 client-months"),
                None,
                unit=_("per 100 client-months"),
                high_is_good=False,
            ),
            _code("S5", _("Past the end date"), 10, high_is_good=False),
            _code("M1", _("Fitting placement"), 90),
            _code("M2", _("Level within the group"), 90),
            _code("M3", _("Group size and literacy teacher"), 95),
            _code("D1", _("Language and taking part together"), 60),
            _code("D2", _("Participation hours in the Z route"), 90),
            _code("D3", _("MAP completed"), 90),
            _code("D4", _("PVT completed"), 90),
            _code("Q1", _("Attendance"), 80),
            _code("Q2", _("Absence reported in time"), 95),
            _code("Q3", _("Lessons cancelled by the provider"), 3, high_is_good=False),
            _code("Q4", _("Satisfaction"), "3.5", unit=_("of 5"), highest=Decimal(5)),
            _code(
                "Q5",
                _("Complaints per 100 client-years"),
                None,
                unit=_("per 100 client-years"),
                high_is_good=False,
            ),
            _code("Q6", _("Quality mark and teachers"), 100),
            _code("Q7", _("Data on time and correct"), 95),
        )
    }
)


@dataclass(frozen=True)
class KpiProposal:
    code: str
    norm: Decimal
    weight: Decimal
    minimum_n: int = 10


def _set(*rows: tuple[str, int | str, int]) -> tuple[KpiProposal, ...]:
    return tuple(KpiProposal(code, Decimal(norm), Decimal(weight)) for code, norm, weight in rows)


# What a new contract starts from, by the main component of its lots; weights sum to 100.
_ROUTE_SET = _set(("T2", 90, 20), ("S3", 70, 20), ("M1", 90, 20), ("Q1", 80, 20), ("Q4", "3.5", 20))
_MAP_SET = _set(("T2", 90, 25), ("D3", 90, 50), ("Q4", "3.5", 25))
_PVT_SET = _set(("T2", 90, 25), ("D4", 90, 50), ("Q4", "3.5", 25))


def proposed_set(component: str) -> tuple[KpiProposal, ...]:
    """A first set of agreements for a contract that delivers mainly `component`."""
    return {"MAP": _MAP_SET, "PVT": _PVT_SET}.get(component, _ROUTE_SET)
