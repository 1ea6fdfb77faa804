"""What can go wrong for a user of delivery, feedback and indicators."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
)


class AttendanceInvalidError(InvalidError):
    code = "attendance_invalid"
    message = _("The attendance list contains mistakes. Nothing was saved. Correct the entries.")


class LessonCancelledError(ConflictError):
    code = "lesson_cancelled"
    message = _("This lesson was cancelled. Attendance of a cancelled lesson cannot be recorded.")


class LessonNotStartedError(ConflictError):
    code = "lesson_in_future"
    message = _("This lesson is on a later day. Record attendance on or after the day itself.")


class LessonAlreadyRecordedError(ConflictError):
    code = "lesson_already_recorded"
    message = _("Attendance was recorded for this lesson. A given lesson cannot be cancelled.")


class AttendanceChangedError(PreconditionFailedError):
    code = "attendance_changed"
    message = _(
        "Someone else recorded attendance for this lesson in the meantime. Look at the list again."
    )


class TooManyRowsError(InvalidError):
    code = "too_many_rows"
    message = _("This is too much in one call. Send it in smaller parts.")


class SignalClosedError(ConflictError):
    code = "absence_signal_closed"
    message = _("This signal was closed already. Look at what was written down.")


class SignalInvalidError(InvalidError):
    code = "absence_signal_invalid"
    message = _("The signal cannot be closed like this. Correct it and try again.")


class ProgressInvalidError(InvalidError):
    code = "progress_invalid"
    message = _("The progress contains mistakes. Nothing was saved. Correct the entries.")


class ExamInvalidError(InvalidError):
    code = "exam_invalid"
    message = _("The exam result contains mistakes. Correct it and try again.")


class WaveInvalidError(InvalidError):
    code = "wave_invalid"
    message = _("The feedback round contains mistakes. Correct it and try again.")


class WaveStateError(ConflictError):
    code = "wave_state"
    message = _("The feedback round is not in a state in which this is possible.")


class WaveInvitedError(ConflictError):
    code = "wave_already_invited"
    message = _(
        "The invitations of this round were already made. Links are shown once and not kept."
    )


class TicketUnusableError(NotFoundError):
    """One answer for a wrong, used and expired link: the difference is nobody's business."""

    code = "feedback_link_unusable"
    message = _("This link does not work (any more).")


class AnswersInvalidError(InvalidError):
    code = "answers_invalid"
    message = _("Some answers are missing or not possible.")


class WriteRefusedError(ConflictError):
    code = "indicator_version_exists"
    message = _("This version of the indicator exists already with another definition.")
