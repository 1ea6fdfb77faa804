"""How versions stand on the two time lines of a contract: when they hold, since when known."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.errors import InvalidError, Violation
from procurement.errors import VersionLockedError
from procurement.models import (
    Ceiling,
    Contract,
    ContractVersion,
    KpiAgreement,
    VersionLot,
    VersionPeriod,
)
from procurement.services.clauses import clauses_copy


def original_draft(contract: Contract) -> ContractVersion:
    """Version 1 of a contract in draft, with the data that the contract has now."""
    version, _created = ContractVersion.objects.update_or_create(
        contract=contract,
        number=1,
        defaults={
            "title": contract.title,
            "effective_date": contract.start_date,
            "end_date": contract.end_date,
        },
    )
    return version


def original_agree(contract: Contract) -> None:
    """Version 1 holds for the whole contract, once; bringing into force again changes nothing."""
    if contract.versions.filter(agreed_at__isnull=False).exists():
        return
    version = original_draft(contract)
    VersionLot.objects.filter(version=version).delete()
    VersionLot.objects.bulk_create(_lots_now(contract, version))
    version_agree(version)
    version_apply(version)


def version_agree(version: ContractVersion) -> None:
    """Puts the version on the time line and locks it.

    The caller holds the lock on the contract. An amendment ends the version before it; a
    correction takes the days of the version that it replaces. Raises InvalidError
    `version_overlaps` when another version holds on or after the first day.
    """
    now = clock.now()
    known = list(
        VersionPeriod.objects.filter(contract=version.contract_id, known_to__isnull=True)
        .select_related("version")
        .order_by("valid_from")
    )
    first, last = version.effective_date, version.end_date
    if version.replaces_id is not None:
        replaced = [one for one in known if one.version_id == version.replaces_id]
        if not replaced:
            raise VersionLockedError
        first = replaced[0].valid_from
        if replaced[-1] != known[-1]:
            last = replaced[-1].valid_to
    else:
        replaced = [one for one in known if one.valid_to >= first]
        if faults := _overlaps(replaced, first):
            raise InvalidError(violations=faults)
    for one in replaced:
        one.known_to = now
        one.save(update_fields=["known_to"])
    # What stays true of the version before: known from now on with its new last day.
    VersionPeriod.objects.bulk_create(
        VersionPeriod(
            version=one.version,
            contract_id=version.contract_id,
            valid_from=one.valid_from,
            valid_to=first - timedelta(days=1),
            known_from=now,
        )
        for one in replaced
        if one.valid_from < first
    )
    VersionPeriod.objects.create(
        version=version,
        contract_id=version.contract_id,
        valid_from=first,
        valid_to=last,
        known_from=now,
    )
    version.agreed_at = now
    version.save(update_fields=["agreed_at"])
    newest = VersionPeriod.objects.filter(contract=version.contract_id, known_to__isnull=True)
    contract = version.contract
    contract.end_date = newest.latest("valid_to").valid_to
    contract.save(update_fields=["end_date"])


def _overlaps(known: Sequence[VersionPeriod], first: date) -> list[Violation]:
    return [
        Violation(
            "effective_date",
            "version_overlaps",
            _("Version %(number)s holds from %(day)s. Choose a later day, or correct that version.")
            % {"number": one.version.number, "day": one.valid_from.strftime("%d-%m-%Y")},
        )
        for one in known
        if one.valid_from >= first
    ]


def version_copy(contract: Contract, source: ContractVersion, version: ContractVersion) -> None:
    """Ceilings as they are now, and KPI and clauses of `source`, for a version in draft."""
    VersionLot.objects.bulk_create(_lots_now(contract, version))
    KpiAgreement.objects.bulk_create(
        KpiAgreement(
            version=version,
            indicator=one.indicator,
            norm=one.norm,
            weight=one.weight,
            minimum_n=one.minimum_n,
        )
        for one in source.kpi_agreements.all()
    )
    clauses_copy(source, version)


def version_apply(version: ContractVersion) -> None:
    """The contract and its ceilings as the version says; for a version that has taken effect."""
    contract = version.contract
    contract.title = version.title
    contract.save(update_fields=["title"])
    for one in version.lots.order_by("contract_lot_id"):
        agreed = one.ceiling_places is not None or one.ceiling_amount is not None
        if not agreed and not Ceiling.objects.filter(contract_lot=one.contract_lot_id).exists():
            continue
        Ceiling.objects.update_or_create(
            contract_lot_id=one.contract_lot_id,
            defaults={"places": one.ceiling_places, "amount": one.ceiling_amount},
        )
    version.applied_at = clock.now()
    version.save(update_fields=["applied_at"])


def next_number(contract: Contract) -> int:
    newest = contract.versions.order_by("-number").first()
    return 1 if newest is None else newest.number + 1


def _lots_now(contract: Contract, version: ContractVersion) -> list[VersionLot]:
    found = []
    for one in contract.contract_lots.select_related("ceiling"):
        ceiling = getattr(one, "ceiling", None)
        found.append(
            VersionLot(
                version=version,
                contract_lot=one,
                ceiling_places=ceiling.places if ceiling else None,
                ceiling_amount=ceiling.amount if ceiling else None,
            )
        )
    return found
