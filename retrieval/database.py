"""How a database is opened, a file or a schema on a Postgres server: safe beside other processes and crashes."""

import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from retrieval.errors import LibraryError, ServerDown, SettingsError

WAIT_SECONDS = 30  # for another process to end its transaction

# Write-ahead log for readers beside a writer; FULL so that nothing acknowledged, and no index, is ahead after a power loss.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")
SERVER = "postgresql"
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
TABLES_LOCK = 7_203_611  # any number, of the advisory lock under which tables are created


def make_folder(folder: Path) -> None:
    """Make a data folder if it is not there, closed to others, for articles and questions may be private; raises LibraryError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The data folder {folder} cannot be made: {error.strerror}."
        raise LibraryError(message, help="Name another with --data or FOOTNOTE_DATA_DIR.") from error
    if not may_be_read(folder):
        message = f"The data folder {folder} may not be read by the user who runs this."
        raise LibraryError(message, help="Check its permissions, or name another with --data or FOOTNOTE_DATA_DIR.")


def may_be_read(folder: Path) -> bool:
    """Whether the user who runs this may list a folder and open what lies in it."""
    return os.access(folder, os.R_OK | os.X_OK)


def open_database(path: Path, *, called: str, url: str = "", schema: str = "footnote", secure_delete: bool = False) -> sa.Engine:
    """The engine of a database file, made if it is not there, or of a schema of the Postgres server at `url`.

    `called` names it to people, as in "The catalogue". With `secure_delete` what is deleted is also overwritten in the file.
    Whatever the database itself raises is a LibraryError, and a ServerDown if its server cannot be reached.
    """
    if url:
        engine = _server_engine(url, schema)
    else:
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": WAIT_SECONDS})
        sa.event.listen(engine, "connect", _set_pragmas((*PRAGMAS, "secure_delete=ON") if secure_delete else PRAGMAS))
    sa.event.listen(engine, "handle_error", _explain(called))
    return engine


def on_server(connection: sa.Connection | sa.Engine) -> bool:
    """Whether it is a Postgres server's database and not a file."""
    return connection.dialect.name == SERVER


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert:
    """An insert that knows `on_conflict_…`, which both databases have and call the same."""
    kind: Any = postgresql.insert if on_server(connection) else sqlite.insert
    made: sqlite.Insert = kind(table)
    return made


def host_of(address: str | sa.URL) -> str:
    """The host and port of a server's address, which may be told to anybody; the rest may hold a password."""
    url = sa.make_url(address)
    host = url.host or "this machine"
    return f"{host}:{url.port}" if url.port else host


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection all of whose reads see one state of the database."""
    with engine.connect() as connection:
        if on_server(connection):
            connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("BEGIN")
        yield connection


def create_tables(connection: sa.Connection, metadata: sa.MetaData, schema: str = "footnote") -> None:
    """Create what is not there yet, in statements that two processes may run at once."""
    if on_server(connection):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TABLES_LOCK)))
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    for table in metadata.sorted_tables:
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def add_columns(connection: sa.Connection, table: sa.Table) -> None:
    """Add the columns, all of which may be empty, that an older version's table lacks; in a transaction that writes already."""
    there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.nullable and column.name not in there:
            made = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")


@contextmanager
def changing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes from its beginning, so that two processes that change tables take turns."""
    with engine.begin() as connection:
        if on_server(connection):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TABLES_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself begins nothing before ALTER TABLE
        yield connection


def write_whole(path: Path, text: str) -> None:
    """Write a small file, of which either the old content or the new one is there whenever the machine stops; raises OSError."""
    made = path.with_name(f"{path.name}.{uuid.uuid4().hex}")  # others may write it at this moment too
    try:
        with made.open("x", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    write_through(path.parent)


def write_through(path: Path) -> None:
    """Have the system write a file to the disk, or a folder's list of names where it can."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def empty_log(engine: sa.Engine) -> None:
    """Write the log's content into the database file and empty it, for what was deleted is still to be read there."""
    if not on_server(engine):
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _server_engine(url: str, schema: str) -> sa.Engine:
    try:
        from retrieval.postgres import server_engine
    except ImportError as error:
        if error.name not in {None, "psycopg"}:  # it names none where the library of Postgres itself is missing
            raise
        message = "FOOTNOTE_DATABASE_URL is set, but the package for Postgres is not installed."
        raise SettingsError(message, help="Install it: pip install 'footnote[postgres]'") from None
    return server_engine(url, schema)


def _set_pragmas(pragmas: tuple[str, ...]) -> Callable[[Any, object], None]:
    def set_pragmas(connection: Any, _: object) -> None:
        for pragma in pragmas:
            _execute_patiently(connection, f"PRAGMA {pragma}")

    return set_pragmas


def _execute_patiently(connection: Any, statement: str) -> None:
    """Execute a statement again while the database is locked: SQLite changes the journal of a new one at once or not at all."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _explain(called: str) -> Callable[[sa.ExceptionContext], LibraryError | None]:
    """Say in one sentence what the database said: a full disk, a read-only folder, a server that is down."""

    def explain(context: sa.ExceptionContext) -> LibraryError | None:
        if not isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError):
            return None  # not the database's: a defect
        if context.is_pre_ping and context.is_disconnect:
            return None  # another connection is made
        if context.dialect.name == SERVER:
            return _server_trouble(called, context)
        reason = str(context.original_exception).strip().partition("\n")[0].rstrip(".")
        message = f"{called} cannot be used: {reason}."
        if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in DAMAGED:  # the rest of the code is details
            help_line = "Run footnote doctor, which tells how a backup is brought back by footnote restore FILE."
            return LibraryError(message, help=help_line)
        return LibraryError(message, help="Check the data folder's permissions and free space.")

    return explain


def _server_trouble(called: str, context: sa.ExceptionContext) -> LibraryError:
    from retrieval.postgres import is_of_address, reason_of

    where = f" at {host_of(context.engine.url)}" if context.engine is not None else ""
    refused = context.connection is None and is_of_address(context.original_exception)
    what = "cannot be entered with FOOTNOTE_DATABASE_URL" if refused else "fails"
    message = f"{called} cannot be used, for the Postgres server{where} {what}: {reason_of(context.original_exception)}."
    if refused:
        return LibraryError(message, help="Correct it: postgresql://USER:PASSWORD@HOST/DATABASE.")
    if context.is_disconnect or context.connection is None:
        return ServerDown(message, help="See whether the server is up, and whether FOOTNOTE_DATABASE_URL is right.")
    return LibraryError(message, help="Check the Postgres server that FOOTNOTE_DATABASE_URL names.")
