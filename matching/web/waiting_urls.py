from django.urls import path

from matching.web import (
    group_request_changes,
    group_request_steps,
    group_requests,
    seat_offers,
    supply_advice,
    supply_demand,
    waiting_rules,
    waiting_times,
    why_not,
)

urlpatterns = [
    path("waiting-times", waiting_times.WaitingTimesPage.as_view(), name="waiting-times"),
    path("work-list/rules", waiting_rules.WaitingRulesPage.as_view(), name="waiting-rules"),
    path("seat-offers", seat_offers.SeatOfferList.as_view(), name="seat-offers"),
    path("seat-offers/<uuid:uuid>", seat_offers.SeatOfferPage.as_view(), name="seat-offer"),
    path(
        "seat-offers/<uuid:uuid>/take",
        seat_offers.SeatOfferTakePage.as_view(),
        name="seat-offer-take",
    ),
    path(
        "seat-offers/<uuid:uuid>/decline",
        seat_offers.SeatOfferDeclinePage.as_view(),
        name="seat-offer-decline",
    ),
    path("needs/<uuid:uuid>/why-not", why_not.WhyNotList.as_view(), name="why-not"),
    path(
        "needs/<uuid:uuid>/why-not/<uuid:intake_moment>",
        why_not.WhyNotPage.as_view(),
        name="why-not-place",
    ),
    path("supply-demand", supply_demand.SupplyDemandPage.as_view(), name="supply-demand"),
    path("supply-advices", supply_advice.AdviceList.as_view(), name="supply-advices"),
    path("supply-advices/new", supply_advice.AdviceNewPage.as_view(), name="supply-advice-new"),
    path("supply-advices/<uuid:uuid>", supply_advice.AdvicePage.as_view(), name="supply-advice"),
    path(
        "supply-advices/<uuid:uuid>/groups/<int:number>/ask",
        group_request_steps.GroupRequestNewPage.as_view(),
        name="group-request-new",
    ),
    path("group-requests", group_requests.GroupRequestList.as_view(), name="group-requests"),
    path(
        "group-requests/<uuid:uuid>",
        group_requests.GroupRequestPage.as_view(),
        name="group-request",
    ),
    path(
        "group-requests/<uuid:uuid>/bid",
        group_request_steps.GroupBidNewPage.as_view(),
        name="group-bid-new",
    ),
    path(
        "group-requests/<uuid:uuid>/withdraw",
        group_request_changes.GroupRequestWithdrawPage.as_view(),
        name="group-request-withdraw",
    ),
    path(
        "group-requests/<uuid:uuid>/postpone",
        group_request_changes.GroupRequestPostponePage.as_view(),
        name="group-request-postpone",
    ),
    path(
        "group-bids/<uuid:uuid>/choose",
        group_request_steps.GroupBidAwardPage.as_view(),
        name="group-bid-award",
    ),
    path(
        "group-bids/<uuid:uuid>/withdraw",
        group_request_steps.GroupBidWithdrawPage.as_view(),
        name="group-bid-withdraw",
    ),
]
