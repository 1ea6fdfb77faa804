"""The door of `matching`: what the apps above, the web pages and the importers may use.

Promise: names here keep their meaning; every write goes through one of these services.

Participants   participant_register, participants_register, identity_set, target_group_change
PIPs           pip_register, pips_register (all or nothing), pips_check (faults only)
Policy         policy_publish, policy_in_force
One person     recommendation_create -> MatchRecord
Placement      placement_create, seat_hold_for_need, placement_offer, placement_accept,
               placement_refuse, placement_withdraw, placement_start, placement_stop,
               placement_expire_due
Batch          match_run_request, match_run_execute, proposal_accept, proposal_decline
Letters        personal_link_create, personal_link_renew_code, personal_links_revoke, response_give
Persons        agreements_set, talk_record, participant_move, duo_messages_receive
Lists          work_list
"""

from matching.choices import (
    ACCEPTED_STATES,
    OPEN_PLACEMENT_STATES,
    NeedState,
    PipLevel,
    PlacementState,
    RefusalReason,
    StopReason,
    WithdrawalReason,
)
from matching.errors import (
    NeedNotWaitingError,
    OpenOfferError,
    ParticipantExistsError,
    PipInvalidError,
    PlacementExpiredError,
    PlacementInfeasibleError,
    TransitionError,
)
from matching.events import (
    MatchRunFinished,
    PipRegistered,
    PlacementAccepted,
    PlacementExpired,
    PlacementOffered,
    PlacementRefused,
    PlacementStarted,
    PlacementStopped,
    PlacementWithdrawn,
    SeatHeld,
    TargetGroupChanged,
)
from matching.ports import bind_provider_quality
from matching.selectors.policy import policy_in_force
from matching.selectors.work_list import work_list
from matching.services.agreements import AgreementsData, agreements_set, talk_record
from matching.services.duo_receive import duo_messages_receive
from matching.services.letters import (
    Contact,
    personal_link_create,
    personal_link_renew_code,
    personal_links_revoke,
    response_give,
)
from matching.services.moves import participant_move
from matching.services.notices import register_kinds
from matching.services.participants import (
    IdentityData,
    ParticipantData,
    identity_set,
    participant_register,
    participants_register,
    target_group_change,
)
from matching.services.pip_rules import PipData
from matching.services.pips import pip_register, pips_check, pips_register
from matching.services.placement_steps import (
    placement_accept,
    placement_expire_due,
    placement_refuse,
    placement_start,
    placement_stop,
    placement_withdraw,
)
from matching.services.placements import (
    Choice,
    placement_create,
    placement_offer,
    seat_hold_for_need,
)
from matching.services.policy import PolicyData, policy_publish
from matching.services.proposals import proposal_accept, proposal_decline
from matching.services.recommendations import recommendation_create
from matching.services.runs import match_run_execute, match_run_request

__all__ = [
    "ACCEPTED_STATES",
    "OPEN_PLACEMENT_STATES",
    "AgreementsData",
    "Choice",
    "Contact",
    "IdentityData",
    "MatchRunFinished",
    "NeedNotWaitingError",
    "NeedState",
    "OpenOfferError",
    "ParticipantData",
    "ParticipantExistsError",
    "PipData",
    "PipInvalidError",
    "PipLevel",
    "PipRegistered",
    "PlacementAccepted",
    "PlacementExpired",
    "PlacementExpiredError",
    "PlacementInfeasibleError",
    "PlacementOffered",
    "PlacementRefused",
    "PlacementStarted",
    "PlacementState",
    "PlacementStopped",
    "PlacementWithdrawn",
    "PolicyData",
    "RefusalReason",
    "SeatHeld",
    "StopReason",
    "TargetGroupChanged",
    "TransitionError",
    "WithdrawalReason",
    "agreements_set",
    "bind_provider_quality",
    "duo_messages_receive",
    "identity_set",
    "match_run_execute",
    "match_run_request",
    "participant_move",
    "participant_register",
    "participants_register",
    "personal_link_create",
    "personal_link_renew_code",
    "personal_links_revoke",
    "pip_register",
    "pips_check",
    "pips_register",
    "placement_accept",
    "placement_create",
    "placement_expire_due",
    "placement_offer",
    "placement_refuse",
    "placement_start",
    "placement_stop",
    "placement_withdraw",
    "policy_in_force",
    "policy_publish",
    "proposal_accept",
    "proposal_decline",
    "recommendation_create",
    "register_kinds",
    "response_give",
    "seat_hold_for_need",
    "talk_record",
    "target_group_change",
    "work_list",
]
