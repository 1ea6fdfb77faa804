from django.urls import path

from matching.web import letters, person, record_pdf

urlpatterns = [
    path("p/<str:token>", person.PersonLinkPage.as_view(), name="person-link"),
    path("my-place", person.PersonPlacePage.as_view(), name="person-place"),
    path("my-place/open", person.PersonOpenPage.as_view(), name="person-open"),
    path("person-responses", letters.ResponseList.as_view(), name="person-responses"),
    path(
        "match-records/<uuid:uuid>/pdf",
        record_pdf.MatchRecordPdf.as_view(),
        name="match-record-pdf",
    ),
    *(
        path(f"placements/<uuid:uuid>/{ending}", page.as_view(), name=name)
        for ending, page, name in (
            ("letter", letters.LetterPage, "placement-letter"),
            ("letter/new-code", letters.NewCodePage, "placement-new-code"),
            ("letter/close", letters.RevokeLinksPage, "placement-close-link"),
            ("responses/handled", letters.ResponsesHandledPage, "person-responses-handled"),
        )
    ),
]
