"""Taking back a PIP that should not have been (R-PIP-4)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from matching import policies, statutory
from matching.choices import OPEN_PLACEMENT_STATES, NeedState, PlacementState
from matching.duo_choices import DuoMessageKind, DuoMessageState
from matching.errors import ReasonRequiredError
from matching.models import DuoMessage, Need, Participant, Pip, Placement
from matching.services.pip_rules import components_of
from matching.services.pips import HISTORY_FIELDS

REMOVED = "pip_removed"


class PipNotRemovableError(InvalidError):
    code = "pip_not_removable"
    message = _("This PIP cannot be taken back any more. Enter a new version instead.")


@transaction.atomic
def pip_remove(*, actor: Actor, pip: Pip, reason: str) -> Pip:
    """The PIP does not count any more; the version before it holds again, with who waited.

    R-PIP-4: only while DUO has not set the term and no course hours are registered on it. The row
    stays for the decisions that rest on it. Raises NotAllowedError, InvalidError,
    PipNotRemovableError with every reason.
    """
    policies.require_manage_pips(actor, pip.participant.municipality_id)
    if not reason.strip():
        raise ReasonRequiredError(
            violations=[Violation("reason", ReasonRequiredError.code, ReasonRequiredError.message)]
        )
    person = lock_row(Participant.objects.all(), pip.participant_id)
    pip = Pip.objects.get(pk=pip.pk)
    found = pip_removal_violations(pip, person)
    if found:
        raise PipNotRemovableError(violations=found)
    waited = {
        need.component: need.waiting_since
        for need in Need.objects.filter(pip=pip, state=NeedState.WAITING)
    }
    Need.objects.filter(pip=pip, state=NeedState.WAITING).update(
        state=NeedState.CLOSED, closed_reason=REMOVED
    )
    pip.is_current = False
    pip.save(update_fields=["is_current"])
    before = (
        Pip.objects.filter(participant=person, version__lt=pip.version)
        .exclude(needs__closed_reason=REMOVED)
        .order_by("-version")
        .first()
    )
    if before is None:
        _term_undo(person, pip)
    else:
        before.is_current = True
        before.save(update_fields=["is_current"])
        Need.objects.bulk_create(
            Need(
                pip=before,
                municipality_id=person.municipality_id,
                component=component,
                waiting_since=waited.get(component, before.decision_date),
                deadline=before.latest_start_date if component == before.route else None,
            )
            for component in components_of(before.route)
        )
    record(
        actor=actor,
        action="pip.removed",
        subject=pip,
        before=snapshot(pip, HISTORY_FIELDS),
        reason=reason.strip(),
        organisation_ids=[person.municipality_id],
    )
    return pip


def pip_removal_violations(pip: Pip, person: Participant) -> list[Violation]:
    """Why the PIP cannot be taken back; empty when it can."""
    found = []
    if not pip.is_current:
        found.append(Violation("pip", "not_current", _("Another version of this PIP is in force.")))
    term_set = DuoMessage.objects.filter(participant=person, kind=DuoMessageKind.TERM).exclude(
        state=DuoMessageState.OUTDATED
    )
    if term_set.exists() or not _term_is_ours(person):
        found.append(
            Violation("term_start_date", "term_set", _("DUO has set the integration term."))
        )
    places = Placement.objects.filter(participant=person)
    if places.filter(
        state__in=[PlacementState.STARTED, PlacementState.STOPPED], need__pip=pip
    ).exists():
        found.append(
            Violation("pip", "hours_registered", _("Course hours are registered on this PIP."))
        )
    elif places.filter(state__in=sorted(OPEN_PLACEMENT_STATES), need__pip=pip).exists():
        found.append(
            Violation(
                "pip", "open_offer", _("A place is held or offered. Withdraw that place first.")
            )
        )
    return found


def _term_is_ours(person: Participant) -> bool:
    """The term follows from the first PIP here; a term that was delivered is DUO's."""
    if person.first_pip_date is None or person.term_start_date is None:
        return True
    ours = statutory.term_of_first_pip(person.first_pip_date)
    return (person.term_start_date, person.term_end_date) == ours


def _term_undo(person: Participant, pip: Pip) -> None:
    """Without a first PIP there is no term (R-TRM-1)."""
    if person.first_pip_date == pip.decision_date:
        person.first_pip_date = person.term_start_date = person.term_end_date = None
        person.save(update_fields=["first_pip_date", "term_start_date", "term_end_date"])
