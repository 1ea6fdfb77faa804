"""How long personal details stay: as long as the policy of the municipality says, and no longer.

Counted from the end of the obligation, or from the day on which the person moved away. What names
or describes the person goes; what was decided, paid and measured stays, without a way back.
"""

from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    DateField,
    Exists,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Least

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record
from backend.common import clock
from backend.common.locks import lock_row
from backend.organisations.public import Municipality
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import (
    Completion,
    DuoMessage,
    Participant,
    ParticipantIdentity,
    PersonalLink,
    Pip,
    PipAgreements,
    Placement,
    PlacementResponse,
    ProgressTalk,
)
from matching.selectors.policy import default_policy, policy_in_force

RETENTION_TOPIC = "matching.forget_people"
AT_ONCE = 500


def with_removal_day(people: QuerySet[Any]) -> QuerySet[Any]:
    """People whose end is known, with `ended_on` and `remove_on` by today's policies.

    Who has a place that runs is not among them, nor who was forgotten already.
    """
    today = clock.today()
    municipalities = set(people.order_by().values_list("municipality", flat=True).distinct())
    months = Case(
        *(
            When(
                municipality=key,
                then=Value(policy_in_force(organisation_id=key, on=today).retention_months),
            )
            for key in sorted(municipalities)
        ),
        default=Value(default_policy().retention_months),
        output_field=IntegerField(),
    )
    running = Placement.objects.filter(
        participant=OuterRef("pk"), state__in=sorted(OPEN_PLACEMENT_STATES)
    )
    ended = Least("obligation_end_date", "moved_out_date")
    return (
        people.filter(forgotten_at__isnull=True)
        .annotate(ended_on=ended)
        .filter(ended_on__isnull=False)
        .exclude(Exists(running))
        .annotate(
            remove_on=Func(
                ended,
                months,
                template="((%(expressions)s))::date)",
                arg_joiner=" + make_interval(months => ",
                output_field=DateField(),
            )
        )
    )


def people_forget_due() -> int:
    """Forgets everybody whose day has come, each in an own transaction; how many.

    Run every night. Twice changes nothing.
    """
    due = (
        with_removal_day(Participant.objects.all())
        .filter(remove_on__lte=clock.today())
        .order_by("pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    actor = system_actor("retention", {})
    return sum(_forget(actor, pk) for pk in list(due))


@transaction.atomic
def _forget(actor: Actor, pk: int) -> bool:
    person = lock_row(Participant.objects.all(), pk)
    still_due = with_removal_day(Participant.objects.filter(pk=pk)).filter(
        remove_on__lte=clock.today()
    )
    if not still_due.exists():
        return False
    removed = {
        "identity": ParticipantIdentity.objects.filter(participant=person).delete()[0],
        "responses": PlacementResponse.objects.filter(placement__participant=person).delete()[0],
        "links": PersonalLink.objects.filter(placement__participant=person).delete()[0],
        "duo_messages": DuoMessage.objects.filter(participant=person).delete()[0],
        "agreements": PipAgreements.objects.filter(participant=person).delete()[0],
        "completions": Completion.objects.filter(participant=person).delete()[0],
        "talks": ProgressTalk.objects.filter(participant=person).delete()[0],
        "motivations": Placement.objects.filter(participant=person)
        .exclude(motivation="")
        .update(motivation=""),
    }
    centre = Municipality.objects.get(organisation=person.municipality_id)
    Pip.objects.filter(participant=person).update(
        postcode4="", latitude=centre.latitude, longitude=centre.longitude
    )
    person.reference = f"verwijderd-{str(person.uuid)[:13]}"
    person.forgotten_at = clock.now()
    person.save(update_fields=["reference", "forgotten_at"])
    record(
        actor=actor,
        action="participant.forgotten",
        subject=person,
        after={name: number for name, number in removed.items() if number},
        organisation_ids=[person.municipality_id],
    )
    return True
