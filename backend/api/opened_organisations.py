"""Opening an organisation over the API, and how its people log in (journey J12)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.accounts.models import LANGUAGES
from backend.accounts.public import (
    Found,
    Membership,
    Role,
    SignOn,
    SignOnData,
    organisation_lookup,
    organisation_open,
    redirect_url,
    regions_that_onboard,
    single_sign_on_of,
    single_sign_on_set,
)
from backend.api.answers import Answer, object_answer, unless_known
from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import PassendViewSet
from backend.common.errors import NotFoundError
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.organisations.public import privacy_text_set, privacy_texts_of

MANAGE = Permission.MANAGE_ACCOUNTS
KINDS = OrganisationKind.choices


class OwnRegionField(serializers.UUIDField):
    """A region whose accounts the actor manages."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it."),
    }

    def to_internal_value(self, data: Any) -> Any:
        actor = actor_of(self.context["request"])
        found = regions_that_onboard(actor).filter(uuid=super().to_internal_value(data)).first()
        if found is None:
            self.fail("unknown_reference")
        return found


class GroupRole(PassendSerializer):
    """Whoever is in the group at the identity provider has the role here."""

    group = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(Role.choices)


class SignOnInput(PassendSerializer):
    """OpenID Connect; the discovery document of `issuer` is read before anything is saved."""

    issuer = serializers.CharField(max_length=300)
    client_id = serializers.CharField(max_length=190)
    secret = serializers.CharField(
        max_length=300, required=False, help_text="Never shown. Left out: the known one stays."
    )
    trusts_email = serializers.BooleanField(required=False)
    group_claim = serializers.CharField(max_length=60, required=False)
    group_roles = GroupRole(many=True, required=False)


class SignOnSerializer(PassendSerializer):
    """Without the secret; `redirectUrl` is what the identity provider must know."""

    issuer = serializers.CharField()
    client_id = serializers.CharField()
    trusts_email = serializers.BooleanField()
    group_claim = serializers.CharField()
    group_roles = GroupRole(many=True)
    redirect_url = serializers.CharField()


class FoundSerializer(PassendSerializer):
    """What is known of a number; an empty name is a provider that nobody has registered yet."""

    kind = serializers.ChoiceField(KINDS)
    number = serializers.CharField()
    name = serializers.CharField()
    is_open = serializers.BooleanField()


class OpenedSerializer(PassendSerializer):
    """An organisation that works with Passend, and its administrators of today."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)
    code = serializers.CharField()
    name = serializers.CharField()
    redirect_url = serializers.CharField()


class OpenInput(PassendSerializer):
    """Everything that the first working day of an organisation needs."""

    region = OwnRegionField(help_text="The region whose administrator opens it.")
    kind = serializers.ChoiceField(KINDS)
    number = serializers.CharField(
        max_length=12, help_text="CBS code of a municipality; Blik op Werk or KvK number."
    )
    name = serializers.CharField(
        max_length=200, required=False, help_text="Needed for a provider that is not known yet."
    )
    full_name = serializers.CharField(max_length=150, help_text="Of the first administrator.")
    email = serializers.EmailField(help_text="Where the invitation goes.")
    language = serializers.ChoiceField(LANGUAGES, required=False)
    roles = serializers.ListField(
        child=serializers.ChoiceField(Role.choices), required=False, max_length=10
    )
    member_from = serializers.DateField(
        required=False, help_text="A municipality buys together with the region from this day on."
    )
    privacy_text = serializers.CharField(required=False, max_length=4000)
    single_sign_on = SignOnInput(required=False)


class OrganisationLookupViewSet(PassendViewSet):
    """What is known of a number, before an organisation is opened."""

    model = Organisation
    serializer_class = FoundSerializer
    required_permission = MANAGE

    def retrieve(self, request: Request, kind: str, number: str) -> HttpResponse:
        """The name, and whether somebody administers it already."""
        found: Found = organisation_lookup(actor=self.actor, kind=kind, number=number)
        return unless_known(request, object_answer(FoundSerializer(found).data)).response()


class OpenedOrganisationsViewSet(PassendViewSet):
    """Opening Passend for an organisation in one request."""

    model = Organisation
    serializer_class = OpenedSerializer
    required_permission = MANAGE
    input_serializers = {"create": OpenInput}

    def create(self, request: Request) -> HttpResponse:
        """The organisation, its first administrator with an invitation, and how people log in."""

        def work() -> Answer:
            data = self.validated(request)
            sign_on = data.pop("single_sign_on", None)
            user = organisation_open(
                actor=self.actor, sign_on=_sign_on(sign_on) if sign_on else None, **data
            )
            opened = Membership.objects.select_related("organisation").filter(user=user)[0]
            return _opened(opened.organisation)

        return self.run_once(request, work)


class SingleSignOnViewSet(PassendViewSet):
    """How people of an organisation log in with their work account."""

    model = Organisation
    serializer_class = SignOnSerializer
    required_permission = MANAGE
    input_serializers = {"create": SignOnInput}
    created_actions = ()

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """Without the secret; 404 where there is no single sign-on."""
        known = single_sign_on_of(actor=self.actor, organisation=self.organisation(id))
        if known is None:
            raise NotFoundError
        return unless_known(request, _shown(known)).response()

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Enters or replaces it."""

        def work() -> Answer:
            organisation = self.organisation(id)
            data = _sign_on(self.validated(request))
            return _shown(
                single_sign_on_set(actor=self.actor, organisation=organisation, data=data)
            )

        return self.run_once(request, work)

    def organisation(self, id: UUID) -> Organisation:
        return _own(self.actor, id)


class PrivacyTextSerializer(PassendSerializer):
    privacy_text = serializers.CharField(allow_blank=True, max_length=4000)


class PrivacyTextViewSet(PassendViewSet):
    """What an organisation says about personal details to its users and inburgeraars."""

    model = Organisation
    serializer_class = PrivacyTextSerializer
    required_permission = MANAGE
    input_serializers = {"create": PrivacyTextSerializer}
    created_actions = ()

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The text, or an empty one."""
        return unless_known(request, _privacy(_own(self.actor, id))).response()

    @extend_schema(request=PrivacyTextSerializer)
    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Replaces the text; an empty one takes it away."""

        def work() -> Answer:
            organisation = _own(self.actor, id)
            text = self.validated(request)["privacy_text"]
            privacy_text_set(actor=self.actor, organisation=organisation, text=text)
            return _privacy(organisation)

        return self.run_once(request, work)


def _own(actor: Any, uuid: UUID) -> Organisation:
    found = Organisation.objects.of(actor.with_permission(MANAGE)).filter(uuid=uuid).first()
    if found is None:
        raise NotFoundError
    return found


def _opened(organisation: Organisation) -> Answer:
    content = {
        "id": organisation.uuid,
        "kind": organisation.kind,
        "code": organisation.code,
        "name": organisation.name,
        "redirect_url": redirect_url(organisation),
    }
    location = f"{API_BASE_PATH}/organisations/{organisation.kind}/{organisation.code}"
    return object_answer(OpenedSerializer(content).data, 201, {"Location": location})


def _privacy(organisation: Organisation) -> Answer:
    found = privacy_texts_of([organisation.pk])
    return object_answer({"privacyText": found[0][1] if found else ""})


def _sign_on(data: dict[str, Any]) -> SignOnData:
    groups = {one["group"]: one["role"] for one in data.pop("group_roles", ())}
    return SignOnData(**data, roles_by_group=groups)


def _shown(known: SignOn) -> Answer:
    roles = [{"group": group, "role": role} for group, role in known.roles_by_group.items()]
    content = {
        "issuer": known.issuer,
        "client_id": known.client_id,
        "trusts_email": known.trusts_email,
        "group_claim": known.group_claim,
        "group_roles": roles,
        "redirect_url": known.redirect_url,
    }
    return object_answer(SignOnSerializer(content).data)
