from django.urls import path

from backend.api.routers import PassendRouter
from matching.api import seat_offers, waiting_times, why_not

router = PassendRouter()
router.register("seat-offers", seat_offers.SeatOfferViewSet)

urlpatterns = [
    *router.urls,
    path(
        "waiting-times",
        waiting_times.WaitingTimesViewSet.as_view({"get": "retrieve"}),
        name="waiting-times-figures",
    ),
    path(
        "needs/<uuid:id>/journey",
        waiting_times.NeedJourneyViewSet.as_view({"get": "retrieve"}),
        name="need-journey",
    ),
    path(
        "needs/<uuid:id>/why-not",
        why_not.WhyNotViewSet.as_view({"get": "retrieve"}),
        name="need-why-not",
    ),
]
