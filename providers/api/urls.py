from backend.api.routers import PassendRouter
from providers.api import viewsets

router = PassendRouter()
router.register("providers", viewsets.ProviderViewSet)
router.register("locations", viewsets.LocationViewSet)
router.register("courses", viewsets.CourseViewSet)
router.register("course-groups", viewsets.CourseGroupViewSet)
router.register("intake-moments", viewsets.IntakeMomentViewSet)

urlpatterns = router.urls
