"""A table without any rule, in which work done twice is two rows."""

from django.db import connection

CREATE = "create table if not exists platform_effects (item integer not null)"
DROP = "drop table if exists platform_effects"


def create() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CREATE)


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(DROP)


def write(item: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into platform_effects values (%s)", [item])


def items() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select item from platform_effects order by item")
        return [row[0] for row in cursor.fetchall()]
