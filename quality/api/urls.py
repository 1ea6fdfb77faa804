from backend.api.routers import PassendRouter
from quality.api import viewsets
from quality.api.absence import AbsenceSignalViewSet

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

urlpatterns = router.urls
