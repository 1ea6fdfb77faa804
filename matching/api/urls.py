from django.urls import path

from backend.api.routers import PassendRouter
from matching.api import viewsets
from matching.api.placements import PlacementViewSet

router = PassendRouter()
router.register("participants", viewsets.ParticipantViewSet)
router.register("pips", viewsets.PipViewSet)
router.register("needs", viewsets.NeedViewSet)
router.register("match-records", viewsets.MatchRecordViewSet)
router.register("match-runs", viewsets.MatchRunViewSet)
router.register("match-proposals", viewsets.MatchProposalViewSet)
router.register("placements", PlacementViewSet)

urlpatterns = [
    *router.urls,
    path(
        "participants/<uuid:id>/identity",
        viewsets.IdentityViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="participant-identity",
    ),
    path(
        "pips/<uuid:id>/recommendations",
        viewsets.RecommendationViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="pip-recommendations",
    ),
    path(
        "match-runs/<uuid:id>/proposals",
        viewsets.RunProposalViewSet.as_view({"get": "list"}),
        name="match-run-proposals",
    ),
    path(
        "match-proposals/<uuid:id>/accept",
        viewsets.ProposalAcceptanceViewSet.as_view({"post": "create"}),
        name="match-proposal-accept",
    ),
]
