"""A library that version 0.3.0 has made: this program brings it to its own schema, and refuses one of a newer schema."""

import hashlib
import multiprocessing
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
import writers
from support import SilentEncoder, assert_agreement, found_by_word, open_library, put
from writers import open_and_close

from ingest.rebuild import rebuild_library
from retrieval import AnswerChain, ArticleRetriever, ChunkInput, Encoder, Library, LibraryError, Servers
from retrieval.embedding import ChunkVectors
from retrieval.library import migrations
from retrieval.library.tables import SCHEMA_VERSION, meta

OLD = Path(__file__).parents[1] / "old" / "library-0.3.0.zip"
IDS = {"/tmp/articles/bakery.md": 1, "/tmp/articles/ferry.md": 2, "/tmp/articles/lighthouse.md": 3}  # noqa: S108 - names only
# What version 0.3.0 has answered.
ANSWERS = {
    "When was the lighthouse first lit?": "The lighthouse on the island of Skarholm was lit for the first time on 3 May 1874.",
    "How often does the ferry sail?": "The ferry to Skarholm sails 8 times a day in summer, and 3 times in winter.",
    "Womit wird der Ofen geheizt?": "Der Ofen wird mit Buchenholz geheizt und erreicht eine Temperatur von 280 Grad.",
    "How many trees has the orchard?": "The articles do not say.",
}
# The statements with which version 0.3.0 would have made its tables on a Postgres server, and what it would have put there.
OLD_TABLES = """
CREATE SCHEMA footnote;
SET search_path = footnote;
CREATE TABLE meta (
    one SERIAL PRIMARY KEY, uid VARCHAR NOT NULL, schema INTEGER NOT NULL, generation INTEGER NOT NULL, purged INTEGER NOT NULL,
    model VARCHAR NOT NULL, dimension INTEGER NOT NULL, fingerprint VARCHAR NOT NULL
);
CREATE TABLE article (
    id SERIAL PRIMARY KEY, source VARCHAR NOT NULL UNIQUE, digest VARCHAR NOT NULL, title VARCHAR NOT NULL,
    author VARCHAR NOT NULL, site VARCHAR NOT NULL, date VARCHAR NOT NULL, language VARCHAR NOT NULL, link VARCHAR NOT NULL,
    text VARCHAR NOT NULL, added VARCHAR NOT NULL
);
INSERT INTO meta VALUES (1, 'abc', 1, 0, 0, 'hash-32', 32, 'hash');
"""


@pytest.fixture
def never(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    """The bundled model, which fails the test that embeds any chunk."""

    def fail(inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        message = f"{len(inputs)} chunks are embedded although their vectors are kept."
        raise AssertionError(message)

    monkeypatch.setattr(encoder, "encode_chunks", fail)
    return encoder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The data folder of the old library."""
    with ZipFile(OLD) as archive:
        archive.extractall(tmp_path / "old")
    return tmp_path / "old"


def schema_of(folder: Path) -> int:
    """The version in a catalogue's file."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite3")) as connection:
        return int(connection.execute("SELECT schema FROM meta").fetchone()[0])


def state_of(folder: Path) -> dict[str, str]:
    """Every file of a folder with its digest, but for locks."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def ids_of(library: Library) -> dict[str, int]:
    """Source to id."""
    return {chunk.source: chunk.article_id for chunk in library.catalogue.chunks(library.catalogue.live_ids()).values()}


def test_an_old_library_answers_as_before(old: Path, never: Encoder) -> None:
    """It is brought to this version's schema, nothing is embedded, ids stay, the stores agree, and answers are the old ones."""
    assert schema_of(old) == 1
    with open_library(old, never) as library:
        before = library.catalogue.live_ids()
        library.refresh()

        assert schema_of(old) == SCHEMA_VERSION
        assert before == library.catalogue.live_ids()
        assert ids_of(library) == IDS
        assert_agreement(library)
        assert found_by_word(library, "apple") == set()
        chain = AnswerChain(ArticleRetriever(library=library))
        assert {question: chain.invoke({"question": question}).text for question in ANSWERS} == ANSWERS
        library.catch_up(purge=True)
        assert_agreement(library)


def test_an_old_library_is_rebuilt_of_what_it_holds(old: Path, never: Encoder) -> None:
    """A rebuild of an old library needs none of the files that it was made of, and leaves something that 0.3.0 refuses."""
    with open_library(old, never) as library:
        rebuild_library(library, never, notify=lambda _: None, stopped=lambda: False)
        with library.writing():
            assert ids_of(library) == IDS
            assert_agreement(library)
    assert not (old / "vectors").exists()
    assert schema_of(old) == SCHEMA_VERSION  # all that version 0.3.0 looks at, and it refuses any but 1


def test_a_killed_migration_is_finished(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that ends in its midst has changed nothing, and the next start does it."""
    step = migrations.STEPS[1]

    def die(connection: sa.Connection) -> None:
        step(connection)
        raise KeyboardInterrupt

    before = state_of(old)["catalogue.sqlite3"]
    with monkeypatch.context() as patch:
        patch.setitem(migrations.STEPS, 1, die)
        with pytest.raises(KeyboardInterrupt):
            open_library(old, Encoder())
    assert schema_of(old) == 1
    assert state_of(old)["catalogue.sqlite3"] == before
    with open_library(old, Encoder()) as library:
        library.refresh()
        assert_agreement(library)


def test_two_processes_migrate_at_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that open an old library at the same moment all succeed."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["writers"])
    monkeypatch.setenv("PYTHONPATH", str(Path(writers.__file__).parent))  # the server itself does not get pytest's path
    group = [processes.Process(target=open_and_close, args=(old,)) for _ in range(2)]
    for process in group:
        process.start()
    for process in group:
        process.join(60)

    assert [process.exitcode for process in group] == [0, 0]
    assert schema_of(old) == SCHEMA_VERSION


def test_a_newer_library_is_refused_untouched(old: Path) -> None:
    """A library of a newer schema is refused in one sentence and stays byte for byte what it was."""
    open_library(old).close()
    with closing(sqlite3.connect(old / "catalogue.sqlite3")) as connection, connection:
        connection.execute("UPDATE meta SET schema = ?", (SCHEMA_VERSION + 1,))
        connection.execute("DROP TABLE follower")
    before = state_of(old)

    with pytest.raises(LibraryError, match=f"has version {SCHEMA_VERSION + 1}, and this program knows") as refused:
        open_library(old, Encoder())

    assert "newer one" in refused.value.help
    assert before == state_of(old)


def test_an_old_database_is_migrated(tmp_path: Path, database_url: str) -> None:
    """The same on a Postgres server: tables of schema version 1 get what they lack, twice and at once, and are used."""
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for statement in filter(str.strip, OLD_TABLES.split(";")):
            connection.exec_driver_sql(statement)
    engine.dispose()
    where = Servers(database_url=database_url)
    with open_library(tmp_path / "a", servers=where) as first, open_library(tmp_path / "b", SilentEncoder(), where) as second:
        assert first.catalogue.state().uid == "abc"
        put(first, "ice", "Ice covers the bay.")
        first.catch_up()
        second.refresh()
        assert found_by_word(second, "ice") == {"ice"}
        assert_agreement(second)


def test_a_newer_database_is_refused(tmp_path: Path, database_url: str) -> None:
    """A newer schema on a Postgres server is refused, and nothing is changed there."""
    where = Servers(database_url=database_url)
    with open_library(tmp_path, servers=where) as library, library.catalogue.engine.begin() as connection:
        connection.execute(meta.update().values(schema=SCHEMA_VERSION + 1))
        connection.exec_driver_sql("DROP TABLE follower")
    with pytest.raises(LibraryError, match="this program knows libraries up to"):
        open_library(tmp_path, servers=where)
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    assert not sa.inspect(engine).has_table("follower", schema="footnote")
    engine.dispose()
