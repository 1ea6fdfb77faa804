"""States and code lists of contracts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContractStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


CONTRACT_TRANSITIONS: dict[ContractStatus, frozenset[ContractStatus]] = {
    ContractStatus.DRAFT: frozenset({ContractStatus.ACTIVE}),
    ContractStatus.ACTIVE: frozenset({ContractStatus.SUSPENDED, ContractStatus.ENDED}),
    # A suspension ends when the provider has recovered (contract standard, clause 3.19).
    ContractStatus.SUSPENDED: frozenset({ContractStatus.ACTIVE, ContractStatus.ENDED}),
    ContractStatus.ENDED: frozenset(),
}


class TenderProcedure(models.TextChoices):
    """How is bought (Aanbestedingswet 2012, art. 2.38 and 2.39; domain.md 6.1)."""

    SAS = "sas", _("SAS procedure")
    OPEN_HOUSE = "open_house", _("Open house")
    EUROPEAN_OPEN = "european_open", _("European open procedure")
    PRIVATE = "private", _("Private procedure")


# Courses are a social and other specific service; the other procedures need no notice.
PUBLISHED_PROCEDURES = frozenset({TenderProcedure.SAS, TenderProcedure.EUROPEAN_OPEN})


class TenderStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")
    AWARDED = "awarded", _("Awarded")
    CANCELLED = "cancelled", _("Cancelled")


TENDER_TRANSITIONS: dict[TenderStatus, frozenset[TenderStatus]] = {
    # From draft to awarded: a tender that was held before it was registered here.
    TenderStatus.DRAFT: frozenset(
        {TenderStatus.PUBLISHED, TenderStatus.AWARDED, TenderStatus.CANCELLED}
    ),
    # An open house admits providers while it stays open: it is awarded without closing.
    TenderStatus.PUBLISHED: frozenset(
        {TenderStatus.CLOSED, TenderStatus.AWARDED, TenderStatus.CANCELLED}
    ),
    TenderStatus.CLOSED: frozenset({TenderStatus.AWARDED, TenderStatus.CANCELLED}),
    TenderStatus.AWARDED: frozenset(),
    TenderStatus.CANCELLED: frozenset(),
}


class AllocationKey(models.TextChoices):
    """How participants are divided over the contractors of a lot (verdeelsleutel)."""

    FIT = "fit", _("The offer that fits the participant best")
    RANK = "rank", _("In the order of the ranking")
    SHARE = "share", _("By agreed shares")
    CHOICE = "choice", _("By the participant's choice")


class ExecutionVariant(models.TextChoices):
    """What is paid for (iWmo UP026-028)."""

    EFFORT = "effort", _("Effort (per unit of time)")
    OUTPUT = "output", _("Output (per result)")
    TASK = "task", _("Task (one sum, no assignment per person)")


class VersionKind(models.TextChoices):
    ORIGINAL = "original", _("Original contract")
    AMENDMENT = "amendment", _("Amendment")
    EXTENSION = "extension", _("Extension")
    CORRECTION = "correction", _("Correction")


class OptionStatus(models.TextChoices):
    OPEN = "open", _("Open")
    EXERCISED = "exercised", _("Exercised")
    DECLINED = "declined", _("Not exercised")


class DocumentKind(models.TextChoices):
    """The check list of the contract standard (bijlage 1) and the contract itself."""

    CONTRACT = "contract", _("Signed contract")
    UEA = "uea", _("European single procurement document (UEA)")
    GVA = "gva", _("Certificate of conduct for tenders (GVA)")
    REGISTER = "register", _("Extract of the trade register")
    TAX = "tax", _("Statement of tax payment")
    DATA_PROCESSING = "data_processing", _("Annex on personal data")
    INSURANCE = "insurance", _("Insurance policy")
    OTHER = "other", _("Other document")


class IndexationMethod(models.TextChoices):
    FIXED = "fixed", _("Fixed percentage")
    INDEX = "index", _("Published index")


class PriceRounding(models.TextChoices):
    """To what an indexed price is rounded; halves go up."""

    CENT = "0.01", _("one cent")
    FIVE_CENTS = "0.05", _("five cents")
    TEN_CENTS = "0.10", _("ten cents")
    EURO = "1.00", _("one euro")


class TariffUnit(models.TextChoices):
    """What one price is for (domain.md 6.2)."""

    LEARNER_HOUR = "learner_hour", _("per learner-hour")
    GROUP_HOUR = "group_hour", _("per group-hour")
    MODULE = "module", _("per module")
    TRAJECT = "traject", _("per traject")
    PHASE = "phase", _("per phase")
    RESULT = "result", _("per result")
    START_FEE = "start_fee", _("start fee")
    NO_SHOW_FEE = "no_show_fee", _("no-show fee")


# Paid beside the price of the course, and never instead of it.
FEES = frozenset({TariffUnit.START_FEE, TariffUnit.NO_SHOW_FEE})


class CallOffState(models.TextChoices):
    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")


class PoolMode(models.TextChoices):
    """How municipalities share the places of a lot."""

    FIRST_COME = "first_come", _("First come, first served")
    QUOTA = "quota", _("A quota per municipality")
