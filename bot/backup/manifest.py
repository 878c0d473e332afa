"""What a backup says of itself, in a table of its own: of which format and library it is, and how many rows each table has."""

import datetime
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version

import sqlalchemy as sa

from bot.backup.digest import digest_of
from bot.backup.tables import table_named
from bot.telegram.stored import VERSION
from retrieval.errors import LibraryError
from retrieval.library.tables import SCHEMA_VERSION, meta

FORMAT = 1  # of backups; the number grows when a program that knows the former one could not restore what is written

tables = sa.MetaData()
manifest = sa.Table(
    "manifest",
    tables,
    sa.Column("format", sa.Integer, primary_key=True),
    sa.Column("program", sa.String, nullable=False),
    sa.Column("made", sa.String, nullable=False),  # ISO 8601
    sa.Column("schema", sa.Integer, nullable=False),  # of the catalogue
    sa.Column("conversations", sa.Integer, nullable=False),  # the version of their tables
    sa.Column("model", sa.String, nullable=False),  # that the vectors are of; empty if there are none
    sa.Column("counts", sa.String, nullable=False),  # JSON: the rows of each table
    sa.Column("digest", sa.String, nullable=False),  # of all those rows
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup; `counts` has the number of rows of each table in it."""

    format: int
    program: str
    made: str
    schema: int
    conversations: int
    model: str
    counts: dict[str, int]
    digest: str


def write_manifest(connection: sa.Connection, counts: dict[str, int]) -> Manifest:
    """Write the manifest of a backup that has its rows, and give it back."""
    connection.execute(sa.schema.CreateTable(manifest))
    row = connection.execute(sa.select(meta.c.schema, meta.c.model)).one()
    made = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    written = Manifest(FORMAT, version("footnote"), made, row.schema, VERSION, row.model, counts, digest_of(connection, counts))
    connection.execute(manifest.insert().values({**asdict(written), "counts": json.dumps(counts)}))
    return written


def read_manifest(connection: sa.Connection) -> Manifest:
    """The manifest of a backup; raises LibraryError if a newer program has made it."""
    made_by = connection.execute(sa.select(manifest.c.format, manifest.c.program)).one()
    if made_by.format > FORMAT:
        raise _newer(made_by.program)
    row = connection.execute(sa.select(manifest)).one()
    if row.schema > SCHEMA_VERSION or row.conversations > VERSION:
        raise _newer(row.program)
    found = Manifest(**{**row._mapping, "counts": json.loads(row.counts)})  # noqa: SLF001 - SQLAlchemy's documented name
    inspector = sa.inspect(connection)
    for name in found.counts:
        table = table_named(name)
        if table is None or {each["name"] for each in inspector.get_columns(name)} - set(table.columns.keys()):
            raise _newer(found.program)
    return found


def _newer(program: str) -> LibraryError:
    message = f"The backup was made by a newer version of Footnote, {program}."
    return LibraryError(message, help="Restore it with that version or a newer one.")
