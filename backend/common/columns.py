"""Many rows as numpy columns, without a Python object per value or per row.

In their binary form rows whose columns all have a fixed width are records of equal length; numpy
reads those where they lie. They come by COPY, which costs the driver a tenth of what rows of a
query cost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, models
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from backend.common.compiled import CompiledRows

# "PGCOPY\n\377\r\n\0", flags and length of the header extension; and -1 behind the last row.
_HEADER, _TRAILER = 19, 2
# PostgreSQL counts days from 2000, numpy from 1970.
_DAYS_TO_2000 = 10_957
_NO_DAY = np.iinfo(np.int32).max
_HEX = np.array([[ord(letter) for letter in f"{byte:02x}"] for byte in range(256)], np.uint32)
_DASH, _SPACE = ord("-"), ord(" ")


class NotFixedWidthError(Exception):
    """A value is longer than its column allows, or missing: read these rows in another way."""


@dataclass(frozen=True)
class Kind:
    """How PostgreSQL writes a column (`{0}` is the column), and how numpy reads it.

    Text that is cut to its width has one letter more: a space there says that nothing was lost.
    """

    sql: str
    read: Any
    is_cut: bool = False


WHOLE = Kind("{0}::int8", np.dtype(">i8"))
NUMBER = Kind("coalesce({0}::float8, 'NaN')", np.dtype(">f8"))
FLAG = Kind("{0}::bool", np.dtype("?"))
DAY = Kind("coalesce({0}::date, 'infinity')", np.dtype(">i4"))
KEY = Kind("{0}::uuid", np.dtype((np.uint8, 16)))


def text(width: int) -> Kind:
    """ASCII text of at most `width` letters, filled up with spaces."""
    return _cut("{0}", width, np.dtype(f"S{width}"))


def texts(width: int, most: int) -> Kind:
    """An array of at most `most` ASCII texts of exactly `width` letters: a row of them."""
    return _cut("array_to_string({0}, '')", width * most, np.dtype((f"S{width}", most)))


def listed(width: int) -> Kind:
    """An array of ASCII texts, with commas between them, of at most `width` letters together."""
    return _cut("array_to_string({0}, ',')", width, np.dtype(f"S{width}"))


def _cut(value: str, width: int, read: Any) -> Kind:
    # A third of the price of rpad(): PostgreSQL spends most of these queries on such calls.
    return Kind(f"({value})::char({width + 1})", read, is_cut=True)


class CompiledColumns:
    """The columns of a `values_list` queryset that is built once, as `CompiledRows` is: see there.

    `kinds` names the columns in the order of the queryset. Days come as datetime64 (none as NaT),
    numbers that are missing as NaN, UUIDs in their usual spelling, texts as bytes. Only days and
    numbers may be null. A call raises NotFixedWidthError.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        kinds: Mapping[str, Kind],
        **arguments: type[int] | type[date] | type[list[int]],
    ) -> None:
        self._rows, self._kinds, self._sql = CompiledRows(build, **arguments), kinds, ""

    def __call__(self, **values: Any) -> dict[str, np.ndarray]:
        statement, parameters = self._rows.asked(**values)
        if not self._sql:
            self._sql = _as_kinds(statement.text, self._kinds)
        named = dict(zip(statement.names, parameters, strict=True))
        return _columns(_copied(self._sql, named), self._kinds)


def _as_kinds(sql: str, kinds: Mapping[str, Kind]) -> str:
    names = [f"c{number}" for number in range(len(kinds))]
    wanted = ", ".join(
        kind.sql.format(name) for name, kind in zip(names, kinds.values(), strict=True)
    )
    # Our own kinds and Django's own SQL; values stay parameters.
    selected = f"select {wanted} from ({sql}) as found ({', '.join(names)})"  # noqa: S608
    return f"copy ({selected}) to stdout (format binary)"


def _copied(statement: str, parameters: Mapping[str, Any]) -> bytearray:
    """Header, rows and trailer. The driver is asked to wait only where no row has come yet: row by
    row that costs twice the reading."""
    data, size = bytearray(), 1
    # Straight to the driver: what Django wraps around it for debugging takes no parameters.
    with connection.cursor() as cursor, cursor.cursor.copy(statement, parameters) as copy:
        server = copy.connection.pgconn
        while size >= 0 and (block := copy.read()):
            data += block
            size, more = server.get_copy_data(1)
            while size > 0:
                data += more
                size, more = server.get_copy_data(1)
        while size < 0 and (result := server.get_result()) is not None:
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)
    return data


def column_of(values: Sequence[Any], kind: Kind) -> np.ndarray:
    """The column that `CompiledColumns` gives for these values, of any width; `texts` excepted."""
    if kind is DAY:
        return np.array(values, "datetime64[D]")
    if kind is KEY:
        return np.array([str(one) for one in values])
    if kind.read.kind == "S":
        names = (one if isinstance(one, str) else ",".join(one) for one in values)
        return np.array([one.encode() for one in names])
    return np.array(values, kind.read.newbyteorder("="))


def _columns(data: bytearray, kinds: Mapping[str, Kind]) -> dict[str, np.ndarray]:
    fields: list[tuple[Any, ...]] = [("number of fields", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"length of {name}", ">i4"), (name, kind.read)]
        fields += [(f"end of {name}", "S1")] * kind.is_cut
    record = np.dtype(fields)
    count, rest = divmod(len(data) - _HEADER - _TRAILER, record.itemsize)
    if rest:
        raise NotFixedWidthError
    found = np.frombuffer(data, record, count, _HEADER)
    for name, kind in kinds.items():
        if (found[f"length of {name}"] != kind.read.itemsize + kind.is_cut).any():
            raise NotFixedWidthError(name)
        if kind.is_cut and (found[f"end of {name}"] != b" ").any():
            raise NotFixedWidthError(name)
    return {name: _readable(found[name], kind) for name, kind in kinds.items()}


def _readable(values: np.ndarray, kind: Kind) -> np.ndarray:
    if kind is DAY:
        days = (values.astype(np.int64) + _DAYS_TO_2000).astype("datetime64[D]")
        days[values == _NO_DAY] = np.datetime64("NaT")
        return days
    if kind is KEY:
        return _spelled(values)
    if values.dtype.kind == "S":
        letters = np.ascontiguousarray(values).view(np.uint8)
        return np.where(letters == _SPACE, np.uint8(0), letters).view(values.dtype)
    return np.ascontiguousarray(values.astype(values.dtype.newbyteorder("=")))


def _spelled(keys: np.ndarray) -> np.ndarray:
    """UUIDs as text, 8-4-4-4-12."""
    letters = _HEX[keys].reshape(len(keys), 32)
    spelled = np.full((len(keys), 36), _DASH, np.uint32)
    for start, stop, dashes in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        spelled[:, start + dashes : stop + dashes] = letters[:, start:stop]
    return spelled.view("U36").reshape(len(keys))
