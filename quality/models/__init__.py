"""Models of delivery, feedback and indicators."""

from quality.models.absence import AbsenceSignal
from quality.models.delivery import Attendance, ExamResult, Lesson, ProgressScore
from quality.models.feedback import (
    FeedbackInvitation,
    FeedbackPending,
    FeedbackRemark,
    FeedbackResponse,
    FeedbackTicket,
    FeedbackWave,
)
from quality.models.indicator import Indicator, IndicatorValue

__all__ = [
    "AbsenceSignal",
    "Attendance",
    "ExamResult",
    "FeedbackInvitation",
    "FeedbackPending",
    "FeedbackRemark",
    "FeedbackResponse",
    "FeedbackTicket",
    "FeedbackWave",
    "Indicator",
    "IndicatorValue",
    "Lesson",
    "ProgressScore",
]
