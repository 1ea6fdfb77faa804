"""Progress per skill and exam results of placed persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.codes import Level, Skill
from backend.common.errors import Violation
from matching.models import Participant, Placement
from quality import policies
from quality.choices import ROSTER_STATES, ExamLevel, ExamOutcome, NoResultReason, TeacherAdvice
from quality.errors import ExamInvalidError, ProgressInvalidError
from quality.models import ExamResult, ProgressScore

PROGRESS_AUDITED = ("placement", "skill", "level", "assessed_date", "advice")
EXAM_FIELDS = ("part", "level", "attempt_number", "exam_date", "outcome", "no_result_reason")


@dataclass(frozen=True)
class ProgressEntry:
    skill: Skill
    level: Level
    advice: TeacherAdvice | str = ""


def progress_record(
    *, actor: Actor, placement: Placement, assessed_date: date, entries: Sequence[ProgressEntry]
) -> list[ProgressScore]:
    """One score per skill on that day; a second call on the same day corrects, with history."""
    policies.require_record(actor, placement.provider_organisation_id)
    faults = [*_placement_faults(placement), *_day_faults("assessed_date", assessed_date)]
    skills = [entry.skill for entry in entries]
    if not entries:
        faults.append(Violation("entries", "required", _("Fill in at least one skill.")))
    if len(set(skills)) < len(skills):
        faults.append(Violation("entries", "duplicate", _("Each skill can be there once.")))
    if faults:
        raise ProgressInvalidError(violations=faults)
    with transaction.atomic():
        # The person's row is the lock: two teachers who assess at once write one after the other.
        Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
        old = {
            score.skill: score
            for score in ProgressScore.objects.filter(
                placement=placement, assessed_date=assessed_date, skill__in=skills
            )
        }
        return [
            _score(actor, placement, assessed_date, entry, old.get(entry.skill))
            for entry in entries
        ]


def _score(
    actor: Actor,
    placement: Placement,
    assessed_date: date,
    entry: ProgressEntry,
    old: ProgressScore | None,
) -> ProgressScore:
    before = None if old is None else snapshot(old, PROGRESS_AUDITED)
    score = old or ProgressScore(
        placement=placement, skill=entry.skill, assessed_date=assessed_date
    )
    score.level, score.advice = entry.level, entry.advice
    score.full_clean(validate_unique=False, validate_constraints=False)
    if before is not None and before == snapshot(score, PROGRESS_AUDITED):
        return score
    score.save()
    record(
        actor=actor,
        action="progress.recorded" if before is None else "progress.corrected",
        subject=score,
        before=before,
        after=snapshot(score, PROGRESS_AUDITED),
        organisation_ids=[placement.provider_organisation_id, placement.municipality_id],
    )
    return score


@dataclass(frozen=True)
class ExamEntry:
    """One attempt; without a number it is the next attempt at this part and level."""

    part: Skill
    level: ExamLevel
    exam_date: date
    outcome: ExamOutcome
    no_result_reason: NoResultReason | str = ""
    attempt_number: int | None = None


def exam_result_record(*, actor: Actor, placement: Placement, entry: ExamEntry) -> ExamResult:
    """The attempt is recorded once; the same attempt again is a correction, with history.

    Attempts count per person over all providers; a later attempt is never on an earlier day.
    """
    policies.require_record(actor, placement.provider_organisation_id)
    with transaction.atomic():
        # Attempts are numbered per person, so the person's row is the lock.
        Participant.objects.select_for_update(of=("self",)).get(pk=placement.participant_id)
        attempts = {
            result.attempt_number: result
            for result in ExamResult.objects.filter(
                participant=placement.participant_id, part=entry.part, level=entry.level
            )
        }
        number = entry.attempt_number or max(attempts, default=0) + 1
        old = attempts.pop(number, None)
        faults = [
            *_placement_faults(placement),
            *_day_faults("exam_date", entry.exam_date),
            *_attempt_faults(placement, entry, number, old, attempts),
        ]
        before = None if old is None else snapshot(old, EXAM_FIELDS)
        result = old or ExamResult(placement=placement, participant_id=placement.participant_id)
        result.part, result.level, result.attempt_number = entry.part, entry.level, number
        result.exam_date, result.outcome = entry.exam_date, entry.outcome
        result.no_result_reason = entry.no_result_reason
        faults.extend(_model_faults(result))
        if faults:
            raise ExamInvalidError(violations=faults)
        after = snapshot(result, EXAM_FIELDS)
        if before == after:
            return result
        result.save()
        record(
            actor=actor,
            action="exam.recorded" if before is None else "exam.corrected",
            subject=result,
            before=before,
            after=after,
            organisation_ids=[placement.provider_organisation_id, placement.municipality_id],
        )
    return result


def _attempt_faults(
    placement: Placement,
    entry: ExamEntry,
    number: int,
    old: ExamResult | None,
    others: dict[int, ExamResult],
) -> list[Violation]:
    if old is not None and old.placement_id != placement.pk:
        # Another provider's report is not ours to correct.
        return [
            Violation(
                "attempt_number",
                "attempt_of_other_placement",
                _("This attempt was recorded at another placement. Use the next number."),
            )
        ]
    out_of_order = any(
        (other < number and result.exam_date > entry.exam_date)
        or (other > number and result.exam_date < entry.exam_date)
        for other, result in others.items()
    )
    if out_of_order:
        return [
            Violation(
                "exam_date",
                "attempts_out_of_order",
                _("A later attempt cannot be on an earlier day. Check the day and the number."),
            )
        ]
    return []


def _placement_faults(placement: Placement) -> list[Violation]:
    if placement.state in ROSTER_STATES:
        return []
    return [
        Violation(
            "placement",
            "placement_not_accepted",
            _("Results can be recorded once the placement is accepted."),
        )
    ]


def _day_faults(field: str, day: date) -> list[Violation]:
    if day <= clock.today():
        return []
    return [Violation(field, "in_future", _("This day is in the future."))]


def _model_faults(result: ExamResult) -> list[Violation]:
    try:
        result.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return [
            Violation(field, one.code or "invalid", " ".join(one.messages))
            for field, faults in error.error_dict.items()
            for one in faults
        ]
    return []


def latest_levels(placement_ids: Sequence[int]) -> dict[tuple[int, str], Any]:
    """The newest score per placement and skill, in one query."""
    newest = (
        ProgressScore.objects.filter(placement__in=placement_ids)
        .order_by("placement_id", "skill", "-assessed_date")
        .distinct("placement_id", "skill")
    )
    return {(score.placement_id, score.skill): score for score in newest}
