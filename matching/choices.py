"""States, transitions and reason codes of needs and placements."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.engine import RULES

# The codes of the engine, which knows no Django; the stubs know classes only.
RuleCode: type[models.TextChoices] = models.TextChoices(  # type: ignore[call-overload]
    "RuleCode", [(code, code) for code in RULES], module=__name__
)


class PipLevel(models.TextChoices):
    """Target level of a PIP. DUO's messages know A2 and B1; A1 and B2 are ours (R-PIP-5)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"


class NeedState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a place")
    OFFERED = "offered", _("Place offered")
    PLACED = "placed", _("Placed")
    CLOSED = "closed", _("Closed")


NEED_TRANSITIONS: dict[NeedState, frozenset[NeedState]] = {
    NeedState.WAITING: frozenset({NeedState.OFFERED, NeedState.CLOSED}),
    # An offer that is refused, withdrawn or expired puts the person back on the list.
    NeedState.OFFERED: frozenset({NeedState.PLACED, NeedState.WAITING, NeedState.CLOSED}),
    NeedState.PLACED: frozenset({NeedState.WAITING, NeedState.CLOSED}),
    NeedState.CLOSED: frozenset(),
}


class PlacementState(models.TextChoices):
    """Life cycle of chain-and-journeys.md section 2.4."""

    DRAFT = "draft", _("Seat held")
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    STARTED = "started", _("Started")
    STOPPED = "stopped", _("Stopped")


PLACEMENT_TRANSITIONS: dict[PlacementState, frozenset[PlacementState]] = {
    PlacementState.DRAFT: frozenset(
        {PlacementState.OFFERED, PlacementState.WITHDRAWN, PlacementState.EXPIRED}
    ),
    PlacementState.OFFERED: frozenset(
        {
            PlacementState.ACCEPTED,
            PlacementState.REFUSED,
            PlacementState.WITHDRAWN,
            PlacementState.EXPIRED,
        }
    ),
    # Withdrawing after acceptance is possible until the first lesson.
    PlacementState.ACCEPTED: frozenset({PlacementState.STARTED, PlacementState.WITHDRAWN}),
    PlacementState.STARTED: frozenset({PlacementState.STOPPED}),
    PlacementState.REFUSED: frozenset(),
    PlacementState.EXPIRED: frozenset(),
    PlacementState.WITHDRAWN: frozenset(),
    PlacementState.STOPPED: frozenset(),
}

# States in which a placement occupies its need and its seat.
OPEN_PLACEMENT_STATES = frozenset(
    {
        PlacementState.DRAFT,
        PlacementState.OFFERED,
        PlacementState.ACCEPTED,
        PlacementState.STARTED,
    }
)

# From here on the provider delivers, and may know who comes.
ACCEPTED_STATES = frozenset(
    {PlacementState.ACCEPTED, PlacementState.STARTED, PlacementState.STOPPED}
)


class RefusalReason(models.TextChoices):
    """The lawful grounds on which a provider may refuse (contract standard, clause 3.7)."""

    WEIGHTY_REASONS = "weighty_reasons", _("Weighty reasons")
    OUTSIDE_EXPERTISE = "outside_expertise", _("Outside our expertise")
    EXCEPTIONAL_COMPLEXITY = "exceptional_complexity", _("Exceptional complexity")


class WithdrawalReason(models.TextChoices):
    PARTICIPANT_DECLINED = "participant_declined", _("The participant does not want this place")
    BETTER_PLACE = "better_place", _("A better fitting place was found")
    MOVED = "moved", _("Moved to another municipality")
    ENTERED_WRONGLY = "entered_wrongly", _("Entered by mistake")
    HOLD_RELEASED = "hold_released", _("The held seat was released")
    OTHER_PROVIDER = "other_provider", _("To another provider")


class StopReason(models.TextChoices):
    """Why a placement ended; the numbers are those of the iJw list JZ588."""

    DECEASED = "02", _("Deceased")
    AS_PLANNED = "31", _("As planned")
    BY_PARTICIPANT = "32", _("Early, by the participant")
    BY_PROVIDER = "33", _("Early, by the provider")
    MUTUAL = "34", _("Early, by mutual agreement")
    EXTERNAL = "35", _("Early, by external circumstances")
    BY_MUNICIPALITY = "36", _("By the municipality")
    OTHER_PROVIDER = "38", _("To another provider")


class MatchKind(models.TextChoices):
    RECOMMENDATION = "recommendation", _("Recommendation for one PIP")
    BATCH = "batch", _("Batch run")


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED}),
    # A worker that was killed hands the run to the next worker.
    RunState.RUNNING: frozenset({RunState.RUNNING, RunState.DONE, RunState.FAILED}),
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset(),
}


class ProposalDecisionKind(models.TextChoices):
    ACCEPTED = "accepted", _("Taken over")
    OTHER = "other", _("Another place chosen")
    DECLINED = "declined", _("Not taken over")


class PriorityMode(models.TextChoices):
    TIERS = "tiers", _("By urgency class, then score")
    STRICT = "strict", _("By urgency class and waiting time")
    NONE = "none", _("No priority")
