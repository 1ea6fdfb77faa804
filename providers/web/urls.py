from django.urls import path

from providers.web import views

urlpatterns = [
    path("catalogue", views.CataloguePage.as_view(), name="catalogue"),
    path("our-courses", views.OwnCataloguePage.as_view(), name="own-catalogue"),
    path("courses/<uuid:uuid>", views.CoursePage.as_view(), name="course"),
    path("intake-moments/<uuid:uuid>", views.IntakeMomentPage.as_view(), name="intake-moment"),
]
