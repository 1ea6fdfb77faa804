"""Lots as they are mostly bought: their components, the unit of their prices and their CPV code."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement.choices import TariffUnit


@dataclass(frozen=True)
class LotTemplate:
    label: Promise
    components: tuple[str, ...]
    unit: str
    cpv_code: str


TEMPLATES: Mapping[str, LotTemplate] = MappingProxyType(
    {
        "B": LotTemplate(_("B1 route"), ("B", "KNM"), TariffUnit.LEARNER_HOUR, "80580000"),
        "Z": LotTemplate(_("Z route"), ("Z", "KNM"), TariffUnit.LEARNER_HOUR, "80580000"),
        "O": LotTemplate(_("Education route"), ("O",), TariffUnit.TRAJECT, "80580000"),
        "MAP": LotTemplate(_("MAP"), ("MAP",), TariffUnit.LEARNER_HOUR, "80530000"),
        "PVT": LotTemplate(_("PVT"), ("PVT",), TariffUnit.TRAJECT, "80400000"),
    }
)
