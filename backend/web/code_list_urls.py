"""Pages of the code lists."""

from django.urls import path

from backend.web import code_list_pages as pages

urlpatterns = [
    path("code-lists", pages.CodeListsPage.as_view(), name="code-lists"),
    path("code-lists/<slug:key>", pages.CodeListPage.as_view(), name="codes"),
    path("code-lists/<slug:key>/new", pages.CodeListNewPage.as_view(), name="codes-new"),
    path(
        "code-lists/<slug:key>/versions/<int:version>/withdraw",
        pages.CodeListWithdrawPage.as_view(),
        name="codes-withdraw",
    ),
]
