"""Lots and prices on the page of a contract."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component, TargetGroup
from backend.web.pages import Action, Fact
from backend.web.tables import Column, table_of
from backend.web.values import Lines, Link, Money, Percentage, Value, day_text
from procurement.choices import CallOffState, ContractStatus
from procurement.models import Contract, ContractCourse, ContractLot, LotMunicipality, Tariff
from procurement.selectors.tariffs import tariff_gaps
from procurement.web.common import Section, in_force_badge, period_text, places_bar


def lots_of(contract: Contract) -> QuerySet[Any]:
    """The lots of a contract with everything the page shows, in a fixed number of queries."""
    committed = Q(call_offs__state=CallOffState.COMMITTED)
    return (
        ContractLot.objects.filter(contract=contract)
        .select_related("lot", "ceiling")
        .prefetch_related(
            Prefetch(
                "lot__participations",
                LotMunicipality.objects.select_related("municipality", "payer").order_by(
                    "municipality__name", "valid_from"
                ),
            ),
            Prefetch(
                "contract_courses",
                ContractCourse.objects.select_related(
                    "contract_lot", "course__provider__organisation"
                ).order_by("course__name", "pk"),
            ),
            Prefetch(
                "tariffs",
                Tariff.objects.select_related("indexation").order_by(
                    "component", "unit", "detail", "valid_from"
                ),
            ),
        )
        .annotate(
            places_used=Count("call_offs", filter=committed),
            committed=Sum("call_offs__amount", filter=committed),
        )
        .order_by("lot__code", "pk")
    )


def lots_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    actions = []
    if manages and contract.status == ContractStatus.DRAFT:
        actions = [Action(_("Add a lot"), reverse("contract-lot-new", args=[contract.uuid]))]
    return Section(
        "lots",
        _("Lots"),
        parts=[_lot_part(contract, one, manages) for one in lots],
        actions=actions,
        empty="" if lots else _("This contract has no lots yet."),
    )


def _lot_part(contract: Contract, contract_lot: Any, manages: bool) -> Section:
    lot = contract_lot.lot
    ceiling = getattr(contract_lot, "ceiling", None)
    removable = manages and contract.status == ContractStatus.DRAFT
    name = {"code": lot.code}
    actions = []
    if manages and contract.status != ContractStatus.ENDED:
        actions = [
            Action(
                _("Add courses to lot %(code)s") % name,
                reverse("contract-courses-new", args=[contract_lot.uuid]),
            ),
            Action(
                _("Add municipalities to lot %(code)s") % name,
                reverse("lot-admit", args=[lot.uuid]),
            ),
        ]
    if removable:
        actions += [
            Action(_("Change lot %(code)s") % name, reverse("lot-change", args=[lot.uuid])),
            Action(
                _("Take lot %(code)s out of the contract") % name,
                reverse("contract-lot-remove", args=[contract_lot.uuid]),
            ),
        ]
    return Section(
        f"lot-{contract_lot.pk}",
        _("Lot %(code)s: %(title)s") % {"code": lot.code, "title": lot.title},
        facts=(
            Fact(
                _("Components"), Lines(tuple(str(Component(one).label) for one in lot.components))
            ),
            Fact(
                _("Target groups"),
                Lines(tuple(str(TargetGroup(one).label) for one in lot.target_groups)),
            ),
            Fact(_("Execution variant"), contract_lot.get_execution_display()),
            Fact(
                _("Places called off"),
                places_bar(contract_lot.places_used, ceiling.places if ceiling else None),
            ),
            Fact(_("Committed amount"), Money(contract_lot.committed or Decimal(0))),
            Fact(_("Maximum amount"), Money(ceiling.amount if ceiling else None)),
        ),
        tables=(
            table_of(
                COURSE_COLUMNS + (COURSE_REMOVING,) * removable,
                contract_lot.contract_courses.all(),
                caption=_("Courses of lot %(code)s") % name,
                empty=_("No course has been named. Nobody can be placed from this lot."),
            ),
            table_of(
                MUNICIPALITY_COLUMNS,
                lot.participations.all(),
                caption=_("Municipalities of lot %(code)s") % name,
                empty=_("No municipality takes part in this lot."),
            ),
        ),
        actions=actions,
    )


def tariffs_section(contract: Contract, lots: Sequence[Any], manages: bool) -> Section:
    actions: list[Action] = []
    steps: tuple[Column, ...] = ()
    if manages and contract.status != ContractStatus.ENDED:
        uuid = contract.uuid
        steps = (REMOVING,) if contract.status == ContractStatus.DRAFT else (ENDING,)
        actions = [
            Action(_("Add a tariff"), reverse("tariff-new", args=[uuid])),
            Action(_("Index the prices"), reverse("contract-index", args=[uuid])),
            Action(_("Indexation rule"), reverse("indexation-rule", args=[uuid])),
        ]
    return Section(
        "tariffs",
        _("Tariffs"),
        facts=_rule_facts(contract),
        warnings=[
            _("Lot %(lot)s: no tariff for %(component)s from %(first)s to %(last)s.")
            % {
                "lot": one.contract_lot.lot.code,
                "component": Component(one.component).label,
                "first": day_text(one.period.start),
                "last": day_text(one.period.end or contract.end_date),
            }
            for one in tariff_gaps(contract, lots)
        ],
        tables=[
            table_of(
                TARIFF_COLUMNS + steps,
                one.tariffs.all(),
                caption=_("Tariffs of lot %(code)s") % {"code": one.lot.code},
                empty=_("No tariff has been agreed. Without a tariff nobody can be placed."),
            )
            for one in lots
        ],
        actions=actions,
    )


def _rule_facts(contract: Contract) -> tuple[Fact, ...]:
    rule = getattr(contract, "indexation_rule", None)
    if rule is None:
        return (Fact(_("Indexation"), _("not agreed")),)
    share = None if rule.percentage is None else float(rule.percentage) / 100
    return (
        Fact(_("Indexation"), rule.index_name or rule.get_method_display()),
        Fact(_("Percentage"), Percentage(share, 2)),
        Fact(
            _("Every year on"),
            _("the 1st of month %(month)s, from %(year)s")
            % {"month": rule.month, "year": rule.first_year},
        ),
        Fact(_("Round to"), rule.get_rounding_display()),
    )


def _origin(tariff: Tariff) -> Value:
    if tariff.indexation is None:
        return _("agreed")
    return _("indexed with %(percentage)s%%") % {
        "percentage": f"{tariff.indexation.percentage.normalize():f}".replace(".", ",")
    }


TARIFF_COLUMNS = (
    Column("component", gettext_lazy("Component"), "get_component_display", header=True),
    Column("unit", gettext_lazy("Unit"), "get_unit_display"),
    Column("detail", gettext_lazy("For"), "detail"),
    Column(
        "amount", gettext_lazy("Amount excluding VAT"), lambda one: Money(one.amount), numeric=True
    ),
    Column("period", gettext_lazy("Period"), period_text),
    Column("origin", gettext_lazy("Origin"), _origin),
    Column("state", gettext_lazy("Status"), in_force_badge),
)
ENDING = Column(
    "end",
    gettext_lazy("Change"),
    lambda one: Link(_("End this price"), reverse("tariff-end", args=[one.uuid])),
)
REMOVING = Column(
    "remove",
    gettext_lazy("Change"),
    lambda one: Link(_("Remove this price"), reverse("tariff-remove", args=[one.uuid])),
)
COURSE_REMOVING = Column(
    "remove",
    gettext_lazy("Change"),
    lambda one: Link(
        _("Take out"),
        reverse("contract-course-remove", args=[one.contract_lot.uuid, one.course.uuid]),
    ),
)
COURSE_COLUMNS = (
    Column(
        "course",
        gettext_lazy("Course"),
        lambda one: Link(one.course.name, reverse("course", kwargs={"uuid": one.course.uuid})),
        header=True,
    ),
    Column("code", gettext_lazy("Code"), "course.code"),
    Column("component", gettext_lazy("Component"), "course.get_component_display"),
    Column("target", gettext_lazy("Target level"), "course.target_level"),
)
MUNICIPALITY_COLUMNS = (
    Column("name", gettext_lazy("Municipality"), "municipality.name", header=True),
    Column("payer", gettext_lazy("Paid by"), lambda one: (one.payer or one.municipality).name),
    Column("period", gettext_lazy("Period"), period_text),
    Column("state", gettext_lazy("Status"), in_force_badge),
)
