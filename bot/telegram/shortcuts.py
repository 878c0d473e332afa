"""Short names for what a button means, since it may carry 64 bytes only; they are kept, so that buttons outlive a restart."""

import sqlalchemy as sa

from bot.telegram.tables import shortcut
from retrieval.database import insert

LONGEST = 19  # digits that fit into 64 bits
KEPT = 500  # of one person; older ones are forgotten


class Shortcuts:
    """The shortcuts of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def make(self, meaning: str, person: int) -> str:
        """A short name for a meaning, the same each time; it is forgotten with the person."""
        theirs = shortcut.c.person == person
        newest = sa.select(shortcut.c.id).where(theirs).order_by(shortcut.c.id.desc()).limit(KEPT)
        with self._engine.begin() as connection:
            connection.execute(insert(connection, shortcut).values(meaning=meaning, person=person).on_conflict_do_nothing())
            connection.execute(shortcut.delete().where(theirs, shortcut.c.meaning != meaning, shortcut.c.id.not_in(newest)))
            return str(connection.scalar(sa.select(shortcut.c.id).where(theirs, shortcut.c.meaning == meaning)))

    def meaning(self, name: str) -> str | None:
        """What a short name means; None if it means nothing."""
        if not (name.isascii() and name.isdigit() and len(name) < LONGEST):
            return None
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(shortcut.c.meaning).where(shortcut.c.id == int(name)))

    def erase(self, connection: sa.Connection, person: int) -> None:
        """Forget what was made for a person."""
        connection.execute(shortcut.delete().where(shortcut.c.person == person))
