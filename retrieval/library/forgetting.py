"""Forgetting what is dead: only once every index has dropped it, those of other hosts too."""

import time

import sqlalchemy as sa

from retrieval.database import insert
from retrieval.library.statements import pages
from retrieval.library.tables import chunk, follower, meta, vector

FOLLOWED_SECONDS = 7 * 86400.0  # a host that was not seen for a week makes its indexes anew when it comes back


def purge(connection: sa.Connection, upto: int) -> None:
    """Forget the dead chunks up to a generation that all followers have reached, and vectors that no other chunk has."""
    # The lock of this row makes purges and puts take turns: a put must not lose vectors that it has seen.
    generation = connection.scalar(meta.update().values(purged=meta.c.purged).returning(meta.c.generation))
    recent = sa.select(sa.func.min(follower.c.generation)).where(follower.c.seen > time.time() - FOLLOWED_SECONDS)
    slowest = connection.scalar(recent)
    reached = min(upto, int(generation or 0), upto if slowest is None else int(slowest))
    gone = sa.and_(chunk.c.dead, chunk.c.generation <= reached)
    keys = list(connection.scalars(sa.select(chunk.c.vector).where(gone)))
    if keys:
        connection.execute(chunk.delete().where(gone))
        connection.execute(meta.update().values(purged=reached))
    for page in pages(keys):
        unused = vector.c.key.not_in(sa.select(chunk.c.vector).where(chunk.c.vector.in_(page)))
        connection.execute(vector.delete().where(vector.c.key.in_(page), unused))


def note_follower(connection: sa.Connection, name: str, generation: int) -> None:
    """Remember how far a host's own indexes are, and that it was there now."""
    values = {"generation": generation, "seen": time.time()}
    statement = insert(connection, follower).values(name=name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
