from django.urls import include, path

from backend.web import notifications, opening, site

urlpatterns = [
    path("", site.StartPage.as_view(), name="start"),
    path("language", site.LanguageView.as_view(), name="set_language"),
    path("notifications", notifications.NotificationList.as_view(), name="notifications"),
    path("notifications/read", notifications.ReadAllView.as_view(), name="notifications-read"),
    path(
        "notifications/<uuid:uuid>", notifications.NotificationPage.as_view(), name="notification"
    ),
    path("", include("backend.web.account_urls")),
    path("", include("backend.web.code_list_urls")),
    path("organisations/open", opening.OnboardPage.as_view(), name="onboard"),
    path("system-health", opening.HealthPage.as_view(), name="health-page"),
    path("privacy", site.privacy, name="privacy"),
    path("accessibility", site.accessibility, name="accessibility"),
    path("accounts/", include("backend.accounts.urls")),
]
