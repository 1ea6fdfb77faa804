from backend.api.routers import PassendRouter
from providers.api import imports, viewsets

router = PassendRouter()
router.register("providers", viewsets.ProviderViewSet)
router.register("locations", viewsets.LocationViewSet)
router.register("courses", viewsets.CourseViewSet)
router.register("course-groups", viewsets.CourseGroupViewSet)
router.register("intake-moments", viewsets.IntakeMomentViewSet)
router.register("catalogue-imports", imports.CatalogueImportViewSet)

urlpatterns = router.urls
