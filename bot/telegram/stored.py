"""The bot's database: conversations, members, what has come in and what is owed; in the data folder or on a server."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

import bot.telegram.tables  # noqa: F401 - its tables join the others
from bot.exchanges import exchange, tables, version
from retrieval import LibraryError
from retrieval.database import add_columns, changing, create_tables, open_database

FILE, SCHEMA = "conversations.sqlite3", "footnote_bot"
VERSION = 2  # of the tables


def _to_2(connection: sa.Connection) -> None:
    """Version 0.3.0 has added a column; the number itself is new in version 0.4.0."""
    add_columns(connection, exchange)


# The version that a step starts from, and the step to the next one.
STEPS: dict[int, Callable[[sa.Connection], None]] = {1: _to_2}


def open_conversations(folder: Path, database_url: str = "") -> sa.Engine:
    """The database, made or brought to this version's tables; what is erased in a file is overwritten. Raises LibraryError."""
    engine = open_database(folder / FILE, called="The conversations", url=database_url, schema=SCHEMA, secure_delete=True)
    try:
        with changing(engine) as connection:
            found = _version(connection)
            create_tables(connection, tables, SCHEMA)
            _migrate(connection, found)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _version(connection: sa.Connection) -> int:
    """The version of the tables that are there; this one's if there are none."""
    there = sa.inspect(connection)
    if there.has_table(version.name):
        return int(connection.scalar(sa.select(version.c.schema)) or VERSION)
    return 1 if there.has_table(exchange.name) else VERSION


def _migrate(connection: sa.Connection, found: int) -> None:
    """Bring the tables to this version, in the transaction that the connection is in; raises LibraryError for newer ones."""
    if found > VERSION:
        message = f"The conversations have version {found}, and this program knows them up to version {VERSION}."
        raise LibraryError(
            message, help="Use the program they were made with or a newer one, or name another folder with --data."
        )
    for number in range(found, VERSION):
        STEPS[number](connection)
    if connection.scalar(sa.select(version.c.schema)) != VERSION:
        connection.execute(version.delete())
        connection.execute(version.insert().values(one=1, schema=VERSION))
