"""The reference of target 5: one statement that inserts a placement if there is a seat.

No user, no rule, no history: a WSGI function, psycopg with prepared statements, orjson. Started by
`placement.py`. The counter in the statement is what makes it correct under a race.
"""

import os
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import psycopg

TABLES = """
create table bare_intake (id bigint primary key, seats_total int not null, taken int not null);
create table bare_placement (
    id uuid primary key, intake_id bigint not null references bare_intake, need uuid not null
);
"""
SQL = """
with seat as (
    update bare_intake set taken = taken + 1
    where id = %(intake)s and taken < seats_total
    returning id
)
insert into bare_placement (id, intake_id, need)
select %(id)s, seat.id, %(need)s from seat
returning id
"""
_connections: dict[int, psycopg.Connection[Any]] = {}


def _connection() -> psycopg.Connection[Any]:
    found = _connections.get(os.getpid())
    if found is None:
        found = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
        found.prepare_threshold = 0
        _connections[os.getpid()] = found
    return found


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    values = {"intake": body["intake"], "id": uuid.uuid4(), "need": body["need"]}
    row = _connection().execute(SQL, values).fetchone()
    answer = orjson.dumps({"id": values["id"]} if row else {"code": "intake_full"})
    status = "201 Created" if row else "409 Conflict"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response(status, headers)
    return [answer]
