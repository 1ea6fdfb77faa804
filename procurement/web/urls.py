"""Addresses of the pages of tenders and contracts."""

from django.urls import path, re_path

from procurement.web import (
    agreement_steps,
    as_of,
    calendar,
    contract_page,
    document_files,
    draft_pages,
    lot_page,
    papers,
    price_steps,
    registration,
    sheets,
    status_steps,
    tender_steps,
    tenders,
    term_steps,
    views,
)

urlpatterns = [
    path("tenders", tenders.TenderList.as_view(), name="tenders"),
    path("tenders/new", tender_steps.TenderNewPage.as_view(), name="tender-new"),
    path("tenders/<uuid:uuid>", tenders.TenderPage.as_view(), name="tender"),
    path(
        "tenders/<uuid:uuid>/change",
        tender_steps.TenderChangePage.as_view(),
        name="tender-change",
    ),
    path(
        "tenders/<uuid:uuid>/publish",
        tender_steps.TenderPublishPage.as_view(),
        name="tender-publish",
    ),
    path("tenders/<uuid:uuid>/close", tender_steps.TenderClosePage.as_view(), name="tender-close"),
    path("tenders/<uuid:uuid>/award", tender_steps.TenderAwardPage.as_view(), name="tender-award"),
    path(
        "tenders/<uuid:uuid>/cancel",
        tender_steps.TenderCancelPage.as_view(),
        name="tender-cancel",
    ),
    path(
        "tenders/<uuid:uuid>/lots/new",
        tender_steps.TenderLotNewPage.as_view(),
        name="tender-lot-new",
    ),
    path("lots", views.LotList.as_view(), name="lots"),
    path("lots/<uuid:uuid>/admit", price_steps.LotAdmitPage.as_view(), name="lot-admit"),
    path("lots/<uuid:uuid>", lot_page.LotPage.as_view(), name="lot"),
    path("lots/<uuid:uuid>/change", draft_pages.LotChangePage.as_view(), name="lot-change"),
    path("lots/<uuid:uuid>/leave", draft_pages.LotLeavePage.as_view(), name="lot-leave"),
    path("contracts", views.ContractList.as_view(), name="contracts"),
    path("contracts/new", registration.AgreementPage.as_view(), name="contract-new"),
    path("contracts/import", sheets.SheetNewPage.as_view(), name="contract-sheet-new"),
    re_path(
        r"^contracts/import/template\.(?P<ending>xlsx|csv)$",
        sheets.SheetTemplate.as_view(),
        name="contract-sheet-template",
    ),
    path("contract-sheets/<uuid:uuid>", sheets.SheetPage.as_view(), name="contract-sheet"),
    path("contracts/<uuid:uuid>", contract_page.ContractPage.as_view(), name="contract"),
    path(
        "contracts/<uuid:uuid>/change",
        status_steps.ContractChangePage.as_view(),
        name="contract-change",
    ),
    path(
        "contracts/<uuid:uuid>/activate",
        status_steps.ActivatePage.as_view(),
        name="contract-activate",
    ),
    path(
        "contracts/<uuid:uuid>/suspend",
        status_steps.SuspendPage.as_view(),
        name="contract-suspend",
    ),
    path("contracts/<uuid:uuid>/end", status_steps.EndPage.as_view(), name="contract-end"),
    path("contracts/<uuid:uuid>/amend", term_steps.AmendPage.as_view(), name="contract-amend"),
    path("contracts/<uuid:uuid>/as-of", as_of.AsOfPage.as_view(), name="contract-as-of"),
    path("contracts/<uuid:uuid>/pdf", papers.ContractPdf.as_view(), name="contract-pdf"),
    path("contracts/<uuid:uuid>/xlsx", papers.ContractXlsx.as_view(), name="contract-xlsx"),
    path(
        "contracts/<uuid:uuid>/lots/new",
        price_steps.ContractLotNewPage.as_view(),
        name="contract-lot-new",
    ),
    path(
        "contracts/<uuid:uuid>/tariffs/new", price_steps.TariffNewPage.as_view(), name="tariff-new"
    ),
    path("contracts/<uuid:uuid>/index", price_steps.IndexPage.as_view(), name="contract-index"),
    path(
        "contracts/<uuid:uuid>/indexation-rule",
        price_steps.RulePage.as_view(),
        name="indexation-rule",
    ),
    path(
        "contracts/<uuid:uuid>/options/new",
        agreement_steps.OptionNewPage.as_view(),
        name="option-new",
    ),
    path(
        "contracts/<uuid:uuid>/documents/new",
        agreement_steps.DocumentNewPage.as_view(),
        name="document-new",
    ),
    path(
        "contract-lots/<uuid:uuid>/courses/new",
        price_steps.CoursesNewPage.as_view(),
        name="contract-courses-new",
    ),
    path(
        "contract-lots/<uuid:uuid>/courses/<uuid:course>/remove",
        draft_pages.CourseRemovePage.as_view(),
        name="contract-course-remove",
    ),
    path(
        "contract-lots/<uuid:uuid>/remove",
        draft_pages.ContractLotRemovePage.as_view(),
        name="contract-lot-remove",
    ),
    path(
        "tariffs/<uuid:uuid>/remove", draft_pages.TariffRemovePage.as_view(), name="tariff-remove"
    ),
    path("tariffs/<uuid:uuid>/end", price_steps.TariffEndPage.as_view(), name="tariff-end"),
    path(
        "contract-versions/<uuid:uuid>/confirm",
        term_steps.ConfirmVersionPage.as_view(),
        name="version-confirm",
    ),
    path(
        "contract-versions/<uuid:uuid>/withdraw",
        term_steps.WithdrawVersionPage.as_view(),
        name="version-withdraw",
    ),
    path(
        "contract-versions/<uuid:uuid>/correct",
        term_steps.CorrectPage.as_view(),
        name="version-correct",
    ),
    path(
        "contract-versions/<uuid:uuid>/kpis",
        agreement_steps.KpiPage.as_view(),
        name="contract-kpis",
    ),
    path(
        "extension-options/<uuid:uuid>/exercise",
        agreement_steps.ExercisePage.as_view(),
        name="option-exercise",
    ),
    path(
        "extension-options/<uuid:uuid>/decline",
        agreement_steps.DeclinePage.as_view(),
        name="option-decline",
    ),
    path(
        "contract-documents/<uuid:uuid>",
        agreement_steps.DocumentChangePage.as_view(),
        name="document-change",
    ),
    path(
        "contract-documents/<uuid:uuid>/upload",
        document_files.ContractFilePage.as_view(),
        name="contract-document-upload",
    ),
    path(
        "contract-documents/<uuid:uuid>/file",
        document_files.ContractFileDownload.as_view(),
        name="contract-document-file",
    ),
    path("contract-calendar", calendar.CalendarPage.as_view(), name="contract-calendar"),
    path("contract-calendar/feed", calendar.FeedPage.as_view(), name="calendar-feed-new"),
    path(
        "contract-calendar/feeds/<str:token>.ics",
        calendar.FeedView.as_view(),
        name="calendar-feed",
    ),
]
