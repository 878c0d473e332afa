"""How a database is opened, a file of the data folder or a schema on a Postgres server: safe beside other processes and crashes."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from retrieval.errors import LibraryError, ServerDown, SettingsError

WAIT_SECONDS = 30  # for another process to end its transaction
RETRIES = (0.2, 1.0, 3.0)  # seconds before connecting to a server once more
REFUSED = ("28", "3D", "42")  # how the codes begin with which a server says no for good: password, database, permission

# Write-ahead log for readers beside a writer; FULL so that nothing acknowledged, and no index, is ahead after a power loss.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")
SERVER = "postgresql"
TABLES_LOCK = 7_203_611  # any number, of the advisory lock under which tables are created


def make_folder(folder: Path) -> None:
    """Make a data folder if it is not there, closed to others, for articles and questions may be private; raises LibraryError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The data folder {folder} cannot be made: {error.strerror}."
        raise LibraryError(message, help="Name another with --data or FOOTNOTE_DATA_DIR.") from error


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
    """Add the columns, all of which may be empty, that a table of an older version lacks; in a transaction that writes already."""
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


def empty_log(engine: sa.Engine) -> None:
    """Write the log's content into the database file and empty it, for what was deleted is still to be read there."""
    if not on_server(engine):
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _server_engine(url: str, schema: str) -> sa.Engine:
    try:
        import psycopg  # noqa: F401 - the driver, whose absence is told in a sentence

        address = sa.make_url(url).set(drivername="postgresql+psycopg")
    except ModuleNotFoundError:
        message = "FOOTNOTE_DATABASE_URL is set, but the package for Postgres is not installed."
        raise SettingsError(message, help="Install it: pip install 'footnote[postgres]'") from None
    except sa.exc.ArgumentError:
        message = "FOOTNOTE_DATABASE_URL is not the address of a database."
        raise SettingsError(message, help="It looks like postgresql://USER:PASSWORD@HOST/DATABASE.") from None
    engine = sa.create_engine(
        address,
        pool_pre_ping=True,  # a server that was restarted is noticed before a statement is lost on it
        connect_args={
            "connect_timeout": 5,
            "application_name": f"footnote@{socket.gethostname()}:{os.getpid()}"[:63],
            "prepare_threshold": None,  # prepared statements name tables that an edition may have replaced since
            "options": f"-c search_path={schema} -c lock_timeout={WAIT_SECONDS}s",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "tcp_user_timeout": WAIT_SECONDS * 1000,
        },
    )
    sa.event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: Any, _record: object, arguments: Any, named: dict[str, Any]) -> Any:
    """Connect to a server, again after a while if it cannot be reached."""
    for pause in RETRIES:
        try:
            return dialect.connect(*arguments, **named)
        except dialect.loaded_dbapi.OperationalError as error:
            if (error.sqlstate or "").startswith(REFUSED):
                raise
            time.sleep(pause)
    return dialect.connect(*arguments, **named)


def _set_pragmas(pragmas: tuple[str, ...]) -> Callable[[Any, object], None]:
    def set_pragmas(connection: Any, _: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return set_pragmas


def _explain(called: str) -> Callable[[sa.ExceptionContext], LibraryError | None]:
    """Say in one sentence what the database said: a full disk, a read-only folder, a server that is down."""

    def explain(context: sa.ExceptionContext) -> LibraryError | None:
        if not isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError):
            return None  # not the database's: a defect
        reason = str(context.original_exception).strip().partition("\n")[0].rstrip(".")
        message = f"{called} cannot be used: {reason}."
        if context.dialect.name == SERVER:
            if context.is_disconnect or context.connection is None:
                return ServerDown(message, help="See whether the server of FOOTNOTE_DATABASE_URL is up, and try again.")
            return LibraryError(message, help="Check the Postgres server that FOOTNOTE_DATABASE_URL names.")
        return LibraryError(message, help="Check the data folder's permissions and free space.")

    return explain
