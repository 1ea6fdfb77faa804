from django.urls import path

from backend.api.routers import PassendRouter
from matching.api import viewsets
from matching.api.completions import CompletionForDuoViewSet, CompletionViewSet
from matching.api.duo import DuoMessageBatchViewSet, DuoMessageViewSet, PipMessagesViewSet
from matching.api.duo_outgoing import OfferForDuoViewSet, PipForDuoViewSet
from matching.api.group_transfers import GroupTransferViewSet
from matching.api.households import BundleViewSet, HouseholdViewSet, PipBundleViewSet
from matching.api.persons import AgreementsViewSet, MoveViewSet, TalkViewSet
from matching.api.placements import PlacementViewSet
from matching.api.runs import (
    ProposalDeclineViewSet,
    RunChangesViewSet,
    RunPreviewViewSet,
    WhatIfViewSet,
)

router = PassendRouter()
router.register("participants", viewsets.ParticipantViewSet)
router.register("pips", viewsets.PipViewSet)
router.register("needs", viewsets.NeedViewSet)
router.register("match-records", viewsets.MatchRecordViewSet)
router.register("match-runs", viewsets.MatchRunViewSet)
router.register("match-proposals", viewsets.MatchProposalViewSet)
router.register("placements", PlacementViewSet)
router.register("group-transfers", GroupTransferViewSet)
router.register("households", HouseholdViewSet)
router.register("match-bundles", BundleViewSet)
router.register("duo-messages", DuoMessageViewSet)

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
        "pips/<uuid:id>/bundles",
        PipBundleViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="pip-bundles",
    ),
    path(
        "match-runs/<uuid:id>/proposals",
        viewsets.RunProposalViewSet.as_view({"get": "list"}),
        name="match-run-proposals",
    ),
    path(
        "participants/<uuid:id>/agreements",
        AgreementsViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="participant-agreements",
    ),
    path(
        "participants/<uuid:id>/progress-talks",
        TalkViewSet.as_view({"post": "create"}),
        name="participant-progress-talks",
    ),
    path(
        "participants/<uuid:id>/completions",
        CompletionViewSet.as_view({"post": "create"}),
        name="participant-completions",
    ),
    path(
        "participants/<uuid:id>/completions/<str:kind>",
        CompletionViewSet.as_view({"get": "retrieve"}),
        name="participant-completion",
    ),
    path(
        "participants/<uuid:id>/completions/<str:kind>/duo-body",
        CompletionForDuoViewSet.as_view({"get": "retrieve"}),
        name="completion-for-duo",
    ),
    path(
        "participants/<uuid:id>/move",
        MoveViewSet.as_view({"post": "move"}),
        name="participant-move",
    ),
    path(
        "participants/<uuid:id>/take-over",
        MoveViewSet.as_view({"post": "take_over"}),
        name="participant-take-over",
    ),
    path(
        "pips/<uuid:id>/duo-pip",
        PipForDuoViewSet.as_view({"get": "retrieve"}),
        name="pip-for-duo",
    ),
    path(
        "placements/<uuid:id>/duo-offer",
        OfferForDuoViewSet.as_view({"get": "retrieve"}),
        name="offer-for-duo",
    ),
    path(
        "duo-messages/deliveries",
        DuoMessageBatchViewSet.as_view({"post": "create"}),
        name="duo-message-deliveries",
    ),
    path(
        "pip-messages",
        PipMessagesViewSet.as_view({"post": "create"}),
        name="pip-messages",
    ),
    path(
        "match-proposals/<uuid:id>/accept",
        viewsets.ProposalAcceptanceViewSet.as_view({"post": "create"}),
        name="match-proposal-accept",
    ),
    path(
        "match-runs/preview",
        RunPreviewViewSet.as_view({"get": "retrieve"}),
        name="match-run-preview",
    ),
    path(
        "match-runs/<uuid:id>/changes",
        RunChangesViewSet.as_view({"get": "retrieve"}),
        name="match-run-changes",
    ),
    path(
        "match-proposals/<uuid:id>/decline",
        ProposalDeclineViewSet.as_view({"post": "create"}),
        name="match-proposal-decline",
    ),
    path(
        "match-proposals/<uuid:id>/what-if",
        WhatIfViewSet.as_view({"get": "retrieve"}),
        name="match-proposal-what-if",
    ),
]
