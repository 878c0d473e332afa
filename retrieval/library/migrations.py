"""From the schema of an older version to that of this one, step by step; a newer one is refused."""

import uuid
from collections.abc import Callable

import sqlalchemy as sa

from retrieval.database import add_columns, changing, create_tables
from retrieval.errors import LibraryError
from retrieval.library.editions import Edition, number_edition
from retrieval.library.stub import UID
from retrieval.library.tables import SCHEMA_VERSION, meta, tables


def _to_2(connection: sa.Connection) -> None:
    """Version 0.4.0 numbers editions; its new tables are made where any is missing."""
    add_columns(connection, meta)


# The schema that a step starts from, and the step to the next one.
STEPS: dict[int, Callable[[sa.Connection], None]] = {1: _to_2}


def prepare(engine: sa.Engine, edition: Edition) -> None:
    """Make what an edition's catalogue lacks, all of it if it is new, in one transaction; raises LibraryError."""
    fresh = {"one": 1, "uid": uuid.uuid4().hex, "schema": SCHEMA_VERSION, "generation": 0, "purged": 0}
    with changing(engine) as connection:
        create_tables(connection, tables, edition.schema)
        if connection.scalar(sa.select(meta.c.one)) is None:
            values = {**fresh, "model": "", "dimension": 0, "fingerprint": "", "edition": edition.number}
            connection.execute(meta.insert().values(values))
        migrate(connection)
        number_edition(connection, edition.number)


def migrate(connection: sa.Connection) -> None:
    """Bring a catalogue to this version's schema, in the transaction that the connection is in; raises LibraryError."""
    uid, found = connection.execute(sa.select(meta.c.uid, meta.c.schema)).one()
    if uid == UID:
        message = "The data folder lacks its file `edition`, which names the edition of the library that counts."
        raise LibraryError(message, help="Write the number of the newest folder in `editions` into it, or restore a backup.")
    if found > SCHEMA_VERSION:
        message = f"The library has version {found}, and this program knows libraries up to version {SCHEMA_VERSION}."
        raise LibraryError(message, help="Use the program it was made with or a newer one, or name another folder with --data.")
    for version in range(found, SCHEMA_VERSION):
        STEPS[version](connection)
    if found < SCHEMA_VERSION:
        connection.execute(meta.update().values(schema=SCHEMA_VERSION))
