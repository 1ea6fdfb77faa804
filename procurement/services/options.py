"""Options to extend a contract: agreed beforehand, decided on or before a day."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.choices import OptionStatus, VersionKind
from procurement.errors import OptionDecidedError
from procurement.models import Contract, ContractVersion, ExtensionOption
from procurement.services.contract_steps import (
    NOT_ENDED,
    RUNNING,
    contract_lock,
    record_change,
)
from procurement.services.versions import VersionTerms, version_draft, version_settle

DAY = "%d-%m-%Y"


@transaction.atomic
def option_add(
    *, actor: Actor, contract: Contract, end_date: date, notice_date: date
) -> ExtensionOption:
    """The right to extend the contract to `end_date`, following the last option or the end."""
    contract = contract_lock(actor, contract, NOT_ENDED)
    options = list(contract.options.order_by("number"))
    last = max([contract.end_date, *(one.end_date for one in options)])
    option = ExtensionOption(
        contract=contract,
        number=len(options) + 1,
        start_date=last + timedelta(days=1),
        end_date=end_date,
        notice_date=notice_date,
    )
    faults = field_violations(option) + option_faults(last, end_date, notice_date)
    if faults:
        raise InvalidError(violations=faults)
    option.save()
    record_change(
        actor,
        "option.added",
        contract,
        option,
        after=audit.snapshot(option, ["number", "start_date", "end_date", "notice_date"]),
    )
    return option


def option_faults(last: date, end_date: date, notice_date: date) -> list[Violation]:
    """What is wrong with the days of an option that follows on a term until `last`."""
    faults = []
    if end_date <= last:
        faults.append(
            Violation(
                "end_date",
                "option_overlaps",
                _("The contract or an earlier option runs until %(day)s. Choose a later end date.")
                % {"day": last.strftime(DAY)},
            )
        )
    if notice_date > last:
        faults.append(
            Violation(
                "notice_date",
                "notice_too_late",
                _("Decide before the option starts. Choose a day before %(day)s.")
                % {"day": (last + timedelta(days=1)).strftime(DAY)},
            )
        )
    return faults


@transaction.atomic
def option_exercise(*, actor: Actor, option: ExtensionOption, reason: str) -> ContractVersion:
    """The contract is extended with the option by a version of its own; decided in time only.

    Raises OptionDecidedError, and InvalidError when the notice date has passed, an earlier option
    is open, or an amendment has moved the end date.
    """
    contract = contract_lock(actor, option.contract, RUNNING)
    option = _open_option(option)
    faults = list(_exercise_faults(contract, option))
    if faults:
        raise InvalidError(violations=faults)
    version = version_draft(
        actor,
        contract,
        VersionKind.EXTENSION,
        option.start_date,
        reason,
        VersionTerms(end_date=option.end_date),
    )
    version = version_settle(actor, contract, version)
    option.version = version
    _decide(actor, contract, option, OptionStatus.EXERCISED, reason)
    return version


@transaction.atomic
def option_decline(*, actor: Actor, option: ExtensionOption, reason: str) -> ExtensionOption:
    """The option is not used: the contract ends on its end date."""
    contract = contract_lock(actor, option.contract, NOT_ENDED)
    option = _open_option(option)
    _decide(actor, contract, option, OptionStatus.DECLINED, reason)
    return option


def _open_option(option: ExtensionOption) -> ExtensionOption:
    locked = ExtensionOption.objects.select_for_update(of=("self",)).get(pk=option.pk)
    if locked.status != OptionStatus.OPEN:
        raise OptionDecidedError
    return locked


def _exercise_faults(contract: Contract, option: ExtensionOption) -> Iterable[Violation]:
    if clock.today() > option.notice_date:
        yield Violation(
            "notice_date",
            "option_too_late",
            _("The option had to be decided by %(day)s. Extend the contract with an amendment.")
            % {"day": option.notice_date.strftime(DAY)},
        )
    if contract.options.filter(status=OptionStatus.OPEN, number__lt=option.number).exists():
        yield Violation(
            "option",
            "earlier_option_open",
            _("Decide on the earlier option of the contract first."),
        )
    elif option.start_date != contract.end_date + timedelta(days=1):
        yield Violation(
            "option",
            "option_does_not_follow",
            _("The option does not follow the end of the contract any more. Make an amendment."),
        )


def _decide(
    actor: Actor, contract: Contract, option: ExtensionOption, status: OptionStatus, reason: str
) -> None:
    if not reason.strip():
        raise InvalidError(
            violations=[Violation("reason", "required", _("Say why you decide this."))]
        )
    option.status, option.reason, option.decided_date = status, reason, clock.today()
    option.save(update_fields=["status", "reason", "decided_date", "version"])
    record_change(
        actor,
        f"option.{status}",
        contract,
        option,
        after=audit.snapshot(option, ["number", "status", "end_date"]),
        reason=reason,
    )
