"""Pages about a person beside the plan and the places."""

from django.urls import path

from matching.web import agreement_pages, completion_pages, duo_pages, retention_pages

urlpatterns = [
    path("duo-messages", duo_pages.MessageList.as_view(), name="duo-messages"),
    path("duo-messages/upload", duo_pages.UploadPage.as_view(), name="message-upload"),
    path("duo-messages/<uuid:uuid>", duo_pages.MessagePage.as_view(), name="duo-message"),
    path(
        "duo-messages/<uuid:uuid>/done",
        duo_pages.MessageDonePage.as_view(),
        name="duo-message-done",
    ),
    path("retention", retention_pages.RetentionPage.as_view(), name="retention"),
    path("pips/<uuid:uuid>/remove", retention_pages.PipRemovePage.as_view(), name="pip-remove"),
    path("progress-talks", agreement_pages.TalksDuePage.as_view(), name="talks-due"),
    path(
        "participants/<uuid:uuid>/agreements",
        agreement_pages.AgreementsPage.as_view(),
        name="agreements",
    ),
    path(
        "participants/<uuid:uuid>/completions/new",
        completion_pages.CompletionPage.as_view(),
        name="completion-new",
    ),
    path(
        "participants/<uuid:uuid>/talks/new",
        agreement_pages.TalkPage.as_view(),
        name="talk-new",
    ),
    path("participants/<uuid:uuid>/move", agreement_pages.MovePage.as_view(), name="person-move"),
    path(
        "participants/<uuid:uuid>/reference",
        agreement_pages.TakeOverPage.as_view(),
        name="person-take-over",
    ),
]
