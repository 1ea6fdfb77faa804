"""The broad intake in short, what was agreed beside the route, and the talks about progress."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.codelists.public import code_faults
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from matching import policies
from matching.agreement_choices import TalkForm
from matching.code_lists import ACTIVITIES
from matching.models import Participant, PipAgreements, ProgressTalk

LONGEST_INTERVAL = 52
MOST_HOURS = 2000
# History keeps what was agreed; the words of the intake stay with the person.
HISTORY_FIELDS = (
    "intake_date", "dual_activities", "pvt_hours", "map_hours", "guidance_until",
    "unburdening_until", "talk_interval_weeks",
)  # fmt: skip


@dataclass(frozen=True)
class AgreementsData:
    """What was agreed; empty where nothing was. Without an interval the policy's holds."""

    intake_date: date | None = None
    intake_summary: str = ""
    dual_activities: Sequence[str] = ()
    pvt_hours: int | None = None
    map_hours: int | None = None
    guidance_until: date | None = None
    unburdening_until: date | None = None
    talk_interval_weeks: int | None = None


@transaction.atomic
def agreements_set(
    *, actor: Actor, participant: Participant, data: AgreementsData
) -> PipAgreements:
    """The agreements as they are from now on; history keeps what they were.

    Raises NotAllowedError, InvalidError with all faults.
    """
    policies.require_manage_pips(actor, participant.municipality_id)
    participant = lock_row(Participant.objects.all(), participant.pk)
    found = PipAgreements.objects.filter(participant=participant).first()
    _check(data, participant, had=found.dual_activities if found else ())
    before = snapshot(found, HISTORY_FIELDS) if found else None
    found = found or PipAgreements(participant=participant)
    for name, value in asdict(data).items():
        setattr(found, name, sorted(set(value)) if name == "dual_activities" else value)
    found.save()
    record(
        actor=actor,
        action="agreements.set",
        subject=found,
        before=before,
        after=snapshot(found, HISTORY_FIELDS),
        organisation_ids=[participant.municipality_id],
    )
    return found


@transaction.atomic
def talk_record(
    *, actor: Actor, participant: Participant, held_on: date, form: str
) -> ProgressTalk:
    """A talk that was held; one a day. Raises NotAllowedError, InvalidError."""
    policies.require_manage_pips(actor, participant.municipality_id)
    participant = lock_row(Participant.objects.all(), participant.pk)
    found = []
    if held_on > clock.today():
        found.append(Violation("held_on", "date_in_future", _("This date lies in the future.")))
    if held_on < participant.settlement_date:
        found.append(
            Violation(
                "held_on",
                "before_settlement",
                _("This date lies before the registration in this municipality."),
            )
        )
    if form not in TalkForm.values:
        found.append(_unknown("form"))
    if found:
        raise InvalidError(violations=found)
    talk, created = ProgressTalk.objects.get_or_create(
        participant=participant,
        held_on=held_on,
        defaults={"form": form, "recorded_by_label": actor.label[:200]},
    )
    if created:
        record(
            actor=actor,
            action="progress_talk.recorded",
            subject=talk,
            after={"held_on": held_on.isoformat(), "form": form},
            organisation_ids=[participant.municipality_id],
        )
    return talk


def _check(data: AgreementsData, participant: Participant, *, had: Sequence[str]) -> None:
    found = code_faults(ACTIVITIES, data.dual_activities, field="dual_activities", had=had)
    if data.intake_date and data.intake_date > clock.today():
        found.append(Violation("intake_date", "date_in_future", _("This date lies in the future.")))
    for name in ("pvt_hours", "map_hours"):
        hours = getattr(data, name)
        if hours is not None and not 1 <= hours <= MOST_HOURS:
            found.append(
                Violation(
                    name,
                    "out_of_range",
                    _("Enter a number of hours from 1 to 2000."),
                )
            )
    weeks = data.talk_interval_weeks
    if weeks is not None and not 1 <= weeks <= LONGEST_INTERVAL:
        found.append(
            Violation(
                "talk_interval_weeks", "out_of_range", _("Enter a number of weeks from 1 to 52.")
            )
        )
    for name in ("guidance_until", "unburdening_until"):
        day = getattr(data, name)
        if day is not None and day < participant.settlement_date:
            found.append(
                Violation(
                    name,
                    "before_settlement",
                    _("This date lies before the registration in this municipality."),
                )
            )
    if found:
        raise InvalidError(violations=found)


def _unknown(field: str) -> Violation:
    return Violation(
        field, "unknown_code", _("This code does not exist. Choose one from the list.")
    )
