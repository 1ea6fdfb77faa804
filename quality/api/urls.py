from django.urls import path

from backend.api.routers import PassendRouter
from quality.api import viewsets
from quality.api.absence import AbsenceSignalViewSet
from quality.api.duo_hours import HoursForDuoViewSet

router = PassendRouter()
router.register("lessons", viewsets.LessonViewSet)
router.register("attendances", viewsets.AttendanceViewSet)
router.register("attendance-batches", viewsets.AttendanceBatchViewSet, "attendance-batch")
router.register("absence-signals", AbsenceSignalViewSet)
router.register("progress-scores", viewsets.ProgressScoreViewSet)
router.register("exam-results", viewsets.ExamResultViewSet)
router.register("indicators", viewsets.IndicatorViewSet)
router.register("indicator-values", viewsets.IndicatorValueViewSet)
router.register("feedback-rounds", viewsets.FeedbackWaveViewSet)

urlpatterns = [
    path(
        "participants/<uuid:id>/duo-hours",
        HoursForDuoViewSet.as_view({"get": "retrieve"}),
        name="hours-for-duo",
    ),
    *router.urls,
]
