"""The file of a provider: contacts, documents with a maximum age, parties that deliver."""

from datetime import date

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.common.periods import add_months
from backend.common.stored_files import file_forget
from providers.choices import DOCUMENT_MONTHS, DocumentKind
from providers.models import Course, DeliveryParty, Provider, ProviderContact, ProviderDocument
from providers.policies import require_manage_catalogue

DOCUMENT_FIELDS = ("kind", "title", "issue_date", "valid_until", "reference")
PARTY_FIELDS = ("name", "kvk_number", "role", "valid_from", "valid_to", "consent_date")


@transaction.atomic
def contact_save(
    *,
    actor: Actor,
    provider: Provider,
    name: str,
    role: str,
    email: str = "",
    phone: str = "",
    contact: ProviderContact | None = None,
) -> ProviderContact:
    """A contact of the provider, new or changed; history keeps the role and no name."""
    require_manage_catalogue(actor, provider)
    row = contact or ProviderContact(provider=provider)
    row.name, row.role, row.email, row.phone = name.strip(), role, email, phone
    faults = field_violations(row)
    if not (email or phone):
        faults.append(
            Violation("email", "unreachable", _("Enter an e-mail address or a telephone number."))
        )
    _store(actor, provider, row, faults, "contact.saved", ("role",))
    return row


@transaction.atomic
def contact_remove(*, actor: Actor, contact: ProviderContact) -> None:
    """The contact is gone, also from the database: it is about a person."""
    require_manage_catalogue(actor, contact.provider)
    _forget(actor, contact.provider, contact, "contact.removed", ("role",))


@transaction.atomic
def document_add(
    *,
    actor: Actor,
    provider: Provider,
    kind: str,
    title: str,
    issue_date: date,
    valid_until: date | None = None,
    reference: str = "",
) -> ProviderDocument:
    """A document on file, counting as long as its kind may be old unless `valid_until` says less.

    It takes the place of the document of that kind before it. Raises InvalidError for an issue
    date ahead or an end before it.
    """
    require_manage_catalogue(actor, provider)
    longest = longest_validity(kind, issue_date)
    until = valid_until if longest is None else min(valid_until or longest, longest)
    row = ProviderDocument(
        provider=provider,
        kind=kind,
        title=title.strip(),
        issue_date=issue_date,
        valid_until=until,
        reference=reference,
    )
    faults = field_violations(row)
    if issue_date > clock.today():
        faults.append(Violation("issue_date", "in_the_future", _("This date lies in the future.")))
    if valid_until is not None and valid_until < issue_date:
        faults.append(
            Violation(
                "valid_until",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            )
        )
    if not faults and kind != DocumentKind.OTHER:
        same = ProviderDocument.objects.filter(provider=provider, kind=kind, is_current=True)
        newer = same.filter(issue_date__gt=issue_date).exists()
        row.is_current = not newer
        if not newer:
            same.update(is_current=False)
    _store(actor, provider, row, faults, "document.added", DOCUMENT_FIELDS)
    return row


@transaction.atomic
def document_remove(*, actor: Actor, document: ProviderDocument) -> None:
    """The document is off the file; the one before it of its kind counts again."""
    require_manage_catalogue(actor, document.provider)
    file_forget(document)
    provider, kind, was_current = document.provider, document.kind, document.is_current
    _forget(actor, provider, document, "document.removed", DOCUMENT_FIELDS)
    if was_current:
        before = ProviderDocument.objects.filter(provider=provider, kind=kind).first()
        if before is not None:
            before.is_current = True
            before.save(update_fields=["is_current"])


def longest_validity(kind: str, issue_date: date) -> date | None:
    """The last day on which a document of this kind counts; None: it does not expire."""
    months = DOCUMENT_MONTHS.get(DocumentKind(kind)) if kind in DocumentKind.values else None
    return None if months is None else add_months(issue_date, months)


@transaction.atomic
def delivery_party_save(
    *,
    actor: Actor,
    course: Course,
    name: str,
    role: str,
    valid_from: date,
    valid_to: date | None = None,
    kvk_number: str = "",
    consent_date: date | None = None,
    provider: Provider | None = None,
    party: DeliveryParty | None = None,
) -> DeliveryParty:
    """Who delivers the course for its provider, with the day of consent (clause 3.9)."""
    require_manage_catalogue(actor, course.provider)
    row = party or DeliveryParty(course=course)
    row.provider, row.name, row.role = provider, name.strip(), role
    row.kvk_number, row.consent_date = kvk_number, consent_date
    row.valid_from, row.valid_to = valid_from, valid_to
    faults = field_violations(row)
    if kvk_number and not (kvk_number.isdigit() and len(kvk_number) == 8):
        faults.append(Violation("kvk_number", "kvk_number", _("A KvK number has eight digits.")))
    if valid_to is not None and valid_to < valid_from:
        faults.append(
            Violation(
                "valid_to",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            )
        )
    if provider is not None and provider.pk == course.provider_id:
        faults.append(
            Violation(
                "provider", "own_provider", _("The provider itself is no other party. Leave out.")
            )
        )
    _store(actor, course.provider, row, faults, "delivery_party.saved", PARTY_FIELDS)
    return row


@transaction.atomic
def delivery_party_remove(*, actor: Actor, party: DeliveryParty) -> None:
    """The party no longer stands at the course."""
    require_manage_catalogue(actor, party.course.provider)
    _forget(actor, party.course.provider, party, "delivery_party.removed", PARTY_FIELDS)


def _store(
    actor: Actor,
    provider: Provider,
    row: models.Model,
    faults: list[Violation],
    action: str,
    fields: tuple[str, ...],
) -> None:
    if faults:
        raise InvalidError(violations=faults)
    row.save()
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        after=audit.snapshot(row, fields),
        organisation_ids=[provider.organisation_id],
    )


def _forget(
    actor: Actor, provider: Provider, row: models.Model, action: str, fields: tuple[str, ...]
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        before=audit.snapshot(row, fields),
        organisation_ids=[provider.organisation_id],
    )
    row.delete()
