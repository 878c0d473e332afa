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


def last_id(table: sa.Table, connection: sa.Connection, schema: str = "") -> int:
    """The highest id that a table, whose ids are never used twice, has ever given; 0 if none."""
    if on_server(connection):
        last = sa.func.pg_sequence_last_value(_sequence(table, schema))
        return int(connection.scalar(sa.select(sa.func.coalesce(last, 0))) or 0)
    ids = _sequences(schema)
    return int(connection.scalar(sa.select(ids.c.seq).where(ids.c.name == table.name)) or 0)


def advance_ids(table: sa.Table, connection: sa.Connection, last: int, schema: str = "") -> None:
    """Let a table give no id up to this one any more."""
    if last <= last_id(table, connection, schema):
        return
    if on_server(connection):
        connection.execute(sa.select(sa.func.setval(_sequence(table, schema), last)))
        return
    ids = _sequences(schema)
    connection.execute(ids.delete().where(ids.c.name == table.name))
    connection.execute(ids.insert().values(name=table.name, seq=last))


def _counts_up(table: sa.Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _sequence(table: sa.Table, schema: str) -> sa.Function[Any]:
    """The name of the sequence that a table's ids come from on a server."""
    name = f"{schema}.{table.name}" if schema else table.name
    return sa.func.pg_get_serial_sequence(name, next(iter(table.primary_key.columns)).name)


def _sequences(schema: str) -> sa.TableClause:
    """The table in which SQLite notes the last ids."""
    return sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"), schema=schema or None)


def _shared_columns(table: sa.Table, source: sa.Connection) -> list[sa.Column[Any]]:
    if on_server(source):
        return list(table.columns)  # opening it has brought it to this version
    there = {column["name"] for column in sa.inspect(source).get_columns(table.name)}
    return [column for column in table.columns if column.name in there]
