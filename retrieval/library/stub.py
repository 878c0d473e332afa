"""What stays in the place of the first edition's catalogue: version 0.3.0 knows no editions, and shall refuse the folder.

It reads the schema in this file and says so; without the file it would begin an empty library beside the real one.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import sqlalchemy as sa

from retrieval.library.tables import SCHEMA_VERSION, meta

UID = ""  # no catalogue has an empty one


def is_stub(path: Path) -> bool:
    """Whether a file is no catalogue but only stands for one; no log is made beside it."""
    closed = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    address = f"{path.absolute().as_uri()}?mode=ro{closed}"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
        return bool(connection.execute("SELECT uid FROM meta").fetchone() == (UID,))
    return False


def leave_stub(path: Path) -> None:
    """Put a stub in the place of a catalogue that nobody needs any more; what a reader has open of it stays readable to it."""
    made = path.with_suffix(".stub")
    made.unlink(missing_ok=True)
    values = {"one": 1, "uid": UID, "schema": SCHEMA_VERSION, "generation": 0, "purged": 0}
    row = meta.insert().values(**values, model="", dimension=0, fingerprint="")
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(made)))
    try:
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateTable(meta))
            connection.execute(row)
    finally:
        engine.dispose()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    made.replace(path)
