"""The text for the algorithm register is complete, public, and follows the policy in force."""

from dataclasses import fields
from datetime import date

import pytest
from django.utils.translation import override

from matching.choices import PriorityMode
from matching.engine import FACTORS, RULES, NeedTable
from matching.models import MatchingPolicy
from matching.register_text import (
    DATA_TEXTS,
    FACTOR_TEXTS,
    FORBIDDEN_TEXTS,
    PRIORITY_TEXTS,
    RULE_TEXTS,
    SAME_SENTENCE,
    register_sections,
    register_text,
)
from matching.selectors.policy import default_policy
from matching.services.policy import PolicyData, policy_publish
from tests.factories import matching as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)
HEADINGS = [
    "Naam",
    "Organisatie",
    "Doel en impact",
    "Afwegingen",
    "Wettelijke basis",
    "Gegevens",
    "Niet gebruikt",
    "Werking: wanneer een plek mogelijk is",
    "Werking: welke plek beter past",
    "Werking: wie gaat voor",
    "Menselijke tussenkomst",
    "Hoe lang gegevens blijven",
    "Risicobeheer",
    "Contact, uitleg en bezwaar",
]


@pytest.fixture
def dutch(municipality):
    with override("nl"):
        return register_text(register_sections(municipality, default_policy(), TODAY))


def test_the_engine_has_no_rule_factor_mode_or_input_without_a_sentence():
    assert set(FACTOR_TEXTS) == set(FACTORS)
    assert set(RULE_TEXTS) == set(RULES)
    assert set(PRIORITY_TEXTS) == set(PriorityMode.values)
    assert {one.name for one in fields(NeedTable)} == set(DATA_TEXTS) | set(SAME_SENTENCE)
    assert set(SAME_SENTENCE.values()) <= set(DATA_TEXTS)


def test_every_sentence_stands_in_the_text(dutch):
    with override("nl"):
        for texts in (FACTOR_TEXTS.values(), RULE_TEXTS.values(), DATA_TEXTS.values()):
            for text in texts:
                assert str(text) in dutch
    for name in RULES:
        assert f"({name})" in dutch


def test_forbidden_inputs_are_named_as_not_used(dutch):
    unused = dutch.split("Niet gebruikt")[1].split("Werking")[0]
    for word in ("nationaliteit", "geboorteland", "moedertaal", "geslacht", "godsdienst"):
        assert f"- {word}" in unused
    assert len(FORBIDDEN_TEXTS) == unused.count("\n- ")


def test_no_input_of_the_engine_is_one_of_the_forbidden():
    names = {one.name for one in fields(NeedTable)}
    assert not names & {"nationality", "birth_country", "language", "sex", "gender", "religion"}


def test_the_headings_of_the_register_in_its_order(municipality):
    with override("nl"):
        sections = register_sections(municipality, default_policy(), TODAY)

    assert [one.heading for one in sections] == HEADINGS


def test_the_numbers_are_those_of_the_policy(municipality):
    policy = MatchingPolicy(
        version=7,
        valid_from=TODAY,
        weights=dict.fromkeys(FACTORS, 0) | {"travel": 3, "price": 1},
        max_travel_km=17,
        urgent_within_days=11,
        long_wait_days=66,
        priority=PriorityMode.STRICT,
        seed=4242,
        hold_hours=31,
        answer_business_days=9,
        proposal_business_days=6,
        freeze_days=23,
    )
    with override("nl"):
        text = register_text(register_sections(municipality, policy, TODAY))

    assert "hoogstens 750 punten (gewicht 3)" in text
    assert "hoogstens 250 punten (gewicht 1)" in text
    for number in (
        "17 km",
        "11 dagen",
        "66 dagen",
        "4242",
        "31 uur",
        "9 werkdagen",
        "versie 7",
        "6 werkdagen",
        "23 dagen",
    ):
        assert number in text
    assert "wie het langst wacht" in text


def test_everybody_may_read_it_without_log_in(web_as, municipality):
    make.participant(municipality)
    client = web_as()

    assert municipality.name in client.get("/algorithm-register").content.decode()
    page = client.get(f"/algorithm-register/municipality/{municipality.code}")
    assert page.status_code == 200
    assert "Menselijke tussenkomst" in page.content.decode()


def test_a_new_version_changes_the_text_from_its_day(web_as, municipality):
    policy_publish(
        actor=make.everything(municipality),
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=TODAY, max_travel_km=19),
        reason="Korter reizen.",
    )

    text = web_as().get(f"/algorithm-register/municipality/{municipality.code}/txt")

    assert text.headers["Content-Type"].startswith("text/plain")
    assert "19 km" in text.content.decode()


def test_the_downloads_are_dutch_whatever_the_visitor_reads(web_as, municipality):
    client = web_as()
    client.cookies["django_language"] = "en"
    address = f"/algorithm-register/municipality/{municipality.code}"

    data = client.get(f"{address}/json").json()

    assert [one["heading"] for one in data["sections"]] == HEADINGS
    assert data["policy"]["maxTravelKm"] == 25


def test_a_provider_has_no_text(web_as, provider):
    assert web_as().get(f"/algorithm-register/provider/{provider.code}").status_code == 404
    assert web_as().get("/algorithm-register/municipality/bestaat-niet").status_code == 404
