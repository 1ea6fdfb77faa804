from django.urls import path

from quality.web import absence, delivery, feedback, lessons, scorecards, waves

urlpatterns = [
    path("lessons", lessons.DayPage.as_view(), name="lessons"),
    path("lessons/<uuid:uuid>", lessons.AttendancePage.as_view(), name="lesson-attendance"),
    path("lessons/<uuid:uuid>/cancel", lessons.LessonCancelPage.as_view(), name="lesson-cancel"),
    path("delivery/<uuid:uuid>", delivery.DeliveryPage.as_view(), name="delivery"),
    path(
        "delivery/<uuid:uuid>/progress",
        delivery.ProgressPage.as_view(),
        name="delivery-progress",
    ),
    path("delivery/<uuid:uuid>/exam", delivery.ExamPage.as_view(), name="delivery-exam"),
    path("absence-signals", absence.AbsenceList.as_view(), name="absence-signals"),
    path("absence-signals/<uuid:uuid>", absence.AbsencePage.as_view(), name="absence-signal"),
    path(
        "absence-signals/<uuid:uuid>/close",
        absence.AbsenceClosePage.as_view(),
        name="absence-signal-close",
    ),
    path("scorecards", scorecards.ScorecardListPage.as_view(), name="scorecards"),
    path("scorecards/<uuid:uuid>", scorecards.ScorecardPage.as_view(), name="scorecard"),
    path("indicators", scorecards.IndicatorBookPage.as_view(), name="indicators"),
    path("indicators/<slug:code>", scorecards.IndicatorPage.as_view(), name="indicator"),
    path("feedback-rounds", waves.WaveListPage.as_view(), name="feedback-rounds"),
    path("feedback-rounds/new", waves.WaveNewPage.as_view(), name="feedback-round-new"),
    path("feedback-rounds/<uuid:uuid>", waves.WavePage.as_view(), name="feedback-round"),
    path(
        "feedback-rounds/<uuid:uuid>/invite",
        waves.WaveInvitePage.as_view(),
        name="feedback-round-invite",
    ),
    path(
        "feedback-rounds/<uuid:uuid>/close",
        waves.WaveClosePage.as_view(),
        name="feedback-round-close",
    ),
    path("feedback", feedback.FeedbackView.as_view(), name="feedback"),
    path("feedback/thanks", feedback.ThanksView.as_view(), name="feedback-thanks"),
]
