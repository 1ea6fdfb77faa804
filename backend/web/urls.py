from django.urls import include, path

from backend.web import notifications, opening, organisation_pages, site

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
    path("organisations/open", opening.NumberPage.as_view(), name="onboard"),
    path(
        "organisations/open/<slug:kind>/<slug:number>",
        opening.OnboardPage.as_view(),
        name="onboard-number",
    ),
    path(
        "our-organisations",
        organisation_pages.OwnOrganisationsPage.as_view(),
        name="our-organisations",
    ),
    path(
        "our-organisations/<uuid:uuid>",
        organisation_pages.OwnOrganisationPage.as_view(),
        name="own-organisation",
    ),
    path(
        "our-organisations/<uuid:uuid>/single-sign-on",
        organisation_pages.SignOnPage.as_view(),
        name="single-sign-on",
    ),
    path(
        "our-organisations/<uuid:uuid>/single-sign-on/end",
        organisation_pages.SignOnEndPage.as_view(),
        name="single-sign-on-end",
    ),
    path(
        "our-organisations/<uuid:uuid>/privacy-text",
        organisation_pages.PrivacyTextPage.as_view(),
        name="privacy-text",
    ),
    path("system-health", opening.HealthPage.as_view(), name="health-page"),
    path("privacy", site.privacy, name="privacy"),
    path("accessibility", site.accessibility, name="accessibility"),
    path("accounts/", include("backend.accounts.urls")),
]
