"""Resources of the functional administrator that belong to no app above the ground floor."""

from django.urls import path

from backend.api import listed_codes, opened_organisations

urlpatterns = [
    path(
        "code-lists",
        listed_codes.CodeListsViewSet.as_view({"get": "retrieve"}),
        name="code-lists-all",
    ),
    path(
        "code-lists/<slug:key>",
        listed_codes.CodeListViewSet.as_view({"get": "retrieve"}),
        name="code-lists-one",
    ),
    path(
        "code-lists/<slug:key>/preview",
        listed_codes.CodeListPreviewViewSet.as_view({"post": "create"}),
        name="code-lists-preview",
    ),
    path(
        "code-lists/<slug:key>/versions",
        listed_codes.CodeListVersionsViewSet.as_view({"post": "create"}),
        name="code-lists-versions",
    ),
    path(
        "code-lists/<slug:key>/versions/<int:version>/withdraw",
        listed_codes.CodeListWithdrawViewSet.as_view({"post": "withdraw"}),
        name="code-lists-withdraw",
    ),
    path(
        "organisations",
        opened_organisations.OpenedOrganisationsViewSet.as_view({"post": "create"}),
        name="organisations-open",
    ),
    path(
        "organisations/<uuid:id>/single-sign-on",
        opened_organisations.SingleSignOnViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="organisations-single-sign-on",
    ),
    path(
        "organisations/<uuid:id>/privacy-text",
        opened_organisations.PrivacyTextViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="organisations-privacy-text",
    ),
    path(
        "organisations/<slug:kind>/<slug:number>",
        opened_organisations.OrganisationLookupViewSet.as_view({"get": "retrieve"}),
        name="organisations-lookup",
    ),
]
