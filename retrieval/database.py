"""How a SQLite database of the data folder is opened: safe beside other processes and power losses, its errors one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from retrieval.errors import LibraryError

WAIT_SECONDS = 30  # for another process to end its transaction

# Write-ahead log for readers beside a writer; FULL so that nothing acknowledged, and no index, is ahead after a power loss.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")


def make_folder(folder: Path) -> None:
    """Make a data folder if it is not there, closed to others, for articles and questions may be private; raises LibraryError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The data folder {folder} cannot be made: {error.strerror}."
        raise LibraryError(message, help="Name another with --data or FOOTNOTE_DATA_DIR.") from error


def open_database(path: Path, *, called: str, secure_delete: bool = False) -> sa.Engine:
    """The engine of a database file, made if it is not there; `called` names it to people, as in "The catalogue".

    With `secure_delete` what is deleted is also overwritten in the file. Whatever the database itself raises is a LibraryError.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": WAIT_SECONDS})
    sa.event.listen(engine, "connect", _set_pragmas((*PRAGMAS, "secure_delete=ON") if secure_delete else PRAGMAS))
    sa.event.listen(engine, "handle_error", _explain(called))
    return engine


def create_tables(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Create what is not there yet, in statements that two processes may run at once."""
    for table in metadata.sorted_tables:
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def add_columns(engine: sa.Engine, table: sa.Table) -> None:
    """Add the columns, all of which may be empty, that a table of an older version lacks; two processes may do it at once."""
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver itself begins nothing before ALTER TABLE
        there = {
            row.name for row in connection.execute(sa.text("SELECT name FROM pragma_table_info(:name)"), {"name": table.name})
        }
        for column in table.columns:
            if column.nullable and column.name not in there:
                made = sa.schema.CreateColumn(column).compile(dialect=engine.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")


def empty_log(engine: sa.Engine) -> None:
    """Write the log's content into the database file and empty it, for what was deleted is still to be read there."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_pragmas(pragmas: tuple[str, ...]) -> Callable[[Any, object], None]:
    def set_pragmas(connection: Any, _: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return set_pragmas


def _explain(called: str) -> Callable[[sa.ExceptionContext], LibraryError | None]:
    """Say in one sentence what the database said: a full disk, a read-only folder, a file that is no database."""

    def explain(context: sa.ExceptionContext) -> LibraryError | None:
        if not isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError):
            return None  # not the database's: a defect
        message = f"{called} cannot be used: {context.original_exception}."
        return LibraryError(message, help="Check the data folder's permissions and free space.")

    return explain
