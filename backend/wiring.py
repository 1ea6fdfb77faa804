"""Who listens to whom: the one place where facts and ports of the apps are bound together."""

from backend.common.events import subscribe


def wire() -> None:
    """Binds ports to implementations and events to subscribers; called once at start-up.

    The functions below import late: the apps' models must be loaded first.
    """
    _wire_feed()
    _wire_code_lists()
    _wire_supply()
    _wire_clauses()
    _wire_matching()
    _wire_waiting_list()


def _wire_feed() -> None:
    """Administrators hear of a webhook that was paused."""
    from backend.feed.public import register_kinds

    register_kinds()


def _wire_code_lists() -> None:
    """Every app says which code lists it has; those of the law are delivered."""
    from backend.codelists import delivered
    from matching import code_lists as matching_lists
    from providers import code_lists as supply_lists

    delivered.register_lists()
    supply_lists.register_lists()
    matching_lists.register_lists()


def _wire_supply() -> None:
    """Providers ask who has a place and what was contracted; matching hears of changed starts."""
    from backend.accounts.public import bind_provider_directory
    from matching.selectors.affected import affected_places, placing_municipalities
    from matching.services import intake_changes, letters
    from procurement.selectors.contracted import buyers_of, contracted_capacity
    from procurement.selectors.suppliers import supplier_figures
    from providers import events, ports
    from providers.directory import Directory
    from providers.services import notices

    bind_provider_directory(Directory())
    ports.bind_affected_places(affected_places)
    ports.bind_contracted_capacity(contracted_capacity)
    ports.bind_supplier_figures(supplier_figures)
    ports.bind_involved(placing_municipalities)
    ports.bind_involved(buyers_of)
    notices.register_kinds()
    intake_changes.register_kinds()
    letters.register_kinds()
    subscribe(events.IntakeMomentCancelled, intake_changes.on_intake_cancelled)
    subscribe(events.IntakeMomentMoved, intake_changes.on_intake_moved)
    subscribe(events.MarkStatusChanged, notices.on_mark_changed)


def _wire_clauses() -> None:
    """Clauses of contracts look at placements and lessons, which live above procurement."""
    from matching.selectors.contract_facts import placement_facts
    from procurement.public import bind_lesson_facts, bind_placement_facts
    from quality.contract_facts import unrecorded_lessons

    bind_placement_facts(placement_facts)
    bind_lesson_facts(unrecorded_lessons)


def _wire_matching() -> None:
    """Matching weighs the quality of providers, which is measured above it."""
    from matching.events import ParticipantsRegistered, PlacementStopped
    from matching.public import bind_provider_quality, register_kinds
    from matching.services import duo_receive, moves
    from quality.public import provider_quality_index
    from quality.services import absence

    bind_provider_quality(provider_quality_index)
    register_kinds()
    absence.register_kinds()
    duo_receive.register_kinds()
    moves.register_kinds()
    subscribe(PlacementStopped, moves.on_placement_stopped)
    subscribe(ParticipantsRegistered, duo_receive.on_participants_registered)


def _wire_waiting_list() -> None:
    """A seat that comes free goes to the next person in line."""
    from matching import events
    from matching.services import group_requests, seat_facts
    from providers.public import (
        IntakeMomentCancelled,
        IntakeMomentReopened,
        IntakeSeatsRaised,
        IntakeStopChanged,
    )

    seat_facts.register_kinds()
    group_requests.register_kinds()
    subscribe(events.PlacementWithdrawn, seat_facts.on_place_ended)
    subscribe(events.PlacementRefused, seat_facts.on_place_ended)
    subscribe(events.PlacementExpired, seat_facts.on_place_ended)
    subscribe(events.PlacementStopped, seat_facts.on_place_ended)
    subscribe(events.SeatHeld, seat_facts.on_seat_held)
    subscribe(IntakeSeatsRaised, seat_facts.on_seats_raised)
    subscribe(IntakeMomentReopened, seat_facts.on_start_reopened)
    subscribe(IntakeStopChanged, seat_facts.on_stop_changed)
    subscribe(IntakeMomentCancelled, seat_facts.on_start_cancelled)
