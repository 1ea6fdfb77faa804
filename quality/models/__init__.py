"""Models of delivery, feedback and indicators."""

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
