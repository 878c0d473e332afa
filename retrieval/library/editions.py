"""Editions of a library: the one that answers, and one that is built beside it and takes its place in one step.

Without a server an edition is a folder, and a file names the current one. With one its catalogue is a schema of the database,
which are renamed in one transaction, and its folder holds this host's own indexes.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from retrieval.database import open_database
from retrieval.errors import LibraryError
from retrieval.library.tables import meta

POINTER = "edition"  # the file with the current edition's number; without one it is 0, whose files lie in the data folder itself
EDITIONS = "editions"
CURRENT, NEXT, PREVIOUS = "footnote", "footnote_next", "footnote_previous"  # schemas on a server
OF_THE_FIRST = ("vectors", "keywords", "catalogue.sqlite3", "catalogue.sqlite3-wal", "catalogue.sqlite3-shm")


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: where its indexes lie, and its catalogue if that is not on a server, where it is a schema."""

    number: int
    folder: Path
    schema: str

    @property
    def catalogue(self) -> Path:
        """The file of its catalogue, where there is no server."""
        return self.folder / "catalogue.sqlite3"


class Editions:
    """The editions in one data folder; those who switch or clear them hold the writer's lock."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._engine = open_database(folder, called="The catalogue", url=database_url) if database_url else None

    def close(self) -> None:
        """Close every connection."""
        if self._engine is not None:
            self._engine.dispose()

    def current(self) -> Edition:
        """The edition that answers."""
        return self._edition(self._number(), CURRENT)

    def following(self) -> Edition:
        """The edition that is being built or will be."""
        return self._edition(self._number() + 1, NEXT)

    def switch(self, generation: int) -> bool:
        """Let the following edition be the current one, unless the current one has changed since a generation: then False."""
        if self._engine is not None:
            return self._switch_schemas(self._engine, generation)
        current = self.current()
        engine = open_database(current.catalogue, called="The catalogue")
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                if connection.scalar(sa.select(meta.c.generation)) != generation:
                    return False
                self._point_to(current.number + 1)
                return True
        finally:
            engine.dispose()

    def clear(self, *, following: bool = False) -> None:
        """Remove the editions before the current one, and with `following` what was built beside it too."""
        number = self._number()
        if number > 0:
            for name in OF_THE_FIRST:
                _remove(self._folder / name)
        for folder in self._folder.glob(f"{EDITIONS}/*"):
            if folder.name.isdecimal() and (int(folder.name) < number or (following and int(folder.name) > number)):
                _remove(folder)
        if self._engine is not None:
            with self._engine.begin() as connection:
                for schema in (PREVIOUS, *([NEXT] if following else [])):
                    connection.execute(sa.schema.DropSchema(schema, cascade=True, if_exists=True))

    def _edition(self, number: int, schema: str) -> Edition:
        return Edition(number, self._folder / EDITIONS / str(number) if number else self._folder, schema)

    def _number(self) -> int:
        if self._engine is not None:
            with self._engine.connect() as connection:
                if not sa.inspect(connection).has_table("meta", schema=CURRENT):
                    return 0
                return int(connection.scalar(sa.select(meta.c.edition)) or 0)
        pointer = self._folder / POINTER
        try:
            return int(pointer.read_text("ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            message = f"The file {pointer} cannot be read, which names the edition of the library that counts."
            raise LibraryError(message, help="Check its permissions, or restore a backup: footnote restore FILE") from error

    def _point_to(self, number: int) -> None:
        """Name the current edition, so that either the old or the new name is there whenever the machine stops."""
        written = self._folder / f"{POINTER}.new"
        try:
            with written.open("w", encoding="ascii") as file:
                file.write(str(number))
                file.flush()
                os.fsync(file.fileno())
            written.replace(self._folder / POINTER)
        except OSError as error:
            message = f"The new edition of the library cannot be put in its place: {error.strerror}."
            raise LibraryError(message, help="Check the data folder's permissions and free space, and run it again.") from error
        _sync_folder(self._folder)

    def _switch_schemas(self, engine: sa.Engine, generation: int) -> bool:
        with engine.begin() as connection:
            if connection.scalar(sa.select(meta.c.generation).with_for_update()) != generation:
                return False
            connection.execute(sa.schema.DropSchema(PREVIOUS, cascade=True, if_exists=True))
            for old, new in ((CURRENT, PREVIOUS), (NEXT, CURRENT)):
                connection.exec_driver_sql(f"ALTER SCHEMA {old} RENAME TO {new}")
            return True


def number_edition(connection: sa.Connection, number: int) -> None:
    """Write an edition's number into its catalogue, which is where a server's is read from."""
    connection.execute(meta.update().where(meta.c.edition.is_(None)).values(edition=number))


def _remove(path: Path) -> None:
    """Remove a file or folder; what cannot be removed now, as a reader has it open, is left for the next time."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return


def _sync_folder(folder: Path) -> None:
    """Write a folder's list of names to the disk, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
