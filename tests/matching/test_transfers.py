"""From one provider to another: the old place ends, the new one is offered, up to fifteen."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from backend.accounts.actors import forget_all
from backend.accounts.public import accounts_actor, grant_permission
from backend.accounts.roles import Role
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError
from backend.demo.transfers import move_learners
from backend.organisations.permissions import Permission
from matching.choices import NeedState, PlacementState
from matching.errors import (
    PlacementInfeasibleError,
    ReasonRequiredError,
    RulesNotNamedError,
    TransferApprovalError,
)
from matching.models import GroupTransfer, Pip, Placement
from matching.services.transfers import (
    Move,
    Terms,
    placement_transfer,
    placements_transfer,
    transfer_warnings,
)
from procurement.choices import CallOffState
from procurement.models import CallOff, LedgerEntry
from procurement.money_choices import EntryKind
from procurement.public import Delivery, deliveries_record
from procurement.selectors.ledger_checks import ledger_faults
from providers.models import IntakeMoment
from tests.factories.accounts import user_with
from tests.factories.matching import contracted_intake, everything, placement
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TERMS = Terms(motivation="De school stopt.")


@pytest.fixture
def there(municipality):
    """Where they are."""
    return contracted_intake(municipality, seats_total=20)


@pytest.fixture
def here(municipality):
    """Where they can go: another provider with the same kind of course."""
    return contracted_intake(municipality, seats_total=20)


@pytest.mark.parametrize("state", [PlacementState.OFFERED, PlacementState.ACCEPTED])
def test_a_place_that_has_not_begun_is_withdrawn_and_another_offered(
    municipality, there, here, state
):
    old = placement(municipality, intake=there, state=state)
    new = placement_transfer(actor=everything(municipality), move=Move(old, here), terms=TERMS)

    old.refresh_from_db()
    assert (old.state, new.state) == (PlacementState.WITHDRAWN, PlacementState.OFFERED)
    assert old.events.last().reason_code == "other_provider"
    assert (new.intake_moment, new.need, new.motivation) == (here, old.need, "De school stopt.")
    assert not CallOff.objects.filter(state="committed").exists()


def test_a_running_place_is_stopped_and_its_call_off_gives_back_the_rest(municipality, there, here):
    old = placement(municipality, intake=there, state=PlacementState.STARTED)
    actor = everything(municipality)
    deliveries_record(actor=actor, deliveries=[Delivery(old.uuid, clock.today(), Decimal(6))])
    terms = Terms("De school stopt.", last_day=clock.today() - timedelta(days=1))
    new = placement_transfer(actor=actor, move=Move(old, here), terms=terms)

    old.refresh_from_db()
    assert (old.state, old.end_date) == (PlacementState.STOPPED, date(2026, 11, 17))
    assert old.events.last().reason_code == "38"
    assert new.state == PlacementState.OFFERED
    assert CallOff.objects.get().state == "released"
    assert ledger_faults() == []


@pytest.mark.parametrize(("days", "code"), [(1, "date_in_future"), (-30, "end_before_start")])
def test_the_last_day_lies_between_start_and_today(municipality, there, here, days, code):
    old = placement(municipality, intake=there, state=PlacementState.STARTED)
    terms = Terms("Stopt.", last_day=clock.today() + timedelta(days=days))
    with pytest.raises(InvalidError) as found:
        placement_transfer(actor=everything(municipality), move=Move(old, here), terms=terms)
    assert [one.code for one in found.value.violations] == [code]


def test_who_does_not_fit_there_keeps_the_place(municipality, other_municipality, there):
    old = placement(municipality, intake=there, state=PlacementState.ACCEPTED)
    elsewhere = contracted_intake(other_municipality)
    with pytest.raises(PlacementInfeasibleError):
        placement_transfer(actor=everything(municipality), move=Move(old, elsewhere), terms=TERMS)

    old.refresh_from_db()
    assert old.state == PlacementState.ACCEPTED
    assert CallOff.objects.get().state == "committed"
    (outcome,) = placements_transfer(
        actor=everything(municipality), moves=[Move(old, elsewhere)], terms=TERMS
    )
    assert (outcome.placement, outcome.code) == (None, "placement_infeasible")
    assert outcome.message
    assert Placement.objects.count() == 1


def test_who_may_sets_a_rule_of_fit_aside_with_a_reason(municipality, there, here):
    one = placement(municipality, intake=there, state=PlacementState.STARTED)
    Pip.objects.filter(pk=one.need.pip_id).update(latest_start_date=clock.today())
    move, actor = Move(one, here), everything(municipality)
    with pytest.raises(ReasonRequiredError):
        placement_transfer(actor=actor, move=move, terms=TERMS)
    reason = {"overrule_reason": "Was al begonnen"}
    with pytest.raises(RulesNotNamedError):
        placement_transfer(actor=actor, move=move, terms=Terms("De school stopt.", **reason))
    terms = Terms("De school stopt.", overruled_rules=["START_LATE"], **reason)
    new = placement_transfer(actor=actor, move=move, terms=terms)
    assert new.overruled_rules == ["START_LATE"]


def test_the_demo_moves_more_than_fifteen_with_the_approval(municipality, there, here):
    for _number in range(17):
        placement(municipality, intake=there, state=PlacementState.STARTED)
    organisations = [one.group.course.provider.organisation for one in (there, here)]
    move_learners(
        everything(municipality, *organisations),
        giving=there.group.course.provider,
        receiving=here.group.course.provider,
    )
    states = Placement.objects.filter(intake_moment=here).values_list("state", flat=True)
    assert Counter(states) == {PlacementState.ACCEPTED: 9, PlacementState.OFFERED: 8}
    assert ledger_faults() == []
    # Without the approval everybody stayed; both attempts left their report.
    reports = GroupTransfer.objects.order_by("pk").values_list("moved", "stayed")
    assert list(reports) == [(0, 17), (17, 0)]
    assert set(CallOff.objects.values_list("state", flat=True)) == set(CallOffState)
    assert LedgerEntry.objects.filter(kind=EntryKind.RELEASED).exists()


def test_another_municipality_moves_nobody(municipality, other_municipality, there, here):
    old = placement(municipality, intake=there, state=PlacementState.ACCEPTED)
    with pytest.raises(NotAllowedError):
        placements_transfer(
            actor=everything(other_municipality), moves=[Move(old, here)], terms=TERMS
        )


def test_above_fifteen_learners_an_approval_is_needed(municipality, there, here):
    """R-KEU-3, counting those who went before; fifteen itself is allowed."""
    actor = everything(municipality)
    moves = [
        Move(placement(municipality, intake=there, state=PlacementState.OFFERED), here)
        for _number in range(16)
    ]
    assert transfer_warnings(moves[:15]) == []
    with pytest.raises(TransferApprovalError):
        placements_transfer(actor=actor, moves=moves, terms=TERMS)
    assert set(Placement.objects.values_list("state", flat=True)) == {"offered"}
    assert Placement.objects.count() == 16

    assert all(
        one.placement for one in placements_transfer(actor=actor, moves=moves[:15], terms=TERMS)
    )
    # The sixteenth, alone, is the sixteenth.
    with pytest.raises(TransferApprovalError):
        placement_transfer(actor=actor, move=moves[15], terms=TERMS)
    approved = Terms("De school stopt.", approval="BoW 2026-114, 10 november")
    placement_transfer(actor=actor, move=moves[15], terms=approved)
    assert moves[15].placement.events.last().note == "BoW 2026-114, 10 november"


def test_within_one_provider_nothing_is_counted(municipality, there):
    again = contracted_intake(municipality, group__course=there.group.course)
    people = [placement(municipality, intake=there) for _number in range(2)]
    assert transfer_warnings([Move(one, again) for one in people] * 20) == []


# -- on screen


@pytest.fixture
def visitor(web_as, caseworker):
    return web_as(caseworker)


def test_a_group_is_moved_on_screen(visitor, municipality, there, here):
    people = [placement(municipality, intake=there, state=PlacementState.ACCEPTED) for _n in "12"]
    url = reverse("provider-transfer", args=[there.group.course.provider.uuid])
    page = visitor.get(url).content.decode()
    assert people[0].participant.reference in page
    assert f'value="{here.uuid}" selected' in page

    form = {"motivation": "De school stopt.", "last_day": "2026-11-18", "approval": ""}
    form[f"target_{people[0].uuid.hex}"] = str(here.uuid)
    without_why = visitor.post(url, {**form, "motivation": ""})
    assert without_why.status_code == 400
    done = visitor.post(url, form, follow=True).content.decode()
    assert "Aan 1 persoon is een andere plek aangeboden" in done
    # The other one was left out, and is still there.
    assert people[1].participant.reference in done
    states = sorted(Placement.objects.values_list("state", flat=True))
    assert states == ["accepted", "offered", "withdrawn"]
    people[0].need.refresh_from_db()
    assert people[0].need.state == NeedState.OFFERED


@pytest.fixture
def late(municipality, there):
    """Somebody whose PIP allows no start as late as those elsewhere."""
    one = placement(municipality, intake=there, state=PlacementState.STARTED)
    Pip.objects.filter(pk=one.need.pip_id).update(latest_start_date=clock.today())
    return one


def test_with_the_right_a_rule_is_set_aside_on_screen(
    visitor, caseworker, municipality, there, here, late
):
    url = reverse("provider-transfer", args=[school_of(there).uuid])
    assert "overrule_reason" not in visitor.get(url).content.decode()
    form = {
        "motivation": "De school stopt.",
        "last_day": "2026-11-18",
        "overruled_rules": ["START_LATE"],
        "overrule_reason": "Was al begonnen.",
        f"target_{late.uuid.hex}": str(here.uuid),
    }
    # Without the right the reason counts for nothing.
    visitor.post(url, form)
    assert GroupTransfer.objects.get().stayed == 1

    grant_overrule(caseworker, municipality)
    page = visitor.get(url).content.decode()
    assert "Reden om van een regel af te wijken" in page
    assert "later begint dan het PIP toestaat" in page
    visitor.post(url, {**form, "overrule_reason": ""})
    assert "reason_required" in set(
        GroupTransfer.objects.latest("pk").outcomes.values_list("code", flat=True)
    )
    visitor.post(url, form)
    new = Placement.objects.get(intake_moment=here)
    assert (new.overruled_rules, new.state) == (["START_LATE"], PlacementState.OFFERED)


@pytest.mark.parametrize("many", [False, True])
def test_with_the_right_a_rule_is_set_aside_by_api(
    api_as, caseworker, municipality, here, late, many
):
    grant_overrule(caseworker, municipality)
    move = {"intakeMoment": str(here.uuid)}
    path, body = f"placements/{late.uuid}/transfer", move
    if many:
        path, body = "group-transfers", {"moves": [{"placement": str(late.uuid), **move}]}
    response = api_as(caseworker).post(
        f"/api/v1/{path}",
        {**body, "overruledRules": ["START_LATE"], "overruleReason": "Was al begonnen."},
        format="json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert response.status_code == 201, response.content
    assert Placement.objects.get(intake_moment=here).overruled_rules == ["START_LATE"]


def grant_overrule(user, municipality):
    grant_permission(
        actor=accounts_actor("test", municipality),
        user=user,
        organisation=municipality,
        permission=Permission.OVERRULE,
        reason="Teamleider.",
    )


def test_a_provider_without_people_says_so(visitor, municipality, here):
    url = reverse("provider-transfer", args=[here.group.course.provider.uuid])
    assert "Niemand van uw gemeente" in visitor.get(url).content.decode()


def test_by_api(api_as, caseworker, municipality, there, here):
    old = placement(municipality, intake=there, state=PlacementState.ACCEPTED)
    response = api_as(caseworker).post(
        f"/api/v1/placements/{old.uuid}/transfer",
        {"intakeMoment": str(here.uuid), "motivation": "De school stopt."},
        format="json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert response.status_code == 201, response.content
    assert response.json()["state"] == "offered"
    assert response.json()["id"] != str(old.uuid)


# -- the report that stays


def school_of(intake):
    return intake.group.course.provider


def test_who_stays_is_found_again_with_the_reason(
    visitor, municipality, there, here, web_as, other_municipality
):
    moves, stays = (
        placement(municipality, intake=there, state=PlacementState.ACCEPTED) for _number in "12"
    )
    url = reverse("provider-transfer", args=[school_of(there).uuid])
    form = {
        "motivation": "De school stopt.",
        "last_day": "2026-11-18",
        f"target_{moves.uuid.hex}": str(here.uuid),
        f"target_{stays.uuid.hex}": str(here.uuid),
    }
    visitor.get(url)
    # The last seat goes to the first of them.
    IntakeMoment.objects.filter(pk=here.pk).update(seats_total=1)
    done = visitor.post(url, form, follow=True)
    page = done.content.decode()
    assert "Aan 1 persoon is een andere plek aangeboden" in page
    assert "1 persoon blijft. Het verslag zegt waarom" in page
    report = GroupTransfer.objects.get()
    assert done.redirect_chain[-1][0] == f"/group-transfers/{report.uuid}"
    kept = report.outcomes.get(new_placement=None)
    assert (kept.placement, kept.code) == (stays, "intake_full")
    assert kept.message in page.replace("&#x27;", "'").replace("&quot;", '"')
    for name, path in (("list", ""), ("report", f"/{report.uuid}")):
        forget_all()
        with counted() as queries:
            visitor.get(f"/group-transfers{path}")
        assert_query_count(f"caseworker group-transfers page {name}", len(queries))
    again = visitor.get("/group-transfers").content.decode()
    assert str(report.uuid) in again
    stranger = web_as(user_with(Role.CASEWORKER, other_municipality))
    assert str(report.uuid) not in stranger.get("/group-transfers").content.decode()
    assert stranger.get(f"/group-transfers/{report.uuid}").status_code == 404


def test_without_the_approval_nobody_moves_and_the_report_names_all(
    visitor, municipality, there, here
):
    """R-KEU-3."""
    people = [
        placement(municipality, intake=there, state=PlacementState.OFFERED) for _number in range(16)
    ]
    url = reverse("provider-transfer", args=[school_of(there).uuid])
    form = {f"target_{one.uuid.hex}": str(here.uuid) for one in people}
    form |= {"motivation": "De school stopt.", "last_day": "2026-11-18"}
    page = visitor.post(url, form, follow=True).content.decode()
    assert "16 personen blijven" in page
    assert "R-KEU-3" in page
    assert all(one.participant.reference in page for one in people)
    report = GroupTransfer.objects.get()
    assert (report.moved, report.stayed) == (0, 16)
    assert set(report.outcomes.values_list("code", flat=True)) == {"approval_required"}
    assert Placement.objects.count() == 16


def test_nobody_chosen_is_told(visitor, municipality, there, here):
    placement(municipality, intake=there, state=PlacementState.ACCEPTED)
    url = reverse("provider-transfer", args=[school_of(there).uuid])
    answer = visitor.post(url, {"motivation": "Stopt.", "last_day": "2026-11-18"})
    assert answer.status_code == 400
    assert "Kies voor minstens één persoon een nieuwe plek" in answer.content.decode()


def test_a_group_by_api(api_as, caseworker, municipality, other_municipality, there, here):
    client = api_as(caseworker)
    moves, stays = (
        placement(municipality, intake=there, state=PlacementState.ACCEPTED) for _number in "12"
    )
    elsewhere = contracted_intake(other_municipality)
    body = {
        "moves": [
            {"placement": str(moves.uuid), "intakeMoment": str(here.uuid)},
            {"placement": str(stays.uuid), "intakeMoment": str(elsewhere.uuid)},
        ],
        "motivation": "De school stopt.",
    }

    def post(body):
        return client.post(
            "/api/v1/group-transfers",
            body,
            format="json",
            headers={"Idempotency-Key": str(uuid4())},
        )

    answer = post(body)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["moved"], shown["stayed"]) == (1, 1)
    first, second = shown["outcomes"]
    assert first["newPlacement"]
    assert (second["placement"], second["code"]) == (str(stays.uuid), "placement_infeasible")
    assert second["message"]
    for name, path in (("list", ""), ("object", f"/{shown['id']}")):
        client.get(f"/api/v1/group-transfers{path}")
        forget_all()
        with counted() as queries:
            client.get(f"/api/v1/group-transfers{path}")
        assert_query_count(f"caseworker group-transfers {name}", len(queries))
    listed = client.get(f"/api/v1/group-transfers?placement={stays.uuid}").json()["items"]
    assert listed == [shown]
    assert [one["code"] for one in post({"moves": []}).json()["errors"]]
    third = placement(municipality, intake=here, state=PlacementState.ACCEPTED)
    mixed = [
        {"placement": str(stays.uuid), "intakeMoment": str(here.uuid)},
        {"placement": str(third.uuid), "intakeMoment": str(there.uuid)},
    ]
    assert [one["code"] for one in post({"moves": mixed}).json()["errors"]] == ["one_group"]
