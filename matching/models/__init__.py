"""Models of demand, matching and placement."""

from matching.models.letters import PersonalLink, PlacementResponse
from matching.models.match import MatchProposal, MatchRecord, MatchRun
from matching.models.participant import Participant, ParticipantIdentity, TargetGroupPeriod
from matching.models.pip import Need, Pip
from matching.models.placement import Placement, PlacementEvent
from matching.models.policy import MatchingPolicy
from matching.models.waiting import SeatOffer

__all__ = [
    "MatchProposal",
    "MatchRecord",
    "MatchRun",
    "MatchingPolicy",
    "Need",
    "Participant",
    "ParticipantIdentity",
    "PersonalLink",
    "Pip",
    "Placement",
    "PlacementEvent",
    "PlacementResponse",
    "SeatOffer",
    "TargetGroupPeriod",
]
