"""The content of a backup in one number: SQLite notices a broken page, but not a letter that the disk has turned into another."""

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa

from bot.backup.tables import table_named
from retrieval.copying import PAGE


def digest_of(backup: sa.Connection, names: Iterable[str]) -> str:
    """The SHA-256 of all rows of some tables of a backup as they are stored, also in columns that this version does not know."""
    digest = hashlib.sha256()
    for table in (table_named(name) for name in names):
        if table is None:
            continue
        query = sa.text(f"SELECT * FROM {table.name} ORDER BY rowid")  # noqa: S608 - one of our own tables
        for row in backup.execute(query, execution_options={"yield_per": PAGE}):
            for value in row:
                content = value if isinstance(value, bytes) else repr(value).encode()
                digest.update(b"%s %d " % (type(value).__name__.encode(), len(content)))
                digest.update(content)
    return digest.hexdigest()
