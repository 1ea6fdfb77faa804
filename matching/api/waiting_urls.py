from django.urls import path

from backend.api.routers import PassendRouter
from matching.api import (
    group_bids,
    group_requests,
    rejected,
    seat_offers,
    supply_demand,
    waiting_times,
    why_not,
)

router = PassendRouter()
router.register("seat-offers", seat_offers.SeatOfferViewSet)
router.register("supply-advices", group_requests.SupplyAdviceViewSet)
router.register("group-requests", group_requests.GroupRequestViewSet)
router.register("group-bids", group_bids.GroupBidViewSet)

urlpatterns = [
    *router.urls,
    path(
        "waiting-times",
        waiting_times.WaitingTimesViewSet.as_view({"get": "retrieve"}),
        name="waiting-times-figures",
    ),
    path(
        "supply-demand",
        supply_demand.SupplyDemandViewSet.as_view({"get": "retrieve"}),
        name="supply-demand-figures",
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
    path(
        "match-records/<uuid:id>/rejected-starts",
        rejected.RejectedStartsViewSet.as_view({"get": "retrieve"}),
        name="match-record-rejected-starts",
    ),
]
