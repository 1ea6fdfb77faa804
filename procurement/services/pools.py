"""Sharing a lot between municipalities, and the guard when a place is drawn from it."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.organisations.permissions import Permission
from procurement.choices import CallOffState, PoolMode
from procurement.errors import QuotaReachedError
from procurement.models import CallOff, Lot, LotMunicipality, LotPool, PoolQuota


@transaction.atomic
def lot_pool_set(
    *,
    actor: Actor,
    lot: Lot,
    mode: str,
    quotas: Mapping[int, int] | None = None,
    reason: str,
) -> LotPool:
    """How the places of the lot are shared from now on; running places stay as they are.

    With quotas every municipality that takes part gets one, 0 where none is given. A quota below
    what is in use takes nobody's place away: it only stops new ones. Raises NotAllowedError,
    InvalidError with all faults.
    """
    actor.require(Permission.MANAGE_CONTRACTS, lot.buyer_id)
    takers = set(LotMunicipality.objects.filter(lot=lot).values_list("municipality_id", flat=True))
    given = dict(quotas or {})
    if faults := _faults(mode, given, takers, reason):
        raise InvalidError(violations=faults)
    pool, is_new = LotPool.objects.get_or_create(lot=lot, defaults={"mode": mode})
    pool = lock_row(LotPool.objects.all(), pool.pk)
    before = None if is_new else _snapshot(pool)
    pool.mode = mode
    pool.save(update_fields=["mode", "changed_at"])
    pool.quotas.all().delete()
    if mode == PoolMode.QUOTA:
        PoolQuota.objects.bulk_create(
            PoolQuota(pool=pool, municipality_id=pk, places=given.get(pk, 0))
            for pk in sorted(takers)
        )
    audit.record(
        actor=actor,
        action="lot_pool.set",
        subject=pool,
        before=before,
        after=_snapshot(pool),
        reason=reason,
        organisation_ids=[lot.buyer_id, *sorted(takers)],
    )
    return pool


def quota_guard(*, contract_lot_id: int, municipality_id: int) -> None:
    """Locks the sharing of the lot and refuses a place above the municipality's quota.

    MUST run before the ceiling is locked, in the transaction that writes the call-off: pools are
    locked first everywhere. Raises QuotaReachedError, BusyError.
    """
    pk = (
        LotPool.objects.filter(lot__contract_lots=contract_lot_id, mode=PoolMode.QUOTA)
        .values_list("pk", flat=True)
        .first()
    )
    if pk is None:
        return
    pool = _lock_pool(pk)
    quota = pool.quotas.filter(municipality=municipality_id).values_list("places", flat=True)
    if pool.mode == PoolMode.QUOTA and _used(pool, municipality_id) >= (quota.first() or 0):
        raise QuotaReachedError


def _lock_pool(pk: int) -> LotPool:
    return lock_row(LotPool.objects.all(), pk)


def _used(pool: LotPool, municipality_id: int) -> int:
    return CallOff.objects.filter(
        contract_lot__lot=pool.lot_id,
        municipality=municipality_id,
        state=CallOffState.COMMITTED,
    ).count()


def _snapshot(pool: LotPool) -> dict[str, object]:
    quotas = pool.quotas.order_by("municipality").values_list("municipality__code", "places")
    return {"mode": pool.mode, "quotas": dict(quotas)}


def _faults(mode: str, given: Mapping[int, int], takers: set[int], reason: str) -> list[Violation]:
    checks = (
        (
            mode not in PoolMode.values,
            Violation(
                "mode",
                "unknown_code",
                _("This code does not exist. Choose one from the list."),
            ),
        ),
        (
            not set(given) <= takers,
            Violation(
                "quotas",
                "not_in_lot",
                _("A municipality with a quota does not take part in the lot."),
            ),
        ),
        (
            any(places < 0 for places in given.values()),
            Violation("quotas", "too_low", _("A quota is 0 or more.")),
        ),
        (
            not reason.strip(),
            Violation("reason", "reason_required", _("Say why, for the municipalities.")),
        ),
    )
    return [fault for broken, fault in checks if broken]
