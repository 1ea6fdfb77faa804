from backend.api.routers import PassendRouter
from backend.feed.api import viewsets

router = PassendRouter()
router.register("events", viewsets.FeedEventViewSet)
router.register("webhook-subscriptions", viewsets.WebhookSubscriptionViewSet)
router.register("webhook-deliveries", viewsets.WebhookDeliveryViewSet)

urlpatterns = router.urls
