"""The door of `procurement`: what the apps above may use. Names here keep their meaning."""

from procurement.choices import TariffUnit
from procurement.clauses.facts import LessonFact, PlacementFact, Subject
from procurement.errors import CeilingReachedError, NoTariffError
from procurement.ports import bind_lesson_facts, bind_placement_facts
from procurement.selectors import (
    COVER_OF_COURSE,
    Coverage,
    Covered,
    contract_lot_for,
    coverage,
    coverage_of,
    covered,
)
from procurement.selectors.contractors import contracted_courses, contracted_providers
from procurement.selectors.deliveries import delivered_quantities, delivery_units
from procurement.selectors.expected import ExpectedCallOff, ExpectedFrom, expected_from
from procurement.selectors.versions import contract_as_of, kpi_agreements_on
from procurement.services.call_offs import call_off_open, call_off_release, ceiling_lock
from procurement.services.ledger import Delivery, call_offs_lock, deliveries_record

__all__ = [
    "COVER_OF_COURSE",
    "CeilingReachedError",
    "Coverage",
    "Covered",
    "Delivery",
    "ExpectedCallOff",
    "ExpectedFrom",
    "LessonFact",
    "NoTariffError",
    "PlacementFact",
    "Subject",
    "TariffUnit",
    "bind_lesson_facts",
    "bind_placement_facts",
    "call_off_open",
    "call_off_release",
    "call_offs_lock",
    "ceiling_lock",
    "contract_as_of",
    "contract_lot_for",
    "contracted_courses",
    "contracted_providers",
    "coverage",
    "coverage_of",
    "covered",
    "delivered_quantities",
    "deliveries_record",
    "delivery_units",
    "expected_from",
    "kpi_agreements_on",
]
