"""The columns of a sheet of contracts: one row per price of a lot of a contract."""

from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component, TargetGroup
from backend.common.spreadsheets import (
    AmountKind,
    CodeKind,
    CodesKind,
    Column,
    DayKind,
    Sheet,
    TextKind,
    WholeKind,
)
from procurement.choices import ExecutionVariant, TariffUnit

# These say the same thing in every row of one contract, and of one lot of it.
OF_CONTRACT = ("title", "provider", "start_date", "end_date")
OF_LOT = ("lot_title", "target_groups", "municipalities", "execution", "places", "maximum")

CONTRACTS = Sheet(
    "contracts",
    _("Contracts"),
    (
        Column("number", _("Contract number"), TextKind(40), key=True, example="2027-01"),
        Column("title", _("Title"), TextKind(160), required=True),
        Column(
            "provider",
            _("Provider"),
            TextKind(200),
            required=True,
            help=_("The DUO number, or the exact name."),
        ),
        Column("start_date", _("Start date"), DayKind(), required=True),
        Column("end_date", _("End date"), DayKind(), required=True),
        Column("lot", _("Lot"), TextKind(40), key=True, help=_("The code of the lot.")),
        Column("lot_title", _("Title of the lot"), TextKind(160)),
        Column("component", _("Component"), CodeKind(Component.choices), key=True),
        Column(
            "target_groups",
            _("Target groups"),
            CodesKind(TargetGroup.choices),
            empty=(TargetGroup.ASYLUM.value,),
            help=_("Empty: asylum status holders."),
        ),
        Column(
            "municipalities",
            _("Participating municipalities"),
            TextKind(2000),
            help=_("Names or CBS codes with commas between them. Empty: everybody you buy for."),
        ),
        Column("unit", _("Unit"), CodeKind(TariffUnit.choices), key=True),
        Column("valid_from", _("Valid from"), DayKind(), key=True),
        Column("valid_to", _("Valid to"), DayKind()),
        Column(
            "amount",
            _("Amount excluding VAT"),
            AmountKind(decimals=2, least=0),
            required=True,
        ),
        Column(
            "execution",
            _("Execution variant"),
            CodeKind(ExecutionVariant.choices),
            empty=ExecutionVariant.EFFORT.value,
        ),
        Column("places", _("Maximum number of places"), WholeKind(least=0, most=100_000)),
        Column("maximum", _("Maximum amount in euros"), AmountKind(decimals=2, least=0)),
    ),
    help=_("One row for every price. Rows with the same contract number are one contract."),
)
