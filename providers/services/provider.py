"""Registering providers, their recognition over time, and their locations.

Everything is entered in bulk: one provider is a list of one. All violations of all rows are
reported together, with the number of the row in front of the field.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.audit.bulk import Change, record_many
from backend.common import events
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.querysets import holds_on
from providers.choices import MARK_STATUSES_IN_FORCE
from providers.events import MarkStatusChanged
from providers.models import Location, Provider, QualityMark
from providers.policies import require_manage_catalogue, require_register_providers
from providers.services.drafts import LocationDraft, ProviderDraft
from providers.services.entering import BATCH_SIZE, record_rows, repeated_codes, row_prefix

PROVIDER_FIELDS = ("kvk_number", "duo_number", "bow_number", "brin", "email", "phone", "website")
LOCATION_FIELDS = ("code", "name", "place", "postcode", "wheelchair_accessible", "childcare")
MARK_FIELDS = ("kind", "status", "valid_from", "valid_to", "source")


@transaction.atomic
def providers_register(*, actor: Actor, drafts: Sequence[ProviderDraft]) -> list[Provider]:
    """New providers with their organisations, in the order given; all or none.

    Raises InvalidError for wrong fields and for a code or DUO number that is known already.
    """
    require_register_providers(actor)
    organisations = [
        Organisation(kind=OrganisationKind.PROVIDER, name=one.name.strip(), code=one.code)
        for one in drafts
    ]
    providers = [
        Provider(organisation=organisation, **_without(one, {"name", "code"}))
        for organisation, one in zip(organisations, drafts, strict=True)
    ]
    faults: list[Violation] = []
    for number, (organisation, provider) in enumerate(zip(organisations, providers, strict=True)):
        prefix = row_prefix("providers", number, len(drafts))
        faults += field_violations(organisation, prefix) + field_violations(provider, prefix)
    faults += _known_providers(drafts)
    if faults:
        raise InvalidError(violations=faults)
    Organisation.objects.bulk_create(organisations, batch_size=BATCH_SIZE)
    Provider.objects.bulk_create(providers, batch_size=BATCH_SIZE)
    record_many(
        actor=actor,
        action="provider.registered",
        changes=[
            Change(
                provider,
                after=audit.snapshot(provider, PROVIDER_FIELDS),
                organisation_ids=(provider.organisation_id,),
            )
            for provider in providers
        ],
    )
    return providers


def provider_register(*, actor: Actor, draft: ProviderDraft) -> Provider:
    """One new provider; see `providers_register`."""
    return providers_register(actor=actor, drafts=[draft])[0]


@transaction.atomic
def provider_update(
    *, actor: Actor, provider: Provider, name: str | None = None, **fields: str
) -> Provider:
    """The provider with another name, other numbers or contact details.

    A provider's planner keeps its contact details; name and register numbers belong to whoever
    may register providers.
    """
    registered = {"kvk_number", "duo_number", "bow_number", "brin"} & fields.keys()
    if name is not None or registered:
        require_register_providers(actor)
    else:
        require_manage_catalogue(actor, provider)
    before = audit.snapshot(provider, PROVIDER_FIELDS)
    for field, value in fields.items():
        setattr(provider, field, value)
    organisation = provider.organisation
    if name is not None:
        before["name"] = organisation.name
        organisation.name = name.strip()
    faults = field_violations(provider) + field_violations(organisation)
    if faults:
        raise InvalidError(violations=faults)
    provider.save(update_fields=list(fields) or None)
    organisation.save(update_fields=["name"])
    audit.record(
        actor=actor,
        action="provider.updated",
        subject=provider,
        before=before,
        after={**audit.snapshot(provider, PROVIDER_FIELDS), "name": organisation.name},
        organisation_ids=[provider.organisation_id],
    )
    return provider


@transaction.atomic
def quality_mark_record(
    *,
    actor: Actor,
    provider: Provider,
    kind: str,
    status: str,
    valid_from: date,
    valid_to: date | None = None,
    source: str = "",
) -> QualityMark:
    """From `valid_from` on the recognition has this status; what held before ends the day before.

    Periods that began on or after `valid_from` are replaced, so that recording the same fact
    twice changes nothing. Publishes MarkStatusChanged (R-KEU-1, R-KEU-2).
    """
    require_register_providers(actor)
    mark = QualityMark(
        provider=provider,
        kind=kind,
        status=status,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
    )
    faults = field_violations(mark)
    if valid_to is not None and valid_to < valid_from:
        faults.append(
            Violation(
                "valid_to",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    # One mark at a time per provider, so that two statuses never overlap.
    Provider.objects.select_for_update().get(pk=provider.pk)
    earlier = QualityMark.objects.filter(provider=provider, kind=kind)
    same = earlier.filter(
        status=status, valid_from=valid_from, valid_to=valid_to, source=source
    ).first()
    if same is not None and not earlier.filter(valid_from__gt=valid_from).exists():
        return same
    earlier.filter(valid_from__gte=valid_from).delete()
    for open_mark in earlier.filter(holds_on(valid_from)):
        open_mark.valid_to = valid_from - timedelta(days=1)
        open_mark.save(update_fields=["valid_to"])
    mark.save()
    audit.record(
        actor=actor,
        action="quality_mark.recorded",
        subject=mark,
        after=audit.snapshot(mark, MARK_FIELDS),
        organisation_ids=[provider.organisation_id],
    )
    events.publish(MarkStatusChanged(provider.pk, kind, status, valid_from))
    return mark


def mark_in_force(provider_id: int, kind: str, day: date) -> bool:
    """The recognition allows placements on `day`."""
    return (
        QualityMark.objects.filter(holds_on(day), provider=provider_id, kind=kind)
        .filter(status__in=MARK_STATUSES_IN_FORCE)
        .exists()
    )


@transaction.atomic
def locations_add(
    *, actor: Actor, provider: Provider, drafts: Sequence[LocationDraft]
) -> list[Location]:
    """New locations of one provider, in the order given; all or none."""
    require_manage_catalogue(actor, provider)
    locations = [Location(provider=provider, **_fields(one)) for one in drafts]
    faults = [
        fault
        for number, location in enumerate(locations)
        for fault in field_violations(location, row_prefix("locations", number, len(drafts)))
        + coordinate_faults(location, row_prefix("locations", number, len(drafts)))
    ]
    known = set(provider.locations.values_list("code", flat=True))
    faults += repeated_codes([one.code for one in drafts], known, "locations")
    if faults:
        raise InvalidError(violations=faults)
    Location.objects.bulk_create(locations, batch_size=BATCH_SIZE)
    record_rows(actor, "location.added", locations, LOCATION_FIELDS, provider)
    return locations


def location_add(*, actor: Actor, provider: Provider, draft: LocationDraft) -> Location:
    """One new location; see `locations_add`."""
    return locations_add(actor=actor, provider=provider, drafts=[draft])[0]


def coordinate_faults(location: Location, prefix: str) -> list[Violation]:
    if -90 <= location.latitude <= 90 and -180 <= location.longitude <= 180:
        return []
    return [
        Violation(
            prefix + "latitude",
            "coordinates",
            _("These coordinates do not exist. Latitude comes first, then longitude."),
        )
    ]


def _known_providers(drafts: Sequence[ProviderDraft]) -> list[Violation]:
    codes = set(
        Organisation.objects.filter(
            kind=OrganisationKind.PROVIDER, code__in=[one.code for one in drafts]
        ).values_list("code", flat=True)
    )
    faults = repeated_codes([one.code for one in drafts], codes, "providers")
    numbers = set(
        Provider.objects.exclude(duo_number="")
        .filter(duo_number__in=[one.duo_number for one in drafts])
        .values_list("duo_number", flat=True)
    )
    for number, one in enumerate(drafts):
        if one.duo_number and one.duo_number in numbers:
            faults.append(
                Violation(
                    row_prefix("providers", number, len(drafts)) + "duo_number",
                    "duo_number_taken",
                    _("A provider with this DUO number exists already. Change that one."),
                )
            )
        numbers.add(one.duo_number)
    return faults


def _fields(draft: LocationDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


def _without(draft: ProviderDraft, names: set[str]) -> dict[str, str]:
    return {key: value for key, value in asdict(draft).items() if key not in names}
