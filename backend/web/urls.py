from django.urls import include, path

from backend.web import site

urlpatterns = [
    path("", site.StartPage.as_view(), name="start"),
    path("language", site.LanguageView.as_view(), name="set_language"),
    path("privacy", site.privacy, name="privacy"),
    path("accessibility", site.accessibility, name="accessibility"),
    path("accounts/", include("backend.accounts.urls")),
]
