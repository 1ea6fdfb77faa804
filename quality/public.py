"""The door of `quality`: what wiring, the demo and the pages of others may use."""

from quality.selectors import provider_quality_index
from quality.services.absence import absence_signals_raise
from quality.services.attendance import (
    AttendanceEntry,
    BulkRow,
    attendance_record,
    attendance_record_bulk,
)
from quality.services.deliveries import deliveries_post
from quality.services.feedback import (
    feedback_submit,
    ticket_open,
    wave_close,
    wave_create,
    wave_invite,
)
from quality.services.indicators import indicators_compute
from quality.services.lessons import lesson_cancel, lessons_generate, lessons_generate_many
from quality.services.progress import (
    ExamEntry,
    ProgressEntry,
    exam_result_record,
    progress_record,
)

__all__ = [
    "AttendanceEntry",
    "BulkRow",
    "ExamEntry",
    "ProgressEntry",
    "absence_signals_raise",
    "attendance_record",
    "attendance_record_bulk",
    "deliveries_post",
    "exam_result_record",
    "feedback_submit",
    "indicators_compute",
    "lesson_cancel",
    "lessons_generate",
    "lessons_generate_many",
    "progress_record",
    "provider_quality_index",
    "ticket_open",
    "wave_close",
    "wave_create",
    "wave_invite",
]
