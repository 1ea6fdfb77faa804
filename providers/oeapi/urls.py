from django.urls import path

from providers.oeapi import views

# Names of OEAPI's own paths; the root ends in a slash as the specification writes it.
urlpatterns = [
    path("", views.ServiceView.as_view(), name="oeapi"),
    path("/", views.ServiceView.as_view(), name="oeapi-root"),
    path("/organisations", views.OrganisationList.as_view()),
    path("/organisations/<uuid:id>", views.OrganisationView.as_view()),
    path("/organisations/<uuid:id>/courses", views.CourseList.as_view()),
    path("/organisations/<uuid:id>/course-offerings", views.OfferingsOfOrganisation.as_view()),
    path("/courses", views.CourseList.as_view()),
    path("/courses/<uuid:id>", views.CourseView.as_view()),
    path("/courses/<uuid:id>/course-offerings", views.OfferingsOfCourse.as_view()),
    path("/course-offerings/<uuid:id>", views.OfferingView.as_view()),
]
