"""The demo shows every kind of message, agreements with a talk, an end, a task and a move."""

from types import SimpleNamespace

import pytest

from backend.demo.persons import PEOPLE, UNKNOWN, persons_build
from matching.duo_choices import DuoMessageState, DuoTask
from matching.models import Completion, DuoMessage, ParticipantMove, PipAgreements, ProgressTalk
from tests.factories.matching import everything, pip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def region_of(first, second):
    codes = {one.municipality.cbs_code: one for one in (first, second)}
    return SimpleNamespace(municipalities=codes, actor=lambda: everything(first, second))


def test_the_pages_have_something_to_show(municipality, other_municipality):
    towns = sorted((municipality, other_municipality), key=lambda one: one.municipality.cbs_code)
    for _number in range(PEOPLE):
        pip(towns[0])

    persons_build(region_of(*towns))

    tasks = DuoMessage.objects.filter(state=DuoMessageState.TO_HANDLE)
    assert set(tasks.values_list("task", flat=True)) >= {
        DuoTask.UNKNOWN_PERSON,
        DuoTask.MOVED_OUT,
    }
    assert DuoMessage.objects.filter(reference=UNKNOWN, participant=None).count() == 1
    assert ParticipantMove.objects.get().target.municipality == towns[1]
    assert PipAgreements.objects.count() == ProgressTalk.objects.count() == 1
    assert Completion.objects.get().completed_on is not None


def test_a_region_with_too_few_people_stays_as_it_is(municipality, other_municipality):
    persons_build(region_of(municipality, other_municipality))
    assert not DuoMessage.objects.exists()
