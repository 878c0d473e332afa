"""Reading without writing: databases as they lie there; indexes, which write when they are opened, as copies."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock
import sqlalchemy as sa

from retrieval.database import WAIT_SECONDS, open_database
from retrieval.errors import LibraryError
from retrieval.library.editions import Edition
from retrieval.library.following import folder_bytes
from retrieval.library.locks import LOCK_SECONDS

QUICK_SECONDS = 20.0  # for reading a database file as a whole
_STEPS = 20_000  # instructions of SQLite between two looks at the clock


def read_file(path: Path) -> sa.Engine:
    """The engine of a database file that is only read.

    Where nobody has it open no log lies beside it, and one would be made unless the file is taken as one that does not change.
    """
    closed = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    address = f"{path.absolute().as_uri()}?mode=ro{closed}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, check_same_thread=False)

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)


def read_catalogue(edition: Edition, database_url: str) -> sa.Engine:
    """The engine of an edition's catalogue, which is only read."""
    if database_url:
        return open_database(edition.catalogue, called="The catalogue", url=database_url, schema=edition.schema)
    return read_file(edition.catalogue)


def damage(connection: sa.Connection) -> str | None:
    """What SQLite finds wrong with a file, empty if nothing; None if it would take too long to read it as a whole."""
    deadline = time.monotonic() + QUICK_SECONDS
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):  # a server looks after its own files
        return ""
    raw.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except sa.exc.OperationalError:
        if time.monotonic() > deadline:
            return None
        raise
    finally:
        raw.set_progress_handler(None, 0)
    return "" if said == "ok" else said.replace("\n", " ").strip("* ")


@contextmanager
def copied(edition: Edition, name: str) -> Iterator[Path]:
    """A copy of an edition's index, made while nobody writes to it, and removed at the end; raises LibraryError."""
    wanted, free = folder_bytes(edition.folder / name), shutil.disk_usage(tempfile.gettempdir()).free
    if wanted > free:
        message = f"There is no room for a copy to examine in {tempfile.gettempdir()}."
        raise LibraryError(message, help="Name a folder with room: TMPDIR=FOLDER footnote doctor")
    with tempfile.TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True) as made:
        copy = Path(made) / name
        with _held(edition.folder / "index.lock"):
            shutil.copytree(edition.folder / name, copy)
        for path in (copy, *copy.rglob("*")):  # of a library that may only be read, the copy would be such too
            path.chmod(0o700 if path.is_dir() else 0o600)
        yield copy


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the lock of the indexes if there ever was one and it can be held; it is not made."""
    lock = filelock.FileLock(path, timeout=LOCK_SECONDS, poll_interval=0.01)
    if path.exists():
        with suppress(OSError, filelock.Timeout):  # the folder is read-only, or somebody has stopped in the midst of it
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def is_writing(folder: Path) -> bool:
    """Whether somebody holds the writer's lock of a data folder; the lock is not made."""
    path = folder / "writer.lock"
    if not path.exists():
        return False
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
