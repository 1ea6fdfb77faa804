"""Personal details go when their time has passed; a PIP that should not have been is taken back."""

from datetime import date

import pytest

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.outbox.public import topics
from backend.schedule import FORGET_PEOPLE, SCHEDULED_WORK
from backend.web.values import day_text
from matching.choices import NeedState, PlacementState
from matching.models import (
    DuoMessage,
    MatchRecord,
    Need,
    Participant,
    ParticipantIdentity,
    Pip,
    PipAgreements,
    Placement,
)
from matching.public import PolicyData, pip_register
from matching.services.agreements import AgreementsData, agreements_set
from matching.services.duo_receive import duo_messages_receive
from matching.services.pip_removal import PipNotRemovableError, pip_remove
from matching.services.retention import people_forget_due, with_removal_day
from tests.factories.accounts import user_with
from tests.factories.matching import PIP, everything, make_policy, pip, placement
from tests.support.duo import message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def ended(person, day):
    Participant.objects.filter(pk=person.pk).update(obligation_end_date=day)


@pytest.fixture
def one_year(municipality):
    make_policy(
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=date(2026, 1, 1), retention_months=12),
    )


class TestRetention:
    def test_what_names_or_describes_the_person_goes(self, municipality, one_year):
        stopped = placement(municipality, state=PlacementState.STOPPED)
        person, actor = stopped.participant, everything(municipality)
        code = municipality.municipality.cbs_code
        agreements_set(actor=actor, participant=person, data=AgreementsData(map_hours=40))
        duo_messages_receive(
            actor=actor, document=[message("Leerbaarheidstoets", code, person.reference)]
        )
        ended(person, date(2025, 11, 18))

        assert people_forget_due() == 1
        assert people_forget_due() == 0

        person.refresh_from_db()
        assert person.reference.startswith("verwijderd-")
        assert not ParticipantIdentity.objects.exists()
        assert not PipAgreements.objects.exists()
        assert not DuoMessage.objects.exists()
        stopped.refresh_from_db()
        assert stopped.motivation == ""
        assert Pip.objects.get(participant=person).postcode4 == ""
        # What was decided stays.
        assert MatchRecord.objects.filter(need__pip__participant=person).exists()
        event = AuditEvent.objects.get(action="participant.forgotten")
        assert event.after["identity"] == 1
        assert "Testa" not in str(event.after)

    def test_a_day_too_early_nothing_goes(self, municipality, one_year):
        ended(pip(municipality).participant, date(2025, 11, 19))
        assert people_forget_due() == 0
        assert ParticipantIdentity.objects.exists()

    def test_each_municipality_has_its_own_months(self, municipality, other_municipality, one_year):
        here, there = pip(municipality).participant, pip(other_municipality).participant
        for one in (here, there):
            ended(one, date(2024, 2, 29))
        days = dict(with_removal_day(Participant.objects.all()).values_list("pk", "remove_on"))
        assert days == {here.pk: date(2025, 2, 28), there.pk: date(2029, 2, 28)}

    def test_who_has_a_place_is_not_forgotten(self, municipality, one_year):
        running = placement(municipality, state=PlacementState.STARTED)
        ended(running.participant, date(2020, 1, 1))
        assert people_forget_due() == 0

    def test_it_runs_every_night(self):
        assert FORGET_PEOPLE in topics()
        (work,) = [one for one in SCHEDULED_WORK if one.topic == FORGET_PEOPLE]
        assert work.local_hour == 1

    def test_the_administrator_sees_when_but_not_who(self, municipality, one_year, web_as):
        person = pip(municipality, person={"reference": "zaak-77"}).participant
        ended(person, date(2025, 12, 1))
        admin = user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality)
        text = web_as(admin).get("/retention").content.decode()
        assert day_text(date(2026, 12, 1)) in text
        assert "zaak-77" not in text
        desk = user_with(Role.CASEWORKER, municipality)
        assert "zaak-77" in web_as(desk).get("/retention").content.decode()


class TestTakingBack:
    def remove(self, plan, municipality):
        return pip_remove(actor=everything(municipality), pip=plan, reason="Verkeerde persoon")

    def test_the_first_pip_goes_with_the_term(self, municipality):
        plan = pip(municipality)
        self.remove(plan, municipality)
        plan.participant.refresh_from_db()
        assert (plan.participant.first_pip_date, plan.participant.term_end_date) == (None, None)
        assert set(plan.needs.values_list("state", flat=True)) == {NeedState.CLOSED}
        again = pip_register(actor=everything(municipality), participant=plan.participant, data=PIP)
        assert (again.version, again.is_current) == (2, True)

    def test_the_version_before_holds_again(self, municipality):
        plan = pip(municipality)
        later = PIP.__class__(**PIP.__dict__ | {"decision_date": date(2026, 9, 10), "level": "B2"})
        second = pip_register(
            actor=everything(municipality), participant=plan.participant, data=later
        )
        self.remove(second, municipality)
        plan.refresh_from_db()
        assert plan.is_current
        waiting = Need.objects.filter(pip=plan, state=NeedState.WAITING)
        assert waiting.count() == 4
        assert set(waiting.values_list("waiting_since", flat=True)) == {date(2026, 9, 1)}

    def test_not_after_duo_has_set_the_term(self, municipality):
        plan = pip(municipality)
        code = municipality.municipality.cbs_code
        duo_messages_receive(
            actor=everything(municipality),
            document=[message("Inburgeringstermijn", code, plan.participant.reference)],
        )
        with pytest.raises(PipNotRemovableError) as caught:
            self.remove(plan, municipality)
        assert [one.code for one in caught.value.violations] == ["term_set"]

    @pytest.mark.parametrize(
        ("state", "code"),
        [(PlacementState.OFFERED, "open_offer"), (PlacementState.STARTED, "hours_registered")],
    )
    def test_not_with_a_place(self, municipality, state, code):
        held = placement(municipality, state=state)
        with pytest.raises(PipNotRemovableError) as caught:
            self.remove(held.need.pip, municipality)
        assert [one.code for one in caught.value.violations] == [code]
        assert Placement.objects.get().state == state

    def test_by_page(self, municipality, web_as, caseworker):
        plan = pip(municipality)
        client = web_as(caseworker)
        assert f"/pips/{plan.uuid}/remove" in client.get(f"/pips/{plan.uuid}").content.decode()
        assert client.post(f"/pips/{plan.uuid}/remove", {"reason": ""}).status_code == 400
        done = client.post(f"/pips/{plan.uuid}/remove", {"reason": "Dubbel ingevoerd."})
        assert done.status_code == 302
        plan.refresh_from_db()
        assert not plan.is_current
