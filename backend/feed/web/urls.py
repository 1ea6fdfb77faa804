from django.urls import path

from backend.feed.web import deliveries, subscriptions

urlpatterns = [
    path("webhooks", subscriptions.SubscriptionList.as_view(), name="webhooks"),
    path("webhooks/new", subscriptions.SubscriptionNewPage.as_view(), name="webhook-new"),
    path("webhooks/<uuid:uuid>", subscriptions.SubscriptionPage.as_view(), name="webhook"),
    path(
        "webhooks/<uuid:uuid>/change",
        subscriptions.SubscriptionChangePage.as_view(),
        name="webhook-change",
    ),
    path(
        "webhooks/<uuid:uuid>/secret",
        subscriptions.SubscriptionSecretPage.as_view(),
        name="webhook-secret",
    ),
    path(
        "webhooks/<uuid:uuid>/ping",
        subscriptions.SubscriptionPingPage.as_view(),
        name="webhook-ping",
    ),
    path(
        "webhooks/<uuid:uuid>/pause",
        subscriptions.SubscriptionPausePage.as_view(),
        name="webhook-pause",
    ),
    path(
        "webhooks/<uuid:uuid>/resume",
        subscriptions.SubscriptionResumePage.as_view(),
        name="webhook-resume",
    ),
    path(
        "webhooks/<uuid:uuid>/remove",
        subscriptions.SubscriptionRemovePage.as_view(),
        name="webhook-remove",
    ),
    path("webhook-messages", deliveries.DeliveryList.as_view(), name="webhook-messages"),
    path("webhook-messages/<uuid:uuid>", deliveries.DeliveryPage.as_view(), name="webhook-message"),
    path(
        "webhook-messages/<uuid:uuid>/resend",
        deliveries.ResendPage.as_view(),
        name="webhook-resend",
    ),
]
