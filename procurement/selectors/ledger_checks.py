"""Whether the ledger still equals the rows: one query per promise, which must find nothing."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection


@dataclass(frozen=True)
class LedgerFault:
    """The ledger says `ledger` where the rows say `rows`."""

    promise: str
    subject: str
    rows: Decimal
    ledger: Decimal


# Each yields: subject, what the rows say, what the ledger says; only where the two differ.
_PROMISES = {
    "committed": """
        select c.uuid::text, c.amount, coalesce(e.amount, 0)
        from procurement_calloff c
        left join (select call_off_id, sum(amount) as amount, sum(quantity) as quantity
                   from procurement_ledgerentry where kind = 'committed' group by call_off_id) e
          on e.call_off_id = c.id
        where (c.amount, c.quantity) is distinct from (e.amount, e.quantity)
    """,
    "released": """
        with delivered as (
            select call_off_id, sum(amount) as amount
            from procurement_deliveredmonth group by call_off_id
        ), released as (
            select call_off_id, sum(amount) as amount
            from procurement_ledgerentry where kind = 'released' group by call_off_id
        ), expected as (
            select c.id, c.uuid, case c.state when 'released'
                   then greatest(c.amount - coalesce(d.amount, 0), 0) else 0 end as amount
            from procurement_calloff c left join delivered d on d.call_off_id = c.id
        )
        select x.uuid::text, x.amount, coalesce(r.amount, 0)
        from expected x left join released r on r.call_off_id = x.id
        where x.amount <> coalesce(r.amount, 0)
    """,
    "delivered": """
        with entries as (
            select call_off_id, month, sum(amount) as amount, sum(quantity) as quantity
            from procurement_ledgerentry
            where kind = 'delivered' and call_off_id is not null
            group by call_off_id, month
        )
        select coalesce(d.call_off_id, e.call_off_id)::text || ' ' ||
               coalesce(d.month, e.month)::text,
               coalesce(d.amount, 0), coalesce(e.amount, 0)
        from procurement_deliveredmonth d
        full join entries e on e.call_off_id = d.call_off_id and e.month = d.month
        where (coalesce(d.amount, 0), coalesce(d.quantity, 0)) <>
              (coalesce(e.amount, 0), coalesce(e.quantity, 0))
    """,
    "claimed": """
        with entries as (
            select claim_line_id,
                   sum(amount) filter (where kind = 'claimed') as claimed,
                   sum(amount) filter (where kind = 'approved') as approved,
                   sum(amount) filter (where kind = 'credited') as credited
            from procurement_ledgerentry where claim_line_id is not null group by claim_line_id
        ), expected as (
            select id, uuid,
                   case when state <> 'refused' and credits_reference = ''
                        then coalesce(approved_amount, amount) else 0 end as claimed,
                   case when state = 'approved' and credits_reference = ''
                        then approved_amount else 0 end as approved,
                   case when state = 'approved' and credits_reference <> ''
                        then approved_amount else 0 end as credited
            from procurement_claimline
        )
        select x.uuid::text, x.claimed + x.approved + x.credited,
               coalesce(e.claimed, 0) + coalesce(e.approved, 0) + coalesce(e.credited, 0)
        from expected x left join entries e on e.claim_line_id = x.id
        where (x.claimed, x.approved, x.credited) <>
              (coalesce(e.claimed, 0), coalesce(e.approved, 0), coalesce(e.credited, 0))
    """,
    "payer": """
        select e.uuid::text, coalesce(c.payer_id, x.municipality_id)::numeric, e.payer_id::numeric
        from procurement_ledgerentry e
        left join procurement_calloff c on c.id = e.call_off_id
        left join procurement_expense x on x.id = e.expense_id
        where e.payer_id <> coalesce(c.payer_id, x.municipality_id)
    """,
    "expense": """
        with entries as (
            select expense_id,
                   sum(amount) filter (where kind = 'delivered') as delivered,
                   sum(amount) filter (where kind = 'claimed') as claimed,
                   sum(amount) filter (where kind = 'approved') as approved
            from procurement_ledgerentry where expense_id is not null group by expense_id
        )
        select x.uuid::text, x.amount, coalesce(e.approved, 0)
        from procurement_expense x left join entries e on e.expense_id = x.id
        where (x.amount, x.amount, x.amount) is distinct from
              (e.delivered, e.claimed, e.approved)
    """,
}


def ledger_faults() -> list[LedgerFault]:
    """Everything in which ledger and rows differ. Six queries, which read every row."""
    found = []
    with connection.cursor() as cursor:
        for promise, query in _PROMISES.items():
            cursor.execute(query)
            found += [LedgerFault(promise, *row) for row in cursor.fetchall()]
    return found
