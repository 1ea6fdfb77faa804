"""Pages of the functional administrator."""

from django.urls import path

from backend.web import account_pages as pages
from backend.web import client_pages

urlpatterns = [
    path("users", pages.UserList.as_view(), name="users"),
    path("users/invite", pages.InvitePage.as_view(), name="user-invite"),
    path("users/<uuid:uuid>", pages.UserPage.as_view(), name="user"),
    path("users/<uuid:uuid>/roles/new", pages.RoleNewPage.as_view(), name="user-role-new"),
    path("users/<uuid:uuid>/overrule", pages.ExtraRightPage.as_view(), name="user-extra-right"),
    path("users/<uuid:uuid>/deactivate", pages.DeactivatePage.as_view(), name="user-deactivate"),
    path("users/<uuid:uuid>/reactivate", pages.ReactivatePage.as_view(), name="user-reactivate"),
    path("roles/<uuid:uuid>/end", pages.RoleEndPage.as_view(), name="role-end"),
    path("api-clients", client_pages.ClientList.as_view(), name="api-clients"),
    path("api-clients/new", client_pages.ClientNewPage.as_view(), name="api-client-new"),
    path("api-clients/<uuid:uuid>", client_pages.ClientPage.as_view(), name="api-client"),
    path(
        "api-clients/<uuid:uuid>/renew",
        client_pages.ClientRenewPage.as_view(),
        name="api-client-renew",
    ),
    path(
        "api-clients/<uuid:uuid>/revoke",
        client_pages.ClientRevokePage.as_view(),
        name="api-client-revoke",
    ),
]
