from django.urls import path

from matching.web import seat_offers, waiting_rules, waiting_times, why_not

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
]
