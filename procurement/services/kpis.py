"""KPI agreements of a version: set as a whole, weights 100, until the version is agreed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.errors import VersionLockedError
from procurement.kpi_codes import KPI_CODES
from procurement.models import ContractVersion, KpiAgreement
from procurement.selectors.completeness import WHOLE, weights_message
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change


@dataclass(frozen=True)
class KpiDraft:
    """What is agreed about one indicator; `indicator` is a code of `kpi_codes.KPI_CODES`."""

    indicator: str
    norm: Decimal
    weight: Decimal
    minimum_n: int = 10


@transaction.atomic
def kpi_agreements_set(
    *, actor: Actor, version: ContractVersion, drafts: Sequence[KpiDraft]
) -> list[KpiAgreement]:
    """These agreements take the place of all those of the version, which is still a draft.

    Raises VersionLockedError, and InvalidError with every fault: unknown or repeated indicator,
    a norm that cannot be reached, weights that do not sum to 100.
    """
    contract = contract_lock(actor, version.contract, NOT_ENDED)
    version = ContractVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if version.agreed_at is not None:
        raise VersionLockedError
    rows = [KpiAgreement(version=version, **vars(one)) for one in drafts]
    faults = list(kpi_faults(drafts))
    if faults:
        raise InvalidError(violations=faults)
    before = _facts(list(version.kpi_agreements.all()))
    version.kpi_agreements.all().delete()
    KpiAgreement.objects.bulk_create(rows)
    record_change(
        actor,
        "kpi_agreements.set",
        contract,
        version,
        before=before,
        after=_facts(rows),
    )
    return rows


def _facts(rows: Sequence[KpiAgreement]) -> dict[str, object]:
    return {
        "kpi_agreements": [
            {
                "indicator": one.indicator,
                "norm": str(one.norm),
                "weight": str(one.weight),
                "minimum_n": one.minimum_n,
            }
            for one in rows
        ]
    }


def kpi_faults(drafts: Sequence[KpiDraft]) -> Iterable[Violation]:
    """Everything wrong with a set of agreements, whatever version it is for."""
    rows = [KpiAgreement(**vars(one)) for one in drafts]
    for number, one in enumerate(rows):
        place = f"kpi_agreements.{number}."
        yield from field_violations(one, place)
        known = KPI_CODES.get(one.indicator)
        if known is None:
            yield Violation(
                place + "indicator",
                "unknown_indicator",
                _("There is no indicator %(code)s. Choose one from the list.")
                % {"code": one.indicator},
            )
        elif one.norm < 0 or (known.highest is not None and one.norm > known.highest):
            yield Violation(
                place + "norm",
                "norm_out_of_range",
                _("The norm of %(code)s lies between 0 and %(highest)s. Correct it.")
                % {"code": one.indicator, "highest": known.highest or "∞"},
            )
        if one.weight == 0:
            yield Violation(
                place + "weight",
                "no_weight",
                _("An indicator weighs more than 0. Leave it out, or give it a weight."),
            )
        if any(one.indicator == other.indicator for other in rows[:number]):
            yield Violation(
                place + "indicator", "repeated", _("This indicator is in the list twice.")
            )
    total = sum(one.weight for one in rows)
    if rows and total != WHOLE:
        yield Violation("weights", "weights_not_100", weights_message(total))
