"""The file of a backup: an SQLite database that is whole or not there, whenever the machine stops."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.backup.digest import digest_of
from bot.backup.manifest import Manifest, read_manifest
from bot.backup.tables import table_named
from retrieval.copying import count_rows
from retrieval.database import write_through
from retrieval.errors import LibraryError
from retrieval.library.copies import lost_vectors

APPLICATION = 0x466F6F74  # "Foot": what SQLite's header says that the file is
MAGIC, APPLICATION_AT = b"SQLite format 3\0", 68
PARTIAL = ".footnote-partial"  # an ending that no file of anybody else has


@contextmanager
def written(path: Path, *, force: bool) -> Iterator[sa.Connection]:
    """A connection to a new file, which takes its name when the block has ended and all of it is found to be on the disk.

    Until then an earlier backup of that name stays what it is, and whatever breaks off leaves nothing. Raises LibraryError.
    """
    check_place(path, force=force)
    partial = path.with_name(path.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)  # a killed one's: a second one at once is kept out by a lock
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with _connected(partial, _cannot_write(path), writing=True) as connection:
                yield connection
                connection.commit()
            with opened(partial):
                write_through(partial)
            check_place(path, force=force)
            partial.replace(path)
            write_through(path.parent)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path)(error.strerror or str(error)) from error


@contextmanager
def opened(path: Path) -> Iterator[tuple[sa.Connection, Manifest]]:
    """A connection to a backup for reading, once all of it is found to be sound; raises LibraryError."""
    _check_kind(path)
    with _connected(path, lambda reason: _damaged(path, reason), writing=False) as connection:
        try:
            manifest = read_manifest(connection)
        except (sa.exc.InvalidRequestError, ValueError) as error:  # it has no row, a table is gone, or it is no JSON
            raise _damaged(path, "its manifest does not describe it") from error
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            raise _damaged(path, str(found))
        for name, count in manifest.counts.items():
            table = table_named(name)
            if table is not None and count_rows(table, connection) != count:
                raise _damaged(path, f"{name} does not have its {count} rows")
        if lost_vectors(connection):
            raise _damaged(path, "vectors are missing")
        if digest_of(connection, manifest.counts) != manifest.digest:
            raise _damaged(path, "its content is not what was backed up")
        yield connection, manifest


def check_place(path: Path, *, force: bool) -> None:
    """Refuse to write over what is there; an earlier backup may be replaced if that is wanted. Raises LibraryError."""
    if not os.path.lexists(path):
        return
    if not _is_backup(path):
        message = f"There is something else than a backup at {path} already."
        raise LibraryError(message, help="Name another file.")
    if not force:
        message = f"The backup {path} is there already."
        raise LibraryError(message, help="Name another file, or replace it with --force.")


def _is_backup(path: Path) -> bool:
    if not path.is_file():  # a pipe would be waited for
        return False
    try:
        with path.open("rb") as file:
            header = file.read(APPLICATION_AT + 4)
    except OSError:
        return False
    return header.startswith(MAGIC) and header[APPLICATION_AT:] == APPLICATION.to_bytes(4)


def _check_kind(path: Path) -> None:
    try:
        path.stat()
        if path.is_file():
            path.open("rb").close()
    except OSError as error:
        message = f"The backup {path} cannot be read: {error.strerror}."
        raise LibraryError(message, help="Check its name and permissions.") from error
    if not _is_backup(path):
        message = f"The file {path} is no backup of Footnote."
        raise LibraryError(message, help="Name a file that `footnote backup` has made.")


@contextmanager
def _connected(path: Path, told: Callable[[str], LibraryError], *, writing: bool) -> Iterator[sa.Connection]:
    """A connection to an SQLite file with no files beside it; what the database says is told as a LibraryError."""
    address = f"{path.absolute().as_uri()}?{'mode=rw' if writing else 'mode=ro&immutable=1'}"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=sa.pool.NullPool)

    def explain(context: sa.ExceptionContext) -> LibraryError | None:
        expected = isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError)
        return told(str(context.original_exception).rstrip(".")) if expected else None

    sa.event.listen(engine, "handle_error", explain)
    with engine.connect() as connection:
        pragmas = ("journal_mode=OFF", "synchronous=OFF", f"application_id={APPLICATION}") if writing else ("trusted_schema=OFF",)
        for pragma in pragmas:  # what is not whole is not used, so nothing has to be undone
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        yield connection


def _cannot_write(path: Path) -> Callable[[str], LibraryError]:
    help_line = "Check the folder's permissions and free space, or name another file."
    return lambda reason: LibraryError(f"The backup {path} cannot be written: {reason}.", help=help_line)


def _damaged(path: Path, reason: str) -> LibraryError:
    message = f"The backup {path} is damaged: {reason.partition(chr(10))[0]}."
    return LibraryError(message, help="Use another backup; nothing was changed.")
