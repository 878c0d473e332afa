"""Rows copied from one database into another, of either kind: page by page, as exact as both can hold them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from retrieval.database import on_server

PAGE = 50  # rows in memory at once; a row may be a whole book

Notify = Callable[[int], None]


def copy_rows(table: sa.Table, source: sa.Connection, target: sa.Connection, *, notify: Notify, spare: int = 0) -> int:
    """Copy all rows of a table and return their number; columns that an older source lacks stay empty.

    Ids that the source has given to rows that are gone are not given again by the target, nor are the next `spare` ones.
    """
    query = sa.select(*_shared_columns(table, source)).execution_options(yield_per=PAGE)
    count = 0
    for page in source.execute(query).mappings().partitions():
        rows = [dict(row) for row in page]
        target.execute(table.insert(), rows)
        count += len(rows)
        notify(len(rows))
    if _counts_up(table):
        advance_ids(table, target, last_id(table, source) + spare)
    return count


def count_rows(table: sa.Table, connection: sa.Connection) -> int:
    """The number of a table's rows."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def last_id(table: sa.Table, connection: sa.Connection) -> int:
    """The highest id that a table, whose ids are never used twice, has ever given; 0 if none."""
    if on_server(connection):
        return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.pg_sequence_last_value(_sequence(table)), 0))) or 0)
    return int(connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}) or 0)


def advance_ids(table: sa.Table, connection: sa.Connection, last: int) -> None:
    """Let a table give no id up to this one any more."""
    if last <= last_id(table, connection):
        return
    if on_server(connection):
        connection.execute(sa.select(sa.func.setval(_sequence(table), last)))
        return
    values = {"name": table.name, "last": last}
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _counts_up(table: sa.Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _sequence(table: sa.Table) -> sa.Function[Any]:
    """The name of the sequence that a table's ids come from on a server."""
    return sa.func.pg_get_serial_sequence(table.name, next(iter(table.primary_key.columns)).name)


def _shared_columns(table: sa.Table, source: sa.Connection) -> list[sa.Column[Any]]:
    if on_server(source):
        return list(table.columns)  # opening it has brought it to this version
    there = {column["name"] for column in sa.inspect(source).get_columns(table.name)}
    return [column for column in table.columns if column.name in there]
