"""A procurement officer in the browser, a school with its mark, and the form of an award."""

from datetime import date

import pytest

from providers.models import QualityMark
from tests.support.entering import new_group, new_provider


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def school():
    provider = new_provider()
    QualityMark.objects.create(
        provider=provider, kind="keurmerk", status="valid", valid_from=date(2025, 1, 1)
    )
    return new_group(provider).course.provider


def award(municipality, school, **changes):
    base = {
        "buyer": municipality.pk,
        "reference": "2026-INB",
        "title": "Inburgering 2027",
        "procedure": "sas",
        "cpv_codes": "80400000-8, 85300000",
        "award_date": "2026-10-01",
        "start_date": "2027-01-01",
        "end_date": "2028-12-31",
        "option_1_end_date": "2029-12-31",
        "option_1_notice_date": "2028-06-30",
        "index_name": "CBS CPI",
        "municipalities": [municipality.pk],
        "lots": 1,
        "contractors": 1,
        "lot_1_code": "P1",
        "lot_1_components": ["B", "KNM"],
        "lot_1_target_groups": ["asylum"],
        "lot_1_execution": "effort",
        "lot_1_allocation": "fit",
        "lot_1_unit": "learner_hour",
        "provider_1_provider": school.pk,
        "provider_1_number": "C-1",
        "provider_1_price_1": "14,50",
    }
    return base | changes
