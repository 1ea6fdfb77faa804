"""Models of demand, matching and placement."""

from matching.models.agreements import ParticipantMove, PipAgreements, ProgressTalk
from matching.models.bundle import MatchBundle
from matching.models.completion import Completion
from matching.models.decision import ProposalDecision
from matching.models.duo import DuoMessage
from matching.models.group_request import GroupBid, GroupRequest, SupplyAdvice
from matching.models.household import Household, HouseholdMember
from matching.models.letters import PersonalLink, PlacementResponse
from matching.models.match import MatchProposal, MatchRecord, MatchRun
from matching.models.participant import Participant, ParticipantIdentity, TargetGroupPeriod
from matching.models.pip import Need, Pip
from matching.models.placement import Placement, PlacementEvent
from matching.models.policy import MatchingPolicy
from matching.models.transfer import GroupTransfer, TransferOutcome
from matching.models.waiting import SeatOffer

__all__ = [
    "Completion",
    "DuoMessage",
    "GroupBid",
    "GroupRequest",
    "GroupTransfer",
    "Household",
    "HouseholdMember",
    "MatchBundle",
    "MatchProposal",
    "MatchRecord",
    "MatchRun",
    "MatchingPolicy",
    "Need",
    "Participant",
    "ParticipantIdentity",
    "ParticipantMove",
    "PersonalLink",
    "Pip",
    "PipAgreements",
    "Placement",
    "PlacementEvent",
    "PlacementResponse",
    "ProgressTalk",
    "ProposalDecision",
    "SeatOffer",
    "SupplyAdvice",
    "TargetGroupPeriod",
    "TransferOutcome",
]
