"""Feedback rounds: inviting, letting somebody in by a link, taking answers, closing.

MUST keep: no row about an answer shares a key, a moment or an order with a row about a person.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.errors import Violation
from backend.common.locks import lock_row
from backend.organisations.models import Organisation, RegionMembership
from matching.models import Placement
from quality import policies, questionnaire
from quality.choices import ROSTER_STATES, WAVE_TRANSITIONS, FeedbackChannel, WaveState
from quality.errors import (
    AnswersInvalidError,
    TicketUnusableError,
    WaveInvalidError,
    WaveInvitedError,
    WaveStateError,
)
from quality.models import (
    FeedbackInvitation,
    FeedbackPending,
    FeedbackRemark,
    FeedbackResponse,
    FeedbackTicket,
    FeedbackWave,
)
from quality.strata import coarse_strata

TOKEN_BYTES = 16  # 128 bits: cannot be guessed, and short enough for a letter.
TOKEN_SALT = "quality.feedback.ticket"  # noqa: S105 - a salt, not a secret
# Answers wait until this many of one provider can move together in shuffled order.
BATCH_SIZE = 10
# A person has an opinion after eight weeks; drop-outs are asked as well (quality.md section 3).
WEEKS_BEFORE_FIRST = 8
DAYS_AFTER_END = 183
MAX_PER_YEAR = 2
MAX_REMARK = 2000
AUDITED = ("name", "opens_date", "closes_date", "state", "invited_date")
MONTHS_SPLIT = timedelta(days=183)
_shuffle = secrets.SystemRandom().shuffle


@dataclass(frozen=True)
class PersonalLink:
    """A link for one letter: given out once, by the call that makes it, and kept nowhere."""

    reference: str
    token: str


@dataclass(frozen=True)
class Ticket:
    """What a link opens: the round, and the HMAC under which it may be used once."""

    token_hmac: str
    wave: FeedbackWave
    provider_name: str


def wave_create(
    *, actor: Actor, organisation: Organisation, name: str, opens_date: date, closes_date: date
) -> FeedbackWave:
    """A planned round of a municipality or region; rounds of one sender do not overlap."""
    policies.require_manage_wave(actor, organisation.pk)
    wave = FeedbackWave(
        organisation=organisation,
        name=name,
        opens_date=opens_date,
        closes_date=closes_date,
        questionnaire_version=questionnaire.VERSION,
    )
    if closes_date < opens_date:
        late = _("The last day is before the first day.")
        raise WaveInvalidError(violations=[Violation("closes_date", "dates_order", late)])
    overlap = FeedbackWave.objects.filter(
        organisation=organisation, opens_date__lte=closes_date, closes_date__gte=opens_date
    )
    with transaction.atomic():
        # The sender's row is the lock: two rounds at once would pass the check together.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        if overlap.exists():
            double = _("There is already a round in this period.")
            raise WaveInvalidError(violations=[Violation("opens_date", "overlap", double)])
        try:
            wave.full_clean(validate_constraints=False)
        except ValidationError as error:
            raise WaveInvalidError(
                violations=[
                    Violation(field, one.code or "invalid", " ".join(one.messages))
                    for field, faults in error.error_dict.items()
                    for one in faults
                ]
            ) from error
        wave.save()
        _audit(actor, "feedback_wave.created", wave, None)
    return wave


def wave_invite(*, actor: Actor, wave: FeedbackWave) -> list[PersonalLink]:
    """Opens the round and returns one link per invited person, in random order, this once only.

    Invited: people placed by the sender's municipalities who started at least eight weeks before
    the round, or stopped in the half-year before it; nobody more than twice a year.
    """
    policies.require_manage_wave(actor, wave.organisation_id)
    with transaction.atomic():
        wave = lock_row(FeedbackWave.objects.all(), wave.pk)
        if wave.invited_date is not None:
            raise WaveInvitedError
        _require_transition(wave, WaveState.OPEN)
        before = snapshot(wave, AUDITED)
        placements = _invited_placements(wave)
        strata = _strata(wave, placements)
        links, tickets = [], []
        for placement in placements:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            links.append(PersonalLink(placement.participant.reference, token))
            tickets.append(
                FeedbackTicket(
                    token_hmac=token_hmac(token),
                    wave=wave,
                    provider_id=placement.provider_organisation.provider.pk,
                    stratum=strata[placement.pk],
                )
            )
        invitations = [
            FeedbackInvitation(
                wave=wave,
                participant_id=placement.participant_id,
                provider_id=placement.provider_organisation.provider.pk,
            )
            for placement in placements
        ]
        # Three orders that have nothing to do with each other.
        for rows in (links, tickets, invitations):
            _shuffle(rows)
        FeedbackInvitation.objects.bulk_create(invitations)
        FeedbackTicket.objects.bulk_create(tickets)
        wave.state, wave.invited_date = WaveState.OPEN, clock.today()
        wave.save(update_fields=["state", "invited_date"])
        _audit(actor, "feedback_wave.invited", wave, before)
    return links


def wave_close(*, actor: Actor, wave: FeedbackWave) -> FeedbackWave:
    """Ends the round: links stop working and all waiting answers join the others."""
    policies.require_manage_wave(actor, wave.organisation_id)
    with transaction.atomic():
        wave = lock_row(FeedbackWave.objects.all(), wave.pk)
        _require_transition(wave, WaveState.CLOSED)
        before = snapshot(wave, AUDITED)
        FeedbackTicket.objects.filter(wave=wave).delete()
        _flush(FeedbackPending.objects.filter(wave=wave))
        wave.state = WaveState.CLOSED
        wave.save(update_fields=["state"])
        _audit(actor, "feedback_wave.closed", wave, before)
    return wave


def token_hmac(token: str) -> str:
    return salted_hmac(TOKEN_SALT, token, algorithm="sha256").hexdigest()


def ticket_open(*, token: str = "", hmac: str = "") -> Ticket:
    """The round that a link (or its HMAC) opens; wrong, used and expired give the same error."""
    ticket = (
        FeedbackTicket.objects.filter(_usable(), token_hmac=hmac or token_hmac(token.strip()))
        .select_related("wave", "provider__organisation")
        .first()
    )
    if ticket is None:
        raise TicketUnusableError
    return Ticket(ticket.token_hmac, ticket.wave, str(ticket.provider))


def feedback_submit(
    *,
    hmac: str,
    language: str,
    channel: FeedbackChannel,
    answers: Mapping[str, int | None],
    remark: str = "",
) -> None:
    """Takes the answers and ends the link, both or neither; anonymous, so there is no actor.

    `answers` holds every core question: a code 1 to 5, or None for "no opinion". Nothing is logged.
    """
    faults = questionnaire.faults_of(answers)
    if len(remark) > MAX_REMARK:
        faults.append(
            Violation("remark", "too_long", questionnaire.text(language, "remark_too_long"))
        )
    if faults:
        raise AnswersInvalidError(violations=faults)
    given = {code: answer for code, answer in answers.items() if answer is not None}
    with transaction.atomic():
        ticket = (
            FeedbackTicket.objects.select_for_update(of=("self",))
            .filter(_usable(), token_hmac=hmac)
            .first()
        )
        if ticket is None:
            raise TicketUnusableError
        ticket.delete()
        FeedbackPending.objects.create(
            wave_id=ticket.wave_id,
            provider_id=ticket.provider_id,
            stratum=ticket.stratum,
            language=language,
            channel=channel,
            answers=given,
            core_sum=sum(given.values()),
            core_count=len(given),
            remark=remark.strip(),
        )
        waiting = FeedbackPending.objects.select_for_update(skip_locked=True).filter(
            wave=ticket.wave_id, provider=ticket.provider_id
        )
        if len(waiting) >= BATCH_SIZE:
            _flush(waiting)


def _usable() -> Q:
    today = clock.today()
    return Q(wave__state=WaveState.OPEN, wave__opens_date__lte=today, wave__closes_date__gte=today)


def _flush(pending: "object") -> None:
    """Moves waiting answers to the responses in random order, and open answers apart from them."""
    rows: list[FeedbackPending] = list(pending)  # type: ignore[call-overload]
    responses = [
        FeedbackResponse(
            wave_id=row.wave_id,
            provider_id=row.provider_id,
            stratum=row.stratum,
            language=row.language,
            channel=row.channel,
            answers=row.answers,
            core_sum=row.core_sum,
            core_count=row.core_count,
        )
        for row in rows
    ]
    remarks = [
        FeedbackRemark(
            wave_id=row.wave_id, provider_id=row.provider_id, language=row.language, text=row.remark
        )
        for row in rows
        if row.remark
    ]
    _shuffle(responses)
    _shuffle(remarks)
    FeedbackResponse.objects.bulk_create(responses)
    FeedbackRemark.objects.bulk_create(remarks)
    FeedbackPending.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _require_transition(wave: FeedbackWave, state: WaveState) -> None:
    if state not in WAVE_TRANSITIONS[WaveState(wave.state)]:
        raise WaveStateError


def _audit(
    actor: Actor, action: str, wave: FeedbackWave, before: Mapping[str, object] | None
) -> None:
    record(
        actor=actor,
        action=action,
        subject=wave,
        before=before,
        after=snapshot(wave, AUDITED),
        organisation_ids=[wave.organisation_id],
    )


def _invited_placements(wave: FeedbackWave) -> list[Placement]:
    """One placement per person: the newest that has lasted long enough."""
    members = RegionMembership.objects.on(wave.opens_date).filter(region=wave.organisation_id)
    asked_enough = (
        FeedbackInvitation.objects.filter(
            wave__opens_date__gt=wave.opens_date - timedelta(days=365)
        )
        .values("participant")
        .annotate(times=Count("pk"))
        .filter(times__gte=MAX_PER_YEAR)
    )
    placements = (
        Placement.objects.filter(
            Q(municipality=wave.organisation_id)
            | Q(municipality__in=members.values("municipality")),
            state__in=ROSTER_STATES,
        )
        .exclude(participant__in=asked_enough.values("participant"))
        .annotate(
            since=Coalesce("start_date", "intake_moment__start_date"),
            until=Coalesce("end_date", "intake_moment__end_date"),
        )
        .filter(
            since__lte=wave.opens_date - timedelta(weeks=WEEKS_BEFORE_FIRST),
            until__gte=wave.opens_date - timedelta(days=DAYS_AFTER_END),
        )
        .select_related("participant", "provider_organisation__provider", "need__pip")
        .order_by("participant_id", F("since").desc(), "-pk")
        .distinct("participant_id")
    )
    return list(placements)


def _strata(wave: FeedbackWave, placements: list[Placement]) -> dict[int, str]:
    """Route, literacy and time in the course, as coarse as ten invited people per group need."""
    strata: dict[int, str] = {}
    by_provider = sorted(placements, key=lambda one: one.provider_organisation_id)
    for _provider, group in groupby(by_provider, key=lambda one: one.provider_organisation_id):
        strata |= coarse_strata(
            {
                one.pk: (
                    one.need.pip.route,
                    one.need.pip.literacy,
                    "long" if wave.opens_date - one.since >= MONTHS_SPLIT else "short",  # type: ignore[attr-defined]
                )
                for one in group
            }
        )
    return strata
