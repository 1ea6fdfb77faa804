"""CPV codes: what exists is accepted, a typo is refused with the code that was meant."""

import re

import pytest

from procurement.cpv import COMPLETE, CPV_CODES, cpv_advice, cpv_exists
from procurement.lot_templates import TEMPLATES
from procurement.models.tender import CPV_PATTERN
from procurement.web.tender_steps import TenderForm
from tests.support.reference_data import reference_file

ROW = re.compile(r"<Row>(.*?)</Row>", re.S)
VALUE = re.compile(r'<Value ColumnRef="(\w+)">\s*<SimpleValue>(.*?)</SimpleValue>', re.S)


def europe():
    text = reference_file("eforms/cpv_social-service-cpv.gc").read_text(encoding="utf-8")
    rows = [dict(VALUE.findall(one)) for one in ROW.findall(text)]
    assert len(rows) > 100
    return {one["code"]: one["nld_label"] for one in rows}


def test_every_code_of_the_european_list_is_accepted():
    assert [one for one in europe() if not cpv_exists(one)] == []


def test_where_the_list_is_complete_it_says_what_europe_says():
    here = {code: name for code, name in europe().items() if code.startswith(COMPLETE)}
    assert {code: CPV_CODES.get(code) for code in here} == here


def test_every_code_here_has_the_form_and_exists():
    assert all(re.fullmatch(CPV_PATTERN, one) and cpv_exists(one) for one in CPV_CODES)


def test_what_the_forms_propose_exists():
    proposed = re.findall(r"\d{8}", str(TenderForm.base_fields["cpv_codes"].help_text))
    proposed += [one.cpv_code for one in TEMPLATES.values()]
    assert len(proposed) > 2
    assert set(proposed) <= set(CPV_CODES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("80850000", "80580000"),
        ("80402000", "80420000"),
        ("85321300", "85312300"),
        ("80680000", "80580000"),
    ],
)
def test_a_typo_is_recognised_with_the_code_that_was_meant(typed, meant):
    assert not cpv_exists(typed)
    assert meant in cpv_advice(typed)


@pytest.mark.parametrize("code", ["12345678", "99000000", "00000000", "79001000"])
def test_a_code_outside_the_system_is_refused(code):
    assert not cpv_exists(code)


@pytest.mark.parametrize("code", ["79633000", "98133110", "85142200"])
def test_a_code_of_another_division_is_judged_by_its_form(code):
    assert cpv_exists(code)
