"""Tenders from draft to award, and an agreement registered in one go."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from backend.common.errors import InvalidError, NotAllowedError
from procurement.errors import TenderIncompleteError, TenderStateError
from procurement.models import Award, Contract, Lot, Tender
from procurement.selectors.deadlines import DeadlineKind, contract_deadlines
from procurement.services.lots import LotTerms, Participation, lot_register
from procurement.services.registration import agreement_register
from procurement.services.registration_plan import (
    AgreementPlan,
    ContractorPlan,
    LotPlan,
    PartPlan,
)
from procurement.services.tariffs import TariffDraft
from procurement.services.tenders import (
    AwardDraft,
    TenderDraft,
    tender_award,
    tender_cancel,
    tender_change,
    tender_close,
    tender_publish,
    tender_register,
)
from tests.support.entering import actor_with, new_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
DRAFT = TenderDraft(
    reference="2026-1",
    title="Inburgering",
    cpv_codes=("80400000",),
    publication_reference="TN-1",
    publication_date=date(2026, 9, 1),
    closing_date=date(2026, 10, 15),
)


def codes(error) -> set[str]:
    return {one.code for one in error.value.violations}


def lot_of(manager, town, tender, code="P1", **terms):
    return lot_register(
        actor=manager,
        buyer=town,
        tender=tender,
        code=code,
        title="B1",
        components=["B"],
        target_groups=["asylum"],
        terms=LotTerms(**terms),
        participations=[Participation(town, date(2027, 1, 1))],
    )


def test_from_draft_to_award(manager, town, school):
    tender = tender_register(actor=manager, buyer=town, draft=DRAFT)
    lot = lot_of(manager, town, tender, contractors=1)
    tender_publish(actor=manager, tender=tender)
    with pytest.raises(InvalidError):
        lot_of(manager, town, tender, code="P2")
    tender_close(actor=manager, tender=tender)
    tender_award(
        actor=manager,
        tender=tender,
        awards=[AwardDraft(lot, school)],
        award_date=date(2026, 11, 1),
        standstill_until=date(2026, 11, 21),
    )
    assert Tender.objects.get().status == "awarded"
    with pytest.raises(TenderStateError):
        tender_cancel(actor=manager, tender=tender, reason="te laat")


def test_publishing_names_every_gap(manager, town):
    tender = tender_register(
        actor=manager, buyer=town, draft=TenderDraft(reference="x", title="Leeg")
    )
    with pytest.raises(TenderIncompleteError) as error:
        tender_publish(actor=manager, tender=tender)
    assert {one.field for one in error.value.violations} == {
        "lots",
        "closing_date",
        "publication_date",
        "cpv_codes",
        "publication_reference",
    }
    assert Tender.objects.get().status == "draft"


def test_reference_stays_after_publication(manager, town):
    tender = tender_register(actor=manager, buyer=town, draft=DRAFT)
    lot_of(manager, town, tender)
    tender_publish(actor=manager, tender=tender)
    with pytest.raises(InvalidError) as error:
        tender_change(actor=manager, tender=tender, draft=replace(DRAFT, reference="anders"))
    assert codes(error) == {"tender_published"}
    tender_change(actor=manager, tender=tender, draft=replace(DRAFT, title="Beter"))
    assert Tender.objects.get().title == "Beter"


@pytest.mark.parametrize(
    ("terms", "shares", "ranks", "expected"),
    [
        ({"contractors": 1}, (None, None), (None, None), "too_many_contractors"),
        ({"allocation": "rank"}, (None, None), (1, 3), "ranks_incomplete"),
        ({"allocation": "share"}, (50, 40), (None, None), "shares_not_100"),
    ],
)
def test_awards_fit_the_lot(manager, town, school, terms, shares, ranks, expected):
    other = new_provider(code="ander", duo_number="0000000002", name="Andere school")
    tender = tender_register(actor=manager, buyer=town, draft=DRAFT)
    lot = lot_of(manager, town, tender, **terms)
    rows = [
        AwardDraft(lot, one, rank, None if share is None else Decimal(share))
        for one, share, rank in zip((school, other), shares, ranks, strict=True)
    ]
    with pytest.raises(InvalidError) as error:
        tender_award(actor=manager, tender=tender, awards=rows, award_date=date(2026, 11, 1))
    assert codes(error) == {expected}
    assert (Award.objects.count(), Tender.objects.get().status) == (0, "draft")


def test_only_the_own_buyer(town, school):
    with pytest.raises(NotAllowedError):
        tender_register(actor=actor_with(at=[town]), buyer=town, draft=DRAFT)
    assert not Tender.objects.exists()


def price(amount):
    return TariffDraft("B", "learner_hour", Decimal(amount), date(2027, 1, 1))


def plan(town, school, **changes):
    base = AgreementPlan(
        buyer=town,
        tender=replace(DRAFT, award_date=date(2026, 11, 1)),
        start_date=date(2027, 1, 1),
        end_date=date(2028, 12, 31),
        municipalities=(town,),
        lots=(LotPlan("P1", "B1-route", ("B",), ("asylum",)),),
        contractors=(ContractorPlan(school, "C-1", (PartPlan(0, (price("14.50"),)),)),),
    )
    return replace(base, **changes)


def test_agreement_is_registered_as_a_whole(manager, town, school):
    agreement = agreement_register(actor=manager, plan=plan(town, school))
    (contract,) = agreement.contracts
    assert agreement.tender.lots.get().awards.get().provider == school
    assert contract.contract_lots.get().contract_courses.count() == 1
    assert sum(one.weight for one in contract.versions.get().kpi_agreements.all()) == 100
    assert contract.documents.count() == 5


def test_agreement_with_faults_in_every_part_writes_nothing(manager, town, school):
    with pytest.raises(InvalidError) as error:
        agreement_register(
            actor=manager,
            plan=plan(
                town,
                school,
                tender=replace(DRAFT, cpv_codes=("8",), award_date=date(2026, 11, 1)),
                end_date=date(2026, 1, 1),
                municipalities=(),
                lots=(LotPlan("P1", "B1", ("nee",), ("asylum",)),),
                contractors=(
                    ContractorPlan(school, "C-1", ()),
                    ContractorPlan(school, "C-1", (PartPlan(0, (price(-1),)),)),
                ),
            ),
        )
    places = {one.field for one in error.value.violations}
    assert {
        "municipalities",
        "tender.cpv_codes",
        "lots.0.components",
        "contractors.0.parts",
        "contractors.1.provider",
        "contractors.1.number",
        "contractors.1.parts.0.tariffs.0.amount",
        "end_date",
    } <= places
    assert len(error.value.violations) == len(
        {(one.field, one.code) for one in error.value.violations}
    )
    assert (Tender.objects.count(), Lot.objects.count(), Contract.objects.count()) == (0, 0, 0)


def test_calendar_names_tenders_and_contracts(manager, running):
    found = contract_deadlines(manager, first=date(2026, 1, 1), last=date(2028, 12, 31))
    kinds = {one.kind: one.day for one in found}
    assert kinds[DeadlineKind.CONTRACT_ENDS] == date(2027, 12, 31)
    assert kinds[DeadlineKind.NOTICE] == date(2027, 6, 30)
    stranger = actor_with(at=[])
    assert contract_deadlines(stranger, first=date(2026, 1, 1), last=date(2028, 12, 31)) == []
