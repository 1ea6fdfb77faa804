from django.urls import path

from backend.api.routers import PassendRouter
from providers.api import (
    affected,
    capacity,
    file_viewsets,
    imports,
    institutions,
    series,
    viewsets,
)

router = PassendRouter()
router.register("providers", viewsets.ProviderViewSet)
router.register("locations", viewsets.LocationViewSet)
router.register("courses", viewsets.CourseViewSet)
router.register("course-groups", viewsets.CourseGroupViewSet)
router.register("intake-moments", viewsets.IntakeMomentViewSet)
router.register("intake-series", series.IntakeSeriesViewSet)
router.register("quality-marks", file_viewsets.QualityMarkViewSet)
router.register("provider-contacts", file_viewsets.ProviderContactViewSet)
router.register("provider-documents", file_viewsets.ProviderDocumentViewSet)
router.register("delivery-parties", file_viewsets.DeliveryPartyViewSet)
router.register("teachers", file_viewsets.TeacherViewSet)
router.register("teacher-hours", file_viewsets.TeacherHoursViewSet)
router.register("intake-stops", file_viewsets.IntakeStopViewSet)
router.register("catalogue-imports", imports.CatalogueImportViewSet)

COMPUTED = {
    "affected-places": affected.AffectedPlaceViewSet,
    "alternative-starts": affected.AlternativeStartViewSet,
    "capacity-lines": capacity.CapacityLineViewSet,
    "teacher-shortages": affected.TeacherShortageViewSet,
}
urlpatterns = [
    *(path(name, one.as_view({"get": "list"}), name=name) for name, one in COMPUTED.items()),
    path(
        "intake-series/preview",
        series.IntakeSeriesPreviewViewSet.as_view({"post": "create"}),
        name="intake-series-preview",
    ),
    path(
        "institution-lists/preview",
        institutions.InstitutionListPreviewViewSet.as_view({"post": "create"}),
        name="institution-list-preview",
    ),
    path(
        "institution-lists",
        institutions.InstitutionListViewSet.as_view({"post": "create"}),
        name="institution-lists",
    ),
    *router.urls,
]
