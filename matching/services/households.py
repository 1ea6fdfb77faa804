"""Households as agreed with the people: who starts together, how, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import Violation
from backend.common.locks import lock_row, lock_rows
from matching import policies
from matching.errors import HouseholdInvalidError
from matching.household_choices import Coupling, Wish
from matching.models import Household, HouseholdMember, Participant

SMALLEST = 2


@dataclass(frozen=True)
class HouseholdData:
    """All that is agreed; without `until_date` the coupling has no end."""

    participants: Sequence[Participant]
    coupling: str = Coupling.TOGETHER
    wish: str = Wish.SAME_PLACE
    until_date: date | None = None


@transaction.atomic
def household_register(*, actor: Actor, data: HouseholdData) -> Household:
    """A new household. Raises NotAllowedError, HouseholdInvalidError with all violations."""
    members = _members(actor, data)
    _check(data, members, None)
    household = Household.objects.create(
        municipality_id=members[0].municipality_id,
        coupling=data.coupling,
        wish=data.wish,
        until_date=data.until_date,
    )
    _set_members(household, members)
    _write_history(actor, household, "household.registered", None)
    return household


@transaction.atomic
def household_change(*, actor: Actor, household: Household, data: HouseholdData) -> Household:
    """The household as it is agreed now; who is not named any more leaves it.

    Places that are held or accepted stay as they are. Raises as `household_register`.
    """
    household = lock_row(Household.objects.all(), household.pk)
    policies.require_manage_pips(actor, household.municipality_id)
    before = _history(household)
    members = _members(actor, data)
    _check(data, members, household)
    household.coupling = data.coupling
    household.wish = data.wish
    household.until_date = data.until_date
    household.save(update_fields=["coupling", "wish", "until_date", "changed_at"])
    _set_members(household, members)
    _write_history(actor, household, "household.changed", before)
    return household


@transaction.atomic
def household_dissolve(*, actor: Actor, household: Household) -> None:
    """Everybody stands alone again. Raises NotAllowedError."""
    household = lock_row(Household.objects.all(), household.pk)
    policies.require_manage_pips(actor, household.municipality_id)
    record(
        actor=actor,
        action="household.dissolved",
        subject=household,
        before=_history(household),
        organisation_ids=[household.municipality_id],
    )
    household.delete()


def _members(actor: Actor, data: HouseholdData) -> list[Participant]:
    """The persons, each once and locked, so that nobody enters two households at the same time."""
    locked = lock_rows(Participant.objects.all(), {one.pk for one in data.participants})
    for municipality_id in {one.municipality_id for one in locked.values()}:
        policies.require_manage_pips(actor, municipality_id)
    return [locked[key] for key in sorted(locked)]


def _check(data: HouseholdData, members: Sequence[Participant], own: Household | None) -> None:
    found = []
    if len(members) < SMALLEST:
        found.append(
            Violation("participants", "too_few_members", _("Name at least two different people."))
        )
    homes = {one.municipality_id for one in members} | ({own.municipality_id} if own else set())
    if len(homes) > 1:
        found.append(
            Violation(
                "participants",
                "other_municipality",
                _("All members of a household belong to one municipality."),
            )
        )
    taken = HouseholdMember.objects.filter(participant__in=members)
    if own is not None:
        taken = taken.exclude(household=own)
    if taken.exists():
        found.append(
            Violation(
                "participants",
                "in_other_household",
                _("Somebody is in another household already. Change that household first."),
            )
        )
    found += _date_faults(data, own)
    if found:
        raise HouseholdInvalidError(violations=found)


def _date_faults(data: HouseholdData, own: Household | None) -> list[Violation]:
    day = data.until_date
    if day is None:
        return []
    if data.coupling != Coupling.TOGETHER:
        return [
            Violation(
                "until_date",
                "until_without_together",
                _("A date belongs to starting together. Leave it empty."),
            )
        ]
    if day < clock.today() and (own is None or day != own.until_date):
        return [Violation("until_date", "effective_date_past", _("This day has passed."))]
    return []


def _set_members(household: Household, members: Sequence[Participant]) -> None:
    keys = {one.pk for one in members}
    household.members.exclude(participant__in=keys).delete()
    have = set(household.members.values_list("participant_id", flat=True))
    HouseholdMember.objects.bulk_create(
        [HouseholdMember(household=household, participant_id=key) for key in sorted(keys - have)]
    )


def _history(household: Household) -> dict[str, Any]:
    return {
        "coupling": household.coupling,
        "wish": household.wish,
        "until_date": household.until_date.isoformat() if household.until_date else None,
        "participants": [
            str(uuid) for uuid in household.members.values_list("participant__uuid", flat=True)
        ],
    }


def _write_history(
    actor: Actor, household: Household, action: str, before: dict[str, Any] | None
) -> None:
    record(
        actor=actor,
        action=action,
        subject=household,
        before=before,
        after=_history(household),
        organisation_ids=[household.municipality_id],
    )
