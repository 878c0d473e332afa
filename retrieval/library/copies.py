"""The catalogue's rows, out of a library into a backup and from there into the edition of another; indexes are made anew."""

import uuid

import sqlalchemy as sa

from retrieval.copying import Notify, copy_rows
from retrieval.database import snapshot
from retrieval.errors import LibraryError
from retrieval.library.catalogue import Catalogue
from retrieval.library.migrations import migrate
from retrieval.library.tables import chunk, follower, meta, tables, vector

ATTEMPTS = 5  # at one state, which on a server ends when another edition takes the place of the one that is read


def copied_tables() -> list[sa.Table]:
    """Every table of a catalogue but the one of hosts, whose indexes are not copied."""
    return [table for table in tables.sorted_tables if table is not follower]


def copy_out(catalogue: Catalogue, target: sa.Connection, *, notify: Notify) -> dict[str, int]:
    """Copy a catalogue as it is at one moment, and return the number of rows by table; ingest may go on meanwhile."""
    for _ in range(ATTEMPTS):
        with snapshot(catalogue.engine) as source:
            uid = source.scalar(sa.select(meta.c.uid))
            counts = {table.name: copy_rows(table, source, target, notify=notify) for table in copied_tables()}
            if source.scalar(sa.select(meta.c.uid)) == uid:
                return counts
        for table in copied_tables():
            target.execute(table.delete())
    message = "The library was rebuilt again and again while it was backed up."
    raise LibraryError(message, help="Try again when nobody rebuilds it.")


def copy_in(source: sa.Connection, catalogue: Catalogue, *, edition: int, notify: Notify) -> None:
    """Fill a catalogue in the place of what it has, all or nothing, and bring it to this version's schema.

    It is a catalogue of its own from now on: an index that had followed the one that was copied, and was perhaps ahead of it, is
    not taken for its own.
    """
    with catalogue.engine.begin() as target:
        for table in copied_tables():
            target.execute(table.delete())  # what a server has not let go of in time
            copy_rows(table, source, target, notify=notify)
        target.execute(meta.update().values(uid=uuid.uuid4().hex, edition=edition))
        migrate(target)


def lost_vectors(connection: sa.Connection) -> int:
    """How many live chunks have no vectors; none in a sound catalogue."""
    kept = sa.exists().where(vector.c.key == chunk.c.vector)
    return int(connection.scalar(sa.select(sa.func.count()).select_from(chunk).where(~chunk.c.dead, ~kept)) or 0)
