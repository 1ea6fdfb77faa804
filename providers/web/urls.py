from django.urls import path

from providers.web import (
    affected_page,
    capacity_pages,
    catalogue_pages,
    course_pages,
    document_files,
    imports,
    institution_pages,
    intake_pages,
    provider_list,
    provider_pages,
    stop_pages,
    teacher_pages,
    views,
)

catalogue = [
    path("catalogue", catalogue_pages.CataloguePage.as_view(), name="catalogue"),
    path("our-courses", views.OwnCataloguePage.as_view(), name="own-catalogue"),
    path("courses/<uuid:uuid>", views.CoursePage.as_view(), name="course"),
    path("intake-moments/<uuid:uuid>", views.IntakeMomentPage.as_view(), name="intake-moment"),
]
providers = [
    path("providers", provider_list.ProviderList.as_view(), name="providers"),
    path("providers/<uuid:uuid>", provider_pages.ProviderPage.as_view(), name="provider"),
    path(
        "providers/<uuid:uuid>/people",
        affected_page.AffectedPage.as_view(),
        name="provider-people",
    ),
    path(
        "providers/<uuid:uuid>/edit",
        provider_pages.ProviderEditPage.as_view(),
        name="provider-edit",
    ),
    path(
        "providers/<uuid:uuid>/quality-marks/new",
        provider_pages.MarkNewPage.as_view(),
        name="mark-new",
    ),
    path(
        "providers/<uuid:uuid>/contacts/new",
        provider_pages.ContactNewPage.as_view(),
        name="provider-contact-new",
    ),
    path(
        "provider-contacts/<uuid:uuid>/edit",
        provider_pages.ContactEditPage.as_view(),
        name="provider-contact-edit",
    ),
    path(
        "provider-contacts/<uuid:uuid>/remove",
        provider_pages.ContactRemovePage.as_view(),
        name="provider-contact-remove",
    ),
    path(
        "providers/<uuid:uuid>/documents/new",
        provider_pages.DocumentNewPage.as_view(),
        name="provider-document-new",
    ),
    path(
        "provider-documents/<uuid:uuid>/upload",
        document_files.DocumentFilePage.as_view(),
        name="provider-document-upload",
    ),
    path(
        "provider-documents/<uuid:uuid>/file",
        document_files.DocumentFileDownload.as_view(),
        name="provider-document-file",
    ),
    path(
        "provider-documents/<uuid:uuid>/remove",
        provider_pages.DocumentRemovePage.as_view(),
        name="provider-document-remove",
    ),
    path("institutions", institution_pages.InstitutionsPage.as_view(), name="institutions"),
]
own = [
    path(
        "providers/<uuid:uuid>/courses/new",
        course_pages.CourseNewPage.as_view(),
        name="course-new",
    ),
    path("courses/<uuid:uuid>/edit", course_pages.CourseEditPage.as_view(), name="course-edit"),
    path(
        "courses/<uuid:uuid>/delivery-parties/new",
        course_pages.PartyNewPage.as_view(),
        name="delivery-party-new",
    ),
    path(
        "delivery-parties/<uuid:uuid>/remove",
        course_pages.PartyRemovePage.as_view(),
        name="delivery-party-remove",
    ),
    path(
        "courses/<uuid:uuid>/groups/new",
        course_pages.GroupNewPage.as_view(),
        name="course-group-new",
    ),
    path("course-groups/<uuid:uuid>", course_pages.GroupPage.as_view(), name="course-group"),
    path(
        "course-groups/<uuid:uuid>/edit",
        course_pages.GroupEditPage.as_view(),
        name="course-group-edit",
    ),
    path("our-locations", course_pages.OwnLocations.as_view(), name="own-locations"),
    path(
        "providers/<uuid:uuid>/locations/new",
        course_pages.LocationNewPage.as_view(),
        name="location-new",
    ),
    path(
        "locations/<uuid:uuid>/edit",
        course_pages.LocationEditPage.as_view(),
        name="location-edit",
    ),
    path("our-teachers", teacher_pages.TeacherList.as_view(), name="own-teachers"),
    path(
        "providers/<uuid:uuid>/teachers/new",
        teacher_pages.TeacherNewPage.as_view(),
        name="teacher-new",
    ),
    path("teachers/<uuid:uuid>/edit", teacher_pages.TeacherEditPage.as_view(), name="teacher-edit"),
    path(
        "course-groups/<uuid:uuid>/teacher-hours/new",
        teacher_pages.HoursNewPage.as_view(),
        name="teacher-hours-new",
    ),
    path(
        "teacher-hours/<uuid:uuid>/remove",
        teacher_pages.HoursRemovePage.as_view(),
        name="teacher-hours-remove",
    ),
]
starts = [
    path(
        "course-groups/<uuid:uuid>/intake-moments/new",
        intake_pages.IntakeNewPage.as_view(),
        name="intake-moment-new",
    ),
    path(
        "course-groups/<uuid:uuid>/series/new",
        intake_pages.SeriesPage.as_view(),
        name="intake-series-new",
    ),
    path(
        "intake-moments/<uuid:uuid>/alternatives",
        intake_pages.AlternativesPage.as_view(),
        name="intake-moment-alternatives",
    ),
    *(
        path(f"intake-moments/<uuid:uuid>/{step}", page.as_view(), name=f"intake-moment-{step}")
        for step, page in (
            ("seats", intake_pages.SeatsPage),
            ("move", intake_pages.MovePage),
            ("close", intake_pages.ClosePage),
            ("cancel", intake_pages.CancelPage),
            ("publish", intake_pages.PublishPage),
        )
    ),
]
stops = [
    path("intake-stops", stop_pages.StopList.as_view(), name="intake-stops"),
    path("intake-stops/<uuid:uuid>", stop_pages.StopPage.as_view(), name="intake-stop"),
    path(
        "providers/<uuid:uuid>/intake-stops/new",
        stop_pages.StopNewPage.as_view(),
        name="intake-stop-new",
    ),
    path(
        "providers/<uuid:uuid>/intake-stops/impose",
        stop_pages.StopImposePage.as_view(),
        name="intake-stop-impose",
    ),
    *(
        path(f"intake-stops/<uuid:uuid>/{step}", page.as_view(), name=f"intake-stop-{step}")
        for step, page in (
            ("approve", stop_pages.StopApprovePage),
            ("refuse", stop_pages.StopRefusePage),
            ("withdraw", stop_pages.StopWithdrawPage),
            ("lift", stop_pages.StopLiftPage),
        )
    ),
    path("capacity", capacity_pages.CapacityPage.as_view(), name="capacity"),
]

spreadsheets = [
    path("catalogue-imports", imports.ImportList.as_view(), name="catalogue-imports"),
    path("catalogue-imports/new", imports.ImportNewPage.as_view(), name="catalogue-import-new"),
    path("catalogue-imports/<uuid:uuid>", imports.ImportPage.as_view(), name="catalogue-import"),
    path("catalogue-template", imports.TemplatePage.as_view(), name="catalogue-template"),
]

urlpatterns = [*catalogue, *providers, *own, *starts, *stops, *spreadsheets]
