"""A backup made of a library and its conversations while they are in use, each as it is at one moment."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import filelock
import sqlalchemy as sa

from bot.backup.file import written
from bot.backup.manifest import Manifest, write_manifest
from bot.backup.stores import opened_stores
from bot.backup.tables import CONVERSATIONS, USAGE
from retrieval.copying import Notify, copy_rows, count_rows
from retrieval.database import snapshot
from retrieval.errors import LibraryBusy, LibraryError
from retrieval.library import Library
from retrieval.library.copies import copied_tables, copy_out

LOCK = "backup.lock"

Progress = Callable[[int, int], None]  # rows done, and of how many about


def make_backup(path: Path, *, library: Library, force: bool, notify: Progress) -> Manifest:
    """Write a backup of everything that cannot be made anew, and say what is in it; raises LibraryError."""
    with _alone(library.folder), opened_stores(library.folder, library.servers) as stores:
        if stores.conversations is None and not library.catalogue.has_articles():
            message = f"There is nothing in {library.folder} that could be backed up."
            raise LibraryError(message, help="Check that it is the right folder and its disk is there; nothing was written.")
        parts = [(engine, tables) for engine, tables in ((stores.conversations, CONVERSATIONS), (stores.usage, USAGE)) if engine]
        total = sum(_rows(engine, tables) for engine, tables in [(library.catalogue.engine, copied_tables()), *parts])
        count = counter(total, notify)
        with written(path, force=force) as backup:
            _create(backup, copied_tables())
            counts = copy_out(library.catalogue, backup, notify=count)
            for engine, tables in parts:
                _create(backup, tables)
                with snapshot(engine) as source:
                    counts |= {table.name: copy_rows(table, source, backup, notify=count) for table in tables}
            return write_manifest(backup, counts)


def _alone(folder: Path) -> AbstractContextManager[object]:
    """Be the only one that makes a backup of a data folder, or two would write into the same file."""
    try:
        return filelock.FileLock(folder / LOCK).acquire(timeout=0)
    except filelock.Timeout:
        message = f"Another backup of {folder} is being made."
        raise LibraryBusy(message, help="Wait until it is done.") from None


def _create(backup: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Create tables without the indexes that they have elsewhere."""
    for table in tables:
        backup.execute(sa.schema.CreateTable(table))


def _rows(engine: sa.Engine, tables: Sequence[sa.Table]) -> int:
    with engine.connect() as connection:
        return sum(count_rows(table, connection) for table in tables)


def counter(total: int, notify: Progress) -> Notify:
    """Add up what is done."""
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        notify(done, total)

    return count
