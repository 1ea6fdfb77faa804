"""What is still to come: commitment and expected spend per month, counted in the database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from procurement.choices import CallOffState
from procurement.money_choices import category_of

_COLUMNS = (
    "id",
    "payer_id",
    "contract_lot_id",
    "tariff_id",
    "amount",
    "start_date",
    "end_date",
)
# What is not delivered yet is spread evenly over the days that are left. A month gets the rounded
# sum up to its last day minus the rounded sum up to its first day, so that the months of a call-off
# add up to the cent. What is left of a call-off past its end stands in the present month.
_SPREAD = """
with chosen as ({call_offs}),
delivered as (
    select d.call_off_id, sum(d.amount) as amount
    from procurement_deliveredmonth d
    where d.call_off_id in (select id from chosen)
    group by d.call_off_id
),
remaining as (
    select c.payer_id, c.contract_lot_id, t.component,
           greatest(c.amount - coalesce(d.amount, 0), 0) as amount,
           greatest(c.start_date, %(today)s) as first_day,
           greatest(c.end_date, c.start_date, %(today)s) as last_day
    from chosen c
    join procurement_tariff t on t.id = c.tariff_id
    left join delivered d on d.call_off_id = c.id
),
-- Call-offs alike in place, price and days differ in nothing that is asked: spread them once.
alike as (
    select payer_id, contract_lot_id, component, first_day, last_day,
           (last_day - first_day + 1)::numeric as days, sum(amount) as amount,
           (extract(year from first_day) * 12 + extract(month from first_day) - 1)::int
               as first_month,
           (extract(year from last_day) * 12 + extract(month from last_day) - 1)::int
               as last_month
    from remaining
    where amount > 0
    group by payer_id, contract_lot_id, component, first_day, last_day
),
spread as (
    select a.payer_id, a.contract_lot_id, a.component, m.first_of_month,
           round(a.amount * (least(a.last_day, m.last_of_month) - a.first_day + 1) / a.days, 2)
         - round(a.amount * (greatest(a.first_day, m.first_of_month) - a.first_day) / a.days, 2)
           as amount
    from alike a
    cross join lateral generate_series(a.first_month, a.last_month) as number
    cross join lateral (
        select make_date(number / 12, number %% 12 + 1, 1) as first_of_month,
               make_date((number + 1) / 12, (number + 1) %% 12 + 1, 1) - 1 as last_of_month
    ) m
)
select {keys}, first_of_month, sum(amount)
from spread
group by {keys}, first_of_month
order by {keys}, first_of_month
"""


@dataclass(frozen=True)
class ForecastMonth:
    """What is expected to be delivered in a month, for one category of a payer or a lot."""

    key: int
    category: str
    month: date
    amount: Decimal


def forecast_by_payer(call_offs: QuerySet[Any], today: date) -> list[ForecastMonth]:
    """Per payer, category and month, to the end of each call-off. One query."""
    return _forecast(call_offs, today, "payer_id")


def forecast_by_lot(call_offs: QuerySet[Any], today: date) -> list[ForecastMonth]:
    """Per contract lot, category and month, to the end of each call-off. One query."""
    return _forecast(call_offs, today, "contract_lot_id")


def _forecast(call_offs: QuerySet[Any], today: date, key: str) -> list[ForecastMonth]:
    """Rows per `key`; components of one category come together in Python, a few rows each."""
    chosen, parameters = (
        call_offs.filter(state=CallOffState.COMMITTED).order_by().values(*_COLUMNS)
    ).query.sql_with_params()
    names = {f"p{number}": value for number, value in enumerate(parameters)}
    query = _SPREAD.format(
        call_offs=_named(chosen, names),
        keys=f"{key}, component",
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {**names, "today": today})
        rows = cursor.fetchall()
    found: dict[tuple[int, str, date], Decimal] = defaultdict(Decimal)
    for owner, component, month, amount in rows:
        found[owner, str(category_of(component)), month] += amount
    return [ForecastMonth(*where, amount) for where, amount in sorted(found.items())]


def _named(query: str, names: Mapping[str, object]) -> str:
    """The SQL of a queryset with its placeholders named, as one statement cannot mix both."""
    return query % tuple(f"%({name})s" for name in names)
