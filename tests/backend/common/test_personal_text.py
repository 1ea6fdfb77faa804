"""Free text about a person: what is warned about, and what is left alone."""

import pytest

from backend.common.bsn import holds_bsn, is_bsn
from backend.common.personal_text import BSN, HEALTH_DETAIL, NAMES, personal_hints


@pytest.mark.parametrize(
    "text",
    [
        "Kent zijn nummer 123456782 uit het hoofd.",
        "bsn 1234.56.782",
        "BSN: 123 456 782, belt morgen.",
        "111222333",
    ],
)
def test_a_number_that_passes_the_eleven_test_is_a_bsn(text):
    assert BSN in personal_hints(text)


@pytest.mark.parametrize(
    "text",
    [
        "123456789",  # fails the eleven test
        "Bel 0612345678",
        "NL91 ABNA 0417 1643 00",
        "Start op 01-09-2026 om 09:00",
        "000000000",
    ],
)
def test_other_numbers_are_no_bsn(text):
    assert not holds_bsn(text)


def test_the_eleven_test_needs_nine_digits():
    assert is_bsn("123456782")
    assert not is_bsn("12345678")
    assert not is_bsn("١٢٣٤٥٦٧٨٢")


@pytest.mark.parametrize(
    "text",
    [
        "Komt samen met Amina Yusuf, Omar el Haddad en Sara Ali.",
        "Jan de Vries; Piet van der Berg",
        "Amina Yusuf\nOmar Haddad",
        "Overlegd met mevrouw Jansen en dhr. De Boer.",
    ],
)
def test_several_names_are_a_list_of_names(text):
    assert NAMES in personal_hints(text)


@pytest.mark.parametrize(
    "text",
    [
        "Is depressief en ziek geweest.",
        "Medische klachten",
        "Needs therapy on Monday.",
        "Zij is zwanger.",
        "Naar het ziekenhuis",
    ],
)
def test_a_word_about_health_is_a_health_detail(text):
    assert HEALTH_DETAIL in personal_hints(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dichtbij en snel te beginnen; dat telt voor haar het zwaarst.",
        "This place scores well on: start, travel.",
        "Past bij het rooster van de kinderopvang, dinsdag en donderdag.",
        "De reistijd met lijn 12 is 20 minuten. De groep begint op 1 september 2026.",
        "Liever in Utrecht, want daar werkt zij ook.",
        "Reden: wisselende diensten. Avondgroep gekozen.",
    ],
)
def test_an_ordinary_motivation_gets_no_warning(text):
    assert personal_hints(text) == ()
