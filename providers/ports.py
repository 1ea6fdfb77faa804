"""What the supply side asks from above; `backend/wiring.py` binds the implementations.

Providers know no person and no contract. Who holds a place on a start, and how many places were
contracted, is told by the apps that know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db.models import Expression, Value

from backend.accounts.actor import Actor
from backend.common.errors import Text


@dataclass(frozen=True)
class AffectedPlace:
    """One open place on a start: a code for the person, never a name."""

    label: str
    municipality: str
    state: Text
    path: str
    placement: UUID


class AffectedPlaces(Protocol):
    """Open places on the starts, for as far as the actor sees them, by key of the start."""

    def __call__(
        self, actor: Actor, intake_moment_ids: Iterable[int]
    ) -> Mapping[int, Sequence[AffectedPlace]]: ...


@dataclass(frozen=True)
class ContractedPlaces:
    """Places that a contract promises in a period, and on which courses."""

    provider_id: int
    label: str
    path: str
    organisation_id: int
    municipality_ids: frozenset[int]
    course_ids: frozenset[int]
    places: int
    contract: UUID
    lot: UUID


class ContractedCapacity(Protocol):
    """Contracted places from `first` up to and including `last`; without an actor: all of them."""

    def __call__(
        self, actor: Actor | None, provider_ids: Iterable[int] | None, first: date, last: date
    ) -> Sequence[ContractedPlaces]: ...


@dataclass(frozen=True)
class SupplierFigures:
    """Findings that wait and places that run, as expressions over rows of providers.

    The paths list what is counted; the key of the provider's organisation is put behind them.
    """

    findings: Expression
    findings_path: str
    places: Expression
    places_path: str


class Figures(Protocol):
    """The figures as far as the actor sees what they count."""

    def __call__(self, actor: Actor) -> SupplierFigures: ...


class InvolvedMunicipalities(Protocol):
    """Keys of the organisations with running places or contracts at the provider."""

    def __call__(self, provider_id: int) -> Iterable[int]: ...


def _no_places(
    actor: Actor, intake_moment_ids: Iterable[int]
) -> Mapping[int, Sequence[AffectedPlace]]:
    return {}


def _nothing_contracted(
    actor: Actor | None, provider_ids: Iterable[int] | None, first: date, last: date
) -> Sequence[ContractedPlaces]:
    return ()


def _no_figures(actor: Actor) -> SupplierFigures:
    return SupplierFigures(Value(0), "", Value(0), "")


_affected: AffectedPlaces = _no_places
_figures: Figures = _no_figures
_contracted: ContractedCapacity = _nothing_contracted
_involved: list[InvolvedMunicipalities] = []


def bind_affected_places(source: AffectedPlaces) -> None:
    global _affected
    _affected = source


def bind_contracted_capacity(source: ContractedCapacity) -> None:
    global _contracted
    _contracted = source


def bind_supplier_figures(source: Figures) -> None:
    global _figures
    _figures = source


def bind_involved(source: InvolvedMunicipalities) -> None:
    """Adds a source; contracts and placements each know some."""
    if source not in _involved:
        _involved.append(source)


def affected_places(
    actor: Actor, intake_moment_ids: Iterable[int]
) -> Mapping[int, Sequence[AffectedPlace]]:
    """Who holds a place on these starts, in a constant number of queries."""
    return _affected(actor, list(intake_moment_ids))


def contracted_places(
    *, actor: Actor | None, provider_ids: Iterable[int] | None, first: date, last: date
) -> Sequence[ContractedPlaces]:
    """What contracts promise in the period, in a constant number of queries."""
    return _contracted(actor, provider_ids, first, last)


def supplier_figures(actor: Actor) -> SupplierFigures:
    """To annotate and sort providers with, and where the rows behind the numbers are listed."""
    return _figures(actor)


def involved_organisation_ids(provider_id: int) -> frozenset[int]:
    """Municipalities and regions that should hear when something happens to the provider."""
    return frozenset(one for source in _involved for one in source(provider_id))


__all__ = [
    "AffectedPlace",
    "AffectedPlaces",
    "ContractedCapacity",
    "ContractedPlaces",
    "Figures",
    "InvolvedMunicipalities",
    "SupplierFigures",
    "affected_places",
    "bind_affected_places",
    "bind_contracted_capacity",
    "bind_involved",
    "bind_supplier_figures",
    "contracted_places",
    "involved_organisation_ids",
    "supplier_figures",
]
