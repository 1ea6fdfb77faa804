"""Balances and forecasts of 100,000 call-offs: `python -m tests.benchmarks.money [--quick]`.

The selectors of procurement, with visibility and objects made of the rows, against raw SQL by hand
that adds up the same. The forecast's reference spreads every call-off by itself, in one statement
with generate_series, as one would write it down first. Rounds alternate, medians count, and results
are compared before times. Beside it, for the order of size: the same forecast row by row in Python.
"""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_money")

LOTS, TODAY = 40, date(2026, 11, 18)
# At most so many times the raw statement.
BARS = {"balances": 1.3, "forecast": 1.3}

FILL = """
insert into procurement_calloff (uuid, created_at, contract_lot_id, municipality_id,
                                 payer_id, reference, tariff_id, quantity, amount, start_date,
                                 end_date, state)
select gen_random_uuid(), now(), lot.id, %(municipality)s, %(municipality)s,
       gen_random_uuid(), tariff.id,
       100 + n %% 500, round((100 + n %% 500) * tariff.amount, 2),
       date '2026-01-05' + (n %% 400), date '2026-01-05' + (n %% 400) + 150 + n %% 300,
       case when n %% 10 = 0 then 'released' else 'committed' end
from generate_series(1, %(count)s) n
join (select id, row_number() over (order by id) - 1 as place
      from procurement_contractlot) lot on lot.place = n %% %(lots)s
join procurement_tariff tariff on tariff.contract_lot_id = lot.id;

insert into procurement_deliveredmonth (call_off_id, month, quantity, amount)
select c.id, month, round(c.quantity / 20, 2), round(c.amount / 20, 2)
from procurement_calloff c
cross join (values (date '2026-09-01'), (date '2026-10-01')) months(month)
where c.start_date < date '2026-09-01';

insert into procurement_ledgerentry (uuid, created_at, kind, municipality_id, payer_id,
                                     contract_lot_id, call_off_id, category, month, quantity,
                                     amount)
select gen_random_uuid(), now(), 'committed', municipality_id, payer_id, contract_lot_id, id, 'B',
       date_trunc('month', start_date)::date, quantity, amount
from procurement_calloff;
insert into procurement_ledgerentry (uuid, created_at, kind, municipality_id, payer_id,
                                     contract_lot_id, call_off_id, category, month, quantity,
                                     amount)
select gen_random_uuid(), now(), 'delivered', c.municipality_id, c.payer_id,
       c.contract_lot_id, c.id,
       'B',
       d.month, d.quantity, d.amount
from procurement_deliveredmonth d join procurement_calloff c on c.id = d.call_off_id;
insert into procurement_ledgerentry (uuid, created_at, kind, municipality_id, payer_id,
                                     contract_lot_id, call_off_id, category, month, quantity,
                                     amount)
select gen_random_uuid(), now(), 'released', c.municipality_id, c.payer_id, c.contract_lot_id, c.id,
       'B',
       date '2026-11-01', 0, c.amount - coalesce(d.amount, 0)
from procurement_calloff c
left join (select call_off_id, sum(amount) as amount from procurement_deliveredmonth group by 1) d
       on d.call_off_id = c.id
where c.state = 'released';
analyze procurement_calloff;
analyze procurement_deliveredmonth;
analyze procurement_ledgerentry;
"""
RAW_BALANCES = """
select contract_lot_id, kind, sum(amount)
from procurement_ledgerentry where contract_lot_id = any(%(lots)s)
group by contract_lot_id, kind
"""
RAW_FORECAST = """
with remaining as (
    select c.contract_lot_id,
           greatest(c.amount - coalesce(d.amount, 0), 0) as amount,
           greatest(c.start_date, %(today)s) as first_day,
           greatest(c.end_date, %(today)s) as last_day
    from procurement_calloff c
    left join (select call_off_id, sum(amount) as amount
               from procurement_deliveredmonth group by call_off_id) d on d.call_off_id = c.id
    where c.state = 'committed' and c.contract_lot_id = any(%(lots)s)
)
select contract_lot_id, month::date,
       sum(round(amount * (least(last_day, (month + interval '1 month')::date - 1) - first_day + 1)
                 / (last_day - first_day + 1), 2)
         - round(amount * (greatest(first_day, month::date) - first_day)
                 / (last_day - first_day + 1), 2))
from remaining, generate_series(date_trunc('month', first_day), last_day, '1 month') month
group by contract_lot_id, month
"""


def fill(count: int) -> list[int]:
    """Contracts with `count` call-offs, their deliveries and their ledger; keys of the lots."""
    from django.db import connection

    from procurement.models import ContractLot
    from procurement.selectors.ledger_checks import ledger_faults
    from tests.factories.organisations import MunicipalityFactory
    from tests.factories.procurement import contract_for
    from tests.factories.providers import CourseFactory

    municipality = MunicipalityFactory().organisation
    for _number in range(LOTS):
        contract_for(CourseFactory(component="B"), municipalities=[municipality])
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"municipality": municipality.pk, "count": count, "lots": LOTS})
    faults = ledger_faults()
    assert not faults, faults[:3]
    return list(ContractLot.objects.order_by("pk").values_list("pk", flat=True))


def raw(query: str, lots: list[int]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, {"lots": lots, "today": TODAY})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def balances(lots: list[int]) -> dict[int, Any]:
    from procurement.selectors.ledger import balances_of_lots

    return balances_of_lots(lots)


def forecast(lots: list[int]) -> list[Any]:
    from procurement.models import CallOff
    from procurement.selectors.forecast import forecast_by_lot

    return forecast_by_lot(CallOff.objects.filter(contract_lot__in=lots), TODAY)


def forecast_in_python(lots: list[int]) -> dict[tuple[int, date], Decimal]:
    """What issue 3 forbids: every call-off through Python."""
    from django.db.models import Sum

    from procurement.models import CallOff

    found: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    for one in CallOff.objects.filter(contract_lot__in=lots, state="committed").annotate(
        delivered=Sum("delivered_months__amount")
    ):
        rest = max(Decimal(0), one.amount - (one.delivered or Decimal(0)))
        first, last = max(one.start_date, TODAY), max(one.end_date, TODAY)
        days, month, before = (last - first).days + 1, first.replace(day=1), Decimal(0)
        while month <= last:
            following = (month + timedelta(days=32)).replace(day=1)
            until = min(last, following - timedelta(days=1))
            upto = round(rest * ((until - first).days + 1) / days, 2)
            found[one.contract_lot_id, month] += upto - before
            month, before = following, upto
    return found


def check(lots: list[int]) -> None:
    """The results agree before any time counts."""
    expected: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for lot, kind, amount in raw(RAW_BALANCES, lots):
        expected[lot][kind] = amount
    found = balances(lots)
    assert {lot: one.committed for lot, one in found.items()} == {
        lot: one["committed"] for lot, one in expected.items()
    }
    by_hand = defaultdict(Decimal)
    for lot, _month, amount in raw(RAW_FORECAST, lots):
        by_hand[lot] += amount
    ours = defaultdict(Decimal)
    for one in forecast(lots):
        ours[one.key] += one.amount
    # Per lot to the cent: each way of rounding adds up to what is left.
    assert ours == by_hand


def measure(rounds: int, lots: list[int]) -> dict[str, tuple[float, float]]:
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "balances": (lambda: balances(lots), lambda: raw(RAW_BALANCES, lots)),
        "forecast": (lambda: forecast(lots), lambda: raw(RAW_FORECAST, lots)),
    }
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pairs}
    for _round in range(rounds):
        for name, works in pairs.items():
            for place, work in enumerate(works):
                started = time.perf_counter()
                work()
                times[name][place].append(time.perf_counter() - started)
    return {
        name: (statistics.median(ours), statistics.median(theirs))
        for name, (ours, theirs) in times.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    import django

    django.setup()
    from django.db import connection

    # Of fewer call-offs the fixed cost of a query would be measured, and not the adding up.
    count, rounds = 100_000, 3 if options.quick else 7
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        lots = fill(count)
        check(lots)
        result = measure(rounds, lots)
        started = time.perf_counter()
        forecast_in_python(lots)
        in_python = time.perf_counter() - started
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    failed = False
    print(f"{count} call-offs, medians of {rounds} rounds")
    for what, (ours, theirs) in result.items():
        ratio = ours / theirs
        failed |= ratio > BARS[what]
        print(f"{what:10} {ratio:5.2f} times raw SQL (bar {BARS[what]})")
    ratio = in_python / result["forecast"][0]
    print(f"{'by row':10} {ratio:5.1f} times the forecast, in Python")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
