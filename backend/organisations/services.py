"""Creating organisations, loading geography and keeping region membership."""

from datetime import date
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backend.audit import public as audit
from backend.common.errors import InvalidError, NotAllowedError, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.errors import (
    OrganisationExistsError,
    OrganisationKindError,
    RegionMembershipOverlapError,
    RegionPeriodError,
)
from backend.organisations.geography import MunicipalityFacts, municipalities
from backend.organisations.models import Municipality, Organisation, PrivacyText, RegionMembership
from backend.organisations.permissions import Permission

LONGEST_PRIVACY_TEXT = 4000
MEMBER_FIELDS = ("region", "municipality", "valid_from", "valid_to")
GEOGRAPHY_FIELDS = ["province", "labour_market_region", "latitude", "longitude"]


class Rights(Protocol):
    """What organisations need of an actor; accounts, one floor up, has the real one."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    def require(self, permission: Permission, organisation_id: int) -> None: ...


def organisation_create(
    *, actor: Rights, kind: OrganisationKind, code: str, name: str
) -> Organisation:
    """A new organisation. Only the system itself may: nobody has rights on what does not exist.

    Raises OrganisationExistsError, InvalidError and NotAllowedError.
    """
    _only_system(actor)
    organisation = Organisation(kind=kind, code=code, name=name.strip())
    with transaction.atomic():
        try:
            organisation.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise InvalidError(violations=_violations(error)) from error
        try:
            with transaction.atomic():
                organisation.save()
        except IntegrityError as error:
            raise OrganisationExistsError from error
        audit.record(
            actor=actor,
            action="organisation.created",
            subject=organisation,
            after=audit.snapshot(organisation, ["kind", "code", "name"]),
            organisation_ids=[organisation.pk],
        )
    return organisation


def geography_load(*, actor: Rights) -> int:
    """Makes the 342 municipalities of 2026 exist as shipped; the number of them that changed.

    Repeatable: a second run changes nothing. Municipalities that are not in the list stay as they
    are, because history refers to them.
    """
    _only_system(actor)
    changed = 0
    with transaction.atomic():
        existing = {
            one.cbs_code: one for one in Municipality.objects.select_related("organisation")
        }
        for facts in municipalities():
            changed += _municipality_put(actor, facts, existing.get(facts.cbs_code))
    return changed


def region_member_add(
    *,
    actor: Rights,
    region: Organisation,
    municipality: Organisation,
    valid_from: date,
    valid_to: date | None = None,
) -> RegionMembership:
    """The municipality buys together with the region from `valid_from` on.

    Needs the right to manage accounts at both, because the region's people will see the
    municipality's waiting list. Raises OrganisationKindError, RegionPeriodError and
    RegionMembershipOverlapError.
    """
    _may_change_members(actor, region, municipality)
    if (region.kind, municipality.kind) != (OrganisationKind.REGION, OrganisationKind.MUNICIPALITY):
        raise OrganisationKindError
    if valid_to is not None and valid_to < valid_from:
        raise RegionPeriodError
    with transaction.atomic():
        try:
            with transaction.atomic():
                membership = RegionMembership.objects.create(
                    region=region,
                    municipality=municipality,
                    valid_from=valid_from,
                    valid_to=valid_to,
                )
        except IntegrityError as error:
            raise RegionMembershipOverlapError from error
        audit.record(
            actor=actor,
            action="region_membership.added",
            subject=membership,
            after=audit.snapshot(membership, MEMBER_FIELDS),
            organisation_ids=[region.pk, municipality.pk],
        )
    return membership


def region_member_end(
    *, actor: Rights, membership: RegionMembership, last_day: date, reason: str = ""
) -> RegionMembership:
    """The municipality leaves the region after `last_day`. Raises RegionPeriodError."""
    _may_change_members(actor, membership.region, membership.municipality)
    with transaction.atomic():
        membership = RegionMembership.objects.select_for_update().get(pk=membership.pk)
        if last_day < membership.valid_from:
            raise RegionPeriodError
        before = audit.snapshot(membership, MEMBER_FIELDS)
        membership.valid_to = last_day
        try:
            with transaction.atomic():
                membership.save(update_fields=["valid_to"])
        except IntegrityError as error:
            raise RegionMembershipOverlapError from error
        audit.record(
            actor=actor,
            action="region_membership.ended",
            subject=membership,
            before=before,
            after=audit.snapshot(membership, MEMBER_FIELDS),
            reason=reason,
            organisation_ids=[membership.region_id, membership.municipality_id],
        )
    return membership


@transaction.atomic
def privacy_text_set(*, actor: Rights, organisation: Organisation, text: str) -> None:
    """What the organisation says about personal details; an empty text takes it away.

    Raises NotAllowedError and InvalidError.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    text = text.strip()
    if len(text) > LONGEST_PRIVACY_TEXT:
        raise InvalidError(
            violations=[Violation("privacy_text", "too_long", _("Use at most 4,000 characters."))]
        )
    before = PrivacyText.objects.select_for_update().filter(organisation=organisation).first()
    if text == (before.text if before else ""):
        return
    if text:
        PrivacyText.objects.update_or_create(organisation=organisation, defaults={"text": text})
    else:
        PrivacyText.objects.filter(organisation=organisation).delete()
    audit.record(
        actor=actor,
        action="privacy_text.set",
        subject=organisation,
        before={"text": before.text} if before else None,
        after={"text": text},
        organisation_ids=[organisation.pk],
    )


def municipality_load(*, actor: Rights, cbs_code: str) -> Organisation | None:
    """The municipality of the shipped list with this code, made when it was not there yet."""
    _only_system(actor)
    known = Municipality.objects.select_related("organisation").filter(cbs_code=cbs_code).first()
    facts = next((one for one in municipalities() if one.cbs_code == cbs_code), None)
    if known is None and facts is not None:
        with transaction.atomic():
            _municipality_put(actor, facts, None)
        known = Municipality.objects.select_related("organisation").get(cbs_code=cbs_code)
    return known.organisation if known else None


def _municipality_put(
    actor: Rights, facts: MunicipalityFacts, existing: Municipality | None
) -> bool:
    """Writes one municipality where it differs; whether it did."""
    wanted = {name: getattr(facts, name) for name in GEOGRAPHY_FIELDS}
    if existing is None:
        organisation = organisation_create(
            actor=actor, kind=OrganisationKind.MUNICIPALITY, code=facts.cbs_code, name=facts.name
        )
        Municipality.objects.create(organisation=organisation, cbs_code=facts.cbs_code, **wanted)
        return True
    current = {name: getattr(existing, name) for name in GEOGRAPHY_FIELDS}
    renamed = existing.organisation.name != facts.name
    if current == wanted and not renamed:
        return False
    audit.record(
        actor=actor,
        action="municipality.updated",
        subject=existing.organisation,
        before={**current, "name": existing.organisation.name},
        after={**wanted, "name": facts.name},
        organisation_ids=[existing.pk],
    )
    Municipality.objects.filter(pk=existing.pk).update(**wanted)
    Organisation.objects.filter(pk=existing.pk).update(name=facts.name)
    return True


def _only_system(actor: Rights) -> None:
    if actor.kind != "system":
        raise NotAllowedError


def _may_change_members(actor: Rights, region: Organisation, municipality: Organisation) -> None:
    actor.require(Permission.MANAGE_ACCOUNTS, region.pk)
    actor.require(Permission.MANAGE_ACCOUNTS, municipality.pk)


def _violations(error: ValidationError) -> list[Violation]:
    return [
        Violation(field=field, code=str(fault.code or "invalid"), message=fault.messages[0])
        for field, faults in error.error_dict.items()
        for fault in faults
    ]
