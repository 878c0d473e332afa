"""From the schema of an older version to that of this one, step by step; a newer one is refused."""

from collections.abc import Callable

import sqlalchemy as sa

from retrieval.database import add_columns
from retrieval.errors import LibraryError
from retrieval.library.tables import SCHEMA_VERSION, meta


def _to_2(connection: sa.Connection) -> None:
    """Version 0.4.0 numbers editions; its new tables are made where any is missing."""
    add_columns(connection, meta)


# The schema that a step starts from, and the step to the next one.
STEPS: dict[int, Callable[[sa.Connection], None]] = {1: _to_2}


def migrate(connection: sa.Connection) -> None:
    """Bring a catalogue to this version's schema, in the transaction that the connection is in; raises LibraryError."""
    found = int(connection.scalar(sa.select(meta.c.schema)) or 0)
    if found > SCHEMA_VERSION:
        message = f"The library has version {found}, and this program knows libraries up to version {SCHEMA_VERSION}."
        raise LibraryError(message, help="Use the program it was made with or a newer one, or name another folder with --data.")
    for version in range(found, SCHEMA_VERSION):
        STEPS[version](connection)
    if found < SCHEMA_VERSION:
        connection.execute(meta.update().values(schema=SCHEMA_VERSION))
