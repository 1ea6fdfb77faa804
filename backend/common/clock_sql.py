"""This moment as part of a query, read when the query runs and not when it is built."""

from typing import Any

from django.db import models
from django.db.models.expressions import Expression

from backend.common import clock


class ClockNow(Expression):
    """`clock.now()` at the moment the SQL is made: a query built once stays true.

    Not PostgreSQL's now(): the one clock of Passend decides, also where tests hold it still.
    """

    def __init__(self) -> None:
        super().__init__(output_field=models.DateTimeField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (connection.ops.adapt_datetimefield_value(clock.now()),)
