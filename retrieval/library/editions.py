"""Editions of a library: the one that answers, and one that is built beside it and takes its place in one step.

Without a server an edition is a folder, and a file names the current one. With one its catalogue is a schema of the database,
which are renamed in one transaction, and its folder holds this host's own indexes.
"""

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from retrieval.database import changing, open_database, write_whole
from retrieval.errors import LibraryError
from retrieval.library.stub import is_stub, leave_stub
from retrieval.library.tables import meta

# What a new edition takes over at the last moment, given a connection and the names of the old and the new schema in it.
Carry = Callable[[sa.Connection, str, str], None]

POINTER = "edition"  # the file with the current edition's number; without one it is 0, whose files lie in the data folder itself
EDITIONS = "editions"
INDEXES = ("vectors", "keywords")
CURRENT, NEXT, PREVIOUS = "footnote", "footnote_next", "footnote_previous"  # schemas on a server
REPLACED = re.compile(rf"{PREVIOUS}(_[0-9a-f]{{32}})?")  # whatever else is called alike is somebody's own
DROP_SECONDS = 2.0  # for those who still read an edition that was replaced
CATALOGUE = "catalogue.sqlite3"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: where its indexes lie, and its catalogue if that is not on a server, where it is a schema."""

    number: int
    folder: Path
    schema: str

    @property
    def catalogue(self) -> Path:
        """The file of its catalogue, where there is no server."""
        return self.folder / CATALOGUE


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of an edition without opening it: whose vectors it has, by uid, its schema's version and its model."""

    uid: str
    schema: int
    model: str
    fingerprint: str


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

    def switch(self, generation: int, carry: Carry | None = None) -> bool:
        """Let the following edition be the current one, unless the current one has changed since a generation: then False.

        `carry` takes over what is not counted by generations; nobody changes either edition meanwhile.
        """
        if self._engine is not None:
            return self._switch_schemas(self._engine, generation, carry)
        current, following = self.current(), self.following()
        with _opened(current) as old, old.begin() as held, _opened(following) as new:
            held.exec_driver_sql("BEGIN IMMEDIATE")
            if held.scalar(sa.select(meta.c.generation)) != generation:
                return False
            if carry is not None:
                with new.connect() as connection:
                    connection.exec_driver_sql("ATTACH DATABASE ? AS old", (str(current.catalogue),))
                    carry(connection, "old", "main")
                    connection.commit()
            self._point_to(following.number)
            return True

    def begun(self) -> Begun | None:
        """What is known of the following edition, if one has been begun; None too if it cannot be read."""
        return self._begun(self.following())

    def is_current(self, edition: Edition) -> bool:
        """Whether no other edition has taken the place of this one."""
        return self._number() == edition.number

    def collections_left(self, *, following: bool = False) -> list[str]:
        """The uids of the editions that `clear` would remove, as which their vectors are known on a server."""
        number = self._number()
        if self._engine is not None:
            left = [Edition(number, self._folder, schema) for schema in other_schemas(self._engine, following=following)]
        else:
            left = [
                self._edition(each, CURRENT) for each in (0, *self._numbers()) if each < number or (following and each > number)
            ]
        return [begun.uid for edition in left if (begun := self._begun(edition)) and begun.uid]

    def clear(self, *, following: bool = False) -> None:
        """Remove the editions before the current one, and with `following` what was built beside it too."""
        number = self._number()
        if number > 0:
            for path in left_in_root(self._folder, own_catalogue=self._engine is None):
                _remove(path)
        for other in self._numbers():
            if other < number or (following and other > number):
                self._remove_edition(self._edition(other, CURRENT).folder)
        if self._engine is not None:
            self._drop(self._engine, following=following)

    def _numbers(self) -> list[int]:
        """The numbers of the editions that have folders of their own."""
        return [int(path.name) for path in self._folder.glob(f"{EDITIONS}/*") if path.name.isdecimal()]

    def _remove_edition(self, folder: Path) -> None:
        """Remove what belongs to an edition; a catalogue in a file is none of an edition whose catalogue is on a server."""
        if self._engine is None or not (folder / CATALOGUE).exists():
            _remove(folder)
        else:
            for name in INDEXES:
                _remove(folder / name)

    def _drop(self, engine: sa.Engine, *, following: bool = False) -> None:
        """Drop the schemas of other editions; one that somebody still reads is left for the next time."""
        for schema in other_schemas(engine, following=following):
            with suppress(LibraryError), engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{DROP_SECONDS}s'")
                connection.execute(sa.schema.DropSchema(schema, cascade=True, if_exists=True))

    def _begun(self, edition: Edition) -> Begun | None:
        columns = (meta.c.uid, meta.c.schema, meta.c.model, meta.c.fingerprint)
        with suppress(LibraryError):
            if self._engine is not None:
                with self._engine.connect() as connection:
                    if sa.inspect(connection).has_table("meta", schema=edition.schema):
                        connection.execution_options(schema_translate_map={None: edition.schema})
                        return Begun(*connection.execute(sa.select(*columns)).one())
            elif edition.catalogue.exists():
                with _opened(edition) as engine, engine.connect() as connection:
                    row = connection.execute(sa.select(*columns)).one_or_none()
                    return Begun(*row) if row else None
        return None

    def _edition(self, number: int, schema: str) -> Edition:
        return Edition(number, self._folder / EDITIONS / str(number) if number else self._folder, schema)

    def _number(self) -> int:
        if self._engine is not None:
            with self._engine.connect() as connection:
                if connection.scalar(sa.select(sa.func.to_regclass(f"{CURRENT}.meta"))) is None:
                    return 0
                # As JSON, for the first schema has no such column.
                return int(connection.scalar(sa.text(f"SELECT to_jsonb(meta) ->> 'edition' FROM {CURRENT}.meta")) or 0)  # noqa: S608 - ours
        pointer = self._folder / POINTER
        try:
            return int(pointer.read_text("ascii"))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            message = f"The file {pointer} cannot be read, which names the edition of the library that counts."
            raise LibraryError(message, help="Check its permissions, or restore a backup: footnote restore FILE") from error

    def _point_to(self, number: int) -> None:
        """Name the current edition."""
        try:
            write_whole(self._folder / POINTER, str(number))
        except OSError as error:
            message = f"The new edition of the library cannot be put in its place: {error.strerror}."
            raise LibraryError(message, help="Check the data folder's permissions and free space, and run it again.") from error

    def _switch_schemas(self, engine: sa.Engine, generation: int, carry: Carry | None) -> bool:
        self._drop(engine)
        with changing(engine) as connection:
            # Who writes waits for the locks of these tables and finds the new ones behind them; who reads does not wait.
            # They are taken as every change takes them, this table's first, or the two would wait for each other.
            names = sorted(sa.inspect(connection).get_table_names(schema=CURRENT), key=lambda name: (name != meta.name, name))
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
            if connection.scalar(sa.select(meta.c.generation)) != generation:
                return False
            if carry is not None:
                carry(connection, CURRENT, NEXT)
            renamed = [(CURRENT, PREVIOUS), (NEXT, CURRENT)]
            if sa.inspect(connection).has_schema(PREVIOUS):  # a long backup, say, still reads what could not be dropped
                renamed.insert(0, (PREVIOUS, f"{PREVIOUS}_{uuid.uuid4().hex}"))
            for old, new in renamed:
                connection.exec_driver_sql(f"ALTER SCHEMA {old} RENAME TO {new}")
            return True


def other_schemas(engine: sa.Engine, *, following: bool) -> list[str]:
    """The schemas of editions that were replaced, and with `following` of the next one."""
    names = sa.inspect(engine).get_schema_names()
    return [name for name in names if REPLACED.fullmatch(name) or (following and name == NEXT)]


def number_edition(connection: sa.Connection, number: int) -> None:
    """Write an edition's number into its catalogue, which is where a server's is read from."""
    connection.execute(meta.update().where(meta.c.edition.is_(None)).values(edition=number))


def left_in_root(folder: Path, *, own_catalogue: bool = True) -> list[Path]:
    """What the first edition has left in the data folder, once another is the current one."""
    left = [folder / name for name in INDEXES if (folder / name).is_dir()]  # a file is nothing of ours
    catalogue = folder / CATALOGUE
    return [*left, catalogue] if own_catalogue and not is_stub(catalogue) else left


@contextmanager
def _opened(edition: Edition) -> Iterator[sa.Engine]:
    """The catalogue of an edition in a file, as it is."""
    engine = open_database(edition.catalogue, called="The catalogue")
    try:
        yield engine
    finally:
        engine.dispose()


def _remove(path: Path) -> None:
    """Remove a file or folder; what cannot be removed now, as a reader has it open, is left for the next time."""
    if path.name == CATALOGUE:
        with suppress(OSError):
            leave_stub(path)
    else:
        shutil.rmtree(path, ignore_errors=True)
        with suppress(OSError):  # a link to a folder, or a file in the place of one
            path.unlink(missing_ok=True)
