"""Bodies of the commands of matching; rules stay in the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer, ReferenceField
from backend.common.codes import (
    SLOT_CODES,
    Component,
    LearningRoute,
    Level,
    Literacy,
    TargetGroup,
)
from backend.organisations.public import Organisation, Permission, municipality_by_cbs_code
from matching.api.references import QuickReference, QuickReferencesSerializer
from matching.choices import PipLevel
from matching.code_lists import REFUSALS, STOPS, WITHDRAWALS
from matching.models import MatchRecord, Need, Participant
from matching.services.placement_rules import OVERRULABLE
from providers.models import IntakeMoment

LONGEST_NOTE = 400
LONGEST_MOTIVATION = 1000


class MunicipalityField(serializers.CharField):
    """A municipality by its CBS code; an unknown one is a fault of this field."""

    default_error_messages = {
        "unknown_municipality": _("There is no municipality with this CBS code. Use four digits."),
    }

    def to_internal_value(self, data: Any) -> Any:
        found = municipality_by_cbs_code(super().to_internal_value(data))
        if found is None:
            self.fail("unknown_municipality")
        return found.organisation


class RoutableOrganisationField(serializers.UUIDField):
    """A municipality or region for which the actor may route everybody at once."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it."),
    }

    def to_internal_value(self, data: Any) -> Any:
        actor = actor_of(self.context["request"])
        found = Organisation.objects.filter(
            uuid=super().to_internal_value(data),
            pk__in=actor.with_permission(Permission.RUN_BATCH),
        ).first()
        if found is None:
            self.fail("unknown_reference")
        return found


class IdentityInput(PassendSerializer):
    given_name = serializers.CharField(max_length=80)
    family_name = serializers.CharField(max_length=80)
    birth_date = serializers.DateField(required=False, allow_null=True)
    language = serializers.CharField(max_length=3, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)


class ParticipantInput(PassendSerializer):
    municipality = MunicipalityField()
    reference = serializers.CharField(max_length=40)
    obligation_start_date = serializers.DateField()
    settlement_date = serializers.DateField()
    notified_at_date = serializers.DateField()
    target_group = serializers.ChoiceField(choices=TargetGroup.choices)
    first_pip_date = serializers.DateField(required=False, allow_null=True)
    term_start_date = serializers.DateField(required=False, allow_null=True)
    term_end_date = serializers.DateField(required=False, allow_null=True)
    identity = IdentityInput(required=False)


class PipInput(PassendSerializer):
    participant = ReferenceField(Participant)
    decision_date = serializers.DateField()
    route = serializers.ChoiceField(choices=LearningRoute.choices)
    level = serializers.ChoiceField(choices=PipLevel.choices, required=False)
    literacy = serializers.ChoiceField(choices=Literacy.choices)
    estimated_hours = serializers.IntegerField(
        min_value=1, max_value=9999, required=False, allow_null=True
    )
    downscale_hours = serializers.IntegerField(
        min_value=1,
        max_value=9999,
        required=False,
        allow_null=True,
        help_text="Course hours followed, for a new version from B1 to A2 (Besluit art. 5.5).",
    )
    may_finish_education = serializers.BooleanField(required=False)
    entry_level = serializers.ChoiceField(choices=Level.choices)
    hours_per_week = serializers.IntegerField(min_value=1, max_value=40)
    availability = serializers.ListField(
        child=serializers.ChoiceField(choices=[(code, code) for code in SLOT_CODES]),
        max_length=len(SLOT_CODES),
    )
    postcode4 = serializers.RegexField(r"^[1-9][0-9]{3}$", required=False)
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False)
    max_travel_km = serializers.IntegerField(
        min_value=1, max_value=500, required=False, allow_null=True
    )
    accepts_online = serializers.BooleanField(required=False)
    needs_childcare = serializers.BooleanField(required=False)
    needs_wheelchair_access = serializers.BooleanField(required=False)
    earliest_start_date = serializers.DateField()
    latest_start_date = serializers.DateField()


class RecommendationInput(PassendSerializer):
    """Without a component the leerroute of the PIP, or else the first component that waits."""

    component = serializers.ChoiceField(choices=Component.choices, required=False)


class MatchRunInput(PassendSerializer):
    organisation = RoutableOrganisationField()


def overruled_rules_field() -> serializers.ListField:
    """The rules that `overruleReason` sets aside; a rule that fails and is not named refuses."""
    return serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(OVERRULABLE)), required=False
    )


class ProposalAcceptInput(PersonalTextInput, PassendSerializer):
    """`intakeMoment` chooses another place than the proposed one.

    Without `offer` the place is offered to the provider; `false` only holds the seat.
    """

    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION)
    offer = serializers.BooleanField(required=False)
    intake_moment = ReferenceField(IntakeMoment, required=False)
    overruled_rules = overruled_rules_field()
    overrule_reason = PersonalTextField(max_length=LONGEST_NOTE, required=False)


class PlacementInput(PersonalTextInput, QuickReferencesSerializer):
    """`offer` asks the provider at once; otherwise the seat is held for the policy's hours."""

    need = QuickReference(Need, "municipality_id", "pip_id")
    intake_moment = QuickReference(IntakeMoment)
    match_record = QuickReference(MatchRecord, "need_id", required=False)
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION, required=False)
    overruled_rules = overruled_rules_field()
    overrule_reason = PersonalTextField(max_length=LONGEST_NOTE, required=False)
    offer = serializers.BooleanField(required=False)
    message_id = serializers.UUIDField(required=False)


class MotivationInput(PersonalTextInput, PassendSerializer):
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION)


def reason_field(key: str) -> serializers.CharField:
    """A code of a list that the service checks for the day on which the place was held."""
    return serializers.CharField(
        max_length=40,
        help_text=f"A code of `/code-lists/{key}` that held on the day the place was held.",
    )


class StepInput(PassendSerializer):
    """`messageId` is the sender's own number: the same number again changes nothing."""

    message_id = serializers.UUIDField(required=False)


class OfferInput(PersonalTextInput, StepInput):
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION, required=False)


class RefuseInput(PersonalTextInput, StepInput):
    reason = reason_field(REFUSALS)
    note = PersonalTextField(max_length=LONGEST_NOTE, required=False)


class WithdrawInput(PersonalTextInput, StepInput):
    reason = reason_field(WITHDRAWALS)
    note = PersonalTextField(max_length=LONGEST_NOTE, required=False)


class TransferInput(PersonalTextInput, PassendSerializer):
    """Where the person goes; `lastDay` is for a place that runs, without it today."""

    intake_moment = ReferenceField(IntakeMoment)
    last_day = serializers.DateField(required=False)
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION, required=False)
    approval = PersonalTextField(
        max_length=300, required=False, help_text="Reference of the written approval (R-KEU-3)."
    )
    overruled_rules = overruled_rules_field()
    overrule_reason = PersonalTextField(max_length=LONGEST_NOTE, required=False)


class StartInput(StepInput):
    start_date = serializers.DateField()


class StopInput(PersonalTextInput, StepInput):
    end_date = serializers.DateField()
    reason = reason_field(STOPS)
    note = PersonalTextField(max_length=LONGEST_NOTE, required=False)
