"""Editions: one takes another's place in one step, and what is left of the old one goes without anybody missing it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from support import SilentEncoder, assert_agreement, found_by_word, nearest, open_library, put
from writers import NamedEncoder

from retrieval import ArticleRetriever, Library, LibraryError, Servers, Span
from retrieval.database import open_database
from retrieval.library.carrying import carry_rest
from retrieval.library.health.places import examine_editions
from retrieval.library.served import connect
from retrieval.library.statements import next_generation, remove_article
from retrieval.library.tables import SCHEMA_VERSION, meta

OLD_ROW = """
INSERT INTO meta (one, uid, schema, generation, purged, model, dimension, fingerprint) VALUES (1, 'x', 1, 0, 0, '', 0, '')
ON CONFLICT DO NOTHING
"""


def build_next(library: Library, word: str) -> None:
    """A following edition with one article."""
    with library.following_edition() as following:
        put(following, "next", f"The {word} of the next edition.")
        following.catch_up()


def switch(library: Library) -> bool:
    """Let the following edition be the current one."""
    return library.editions.switch(library.catalogue.state().generation, carry_rest)


def fill(library: Library) -> None:
    """An article of the first edition."""
    put(library, "first", "The anchor of the first edition.")
    library.catch_up()


def test_readers_follow_a_switch(tmp_path: Path, places: Servers) -> None:
    """An open reader has the new edition at its next question, list and citation; a switch that is missed is made up for."""
    with open_library(tmp_path, servers=places) as library, open_library(tmp_path, SilentEncoder(), places) as reader:
        fill(library)
        retriever = ArticleRetriever(library=reader)
        assert retriever.find("Where is the anchor?").ranked
        for word in ("lantern", "compass"):
            build_next(library, word)
            assert found_by_word(reader, word) == set()
            assert switch(library)
            with library.writing():
                pass
            assert [record.source for record in reader.articles()] == ["next"]
            assert reader.surroundings("next", 4, 4 + len(word)).quote == Span(4, 4 + len(word))
            assert retriever.find(f"Where is the {word}?").ranked
            assert found_by_word(reader, word) == {"next"}
            assert_agreement(reader)


def test_what_was_changed_meanwhile_is_not_thrown_away(tmp_path: Path, places: Servers) -> None:
    """A switch is refused if an article has been changed since the generation that was copied."""
    with open_library(tmp_path, servers=places) as library:
        fill(library)
        generation = library.catalogue.state().generation
        build_next(library, "lantern")
        put(library, "late", "A late change.")

        assert not library.editions.switch(generation)
        assert library.catalogue.digests().keys() == {"first", "late"}
        assert library.editions.is_current(library.edition)


def test_the_next_writer_removes_what_is_left(tmp_path: Path, places: Servers) -> None:
    """The next that writes removes the old edition, and on a Chroma server its collection; an edition begun is left alone."""
    with open_library(tmp_path, servers=places) as library:
        fill(library)
        uids = [library.catalogue.state().uid]
        build_next(library, "lantern")
        assert switch(library)
        with library.writing():
            uids.append(library.catalogue.state().uid)
            build_next(library, "compass")
        with library.writing():
            left = library.editions.collections_left(following=True)
            assert library.editions.collections_left() == []
            assert_agreement(library)
        library.clear_editions(following=True)
        if places.chroma_url:
            names = names_at(places.chroma_url)
            assert [f"footnote-{uid}" in names for uid in (*uids, *left)] == [False, True, False]
        assert not (tmp_path / "vectors").exists()
        assert not (tmp_path / "keywords").exists()
        assert [finding.mend for finding in examine_editions(tmp_path, library.edition, places.database_url)] == [""]


def test_no_collection_is_left_on_a_server(tmp_path: Path, chroma_server: str, database_url: str) -> None:
    """Neither an emptied library that takes another model nor a host that comes too late leaves vectors that nobody knows of."""
    servers = Servers(chroma_server, "", database_url)
    with open_library(tmp_path / "one", servers=servers) as library, open_library(tmp_path / "two", servers=servers) as late:
        fill(library)
        library.remove("first")
        library.catch_up(purge=True)
        uids = [library.catalogue.state().uid]
        library.encoder = NamedEncoder("another")
        fill(library)
        late.catch_up()
        uids.append(library.catalogue.state().uid)
        with library.following_edition() as following:
            put(following, "next", "The lantern of the next edition.")
            following.catch_up()
        assert switch(library)
        with library.writing():
            late._indexes.catch_up(purge=True)
            assert [f"footnote-{uid}" in names_at(chroma_server) for uid in uids] == [False, False]
            late.refresh()
            assert_agreement(late)
            assert_agreement(library)


def names_at(url: str) -> set[str]:
    """The collections on a Chroma server."""
    client = connect(Servers(url))
    try:
        return {collection.name for collection in client.list_collections()}
    finally:
        client.close()


def test_a_stub_keeps_version_0_3_0_away(tmp_path: Path) -> None:
    """Where the first catalogue lay there is a file that version 0.3.0 refuses, even after it has tried to use it."""
    with open_library(tmp_path) as library:
        fill(library)
        build_next(library, "lantern")
        assert switch(library)
        for _ in range(2):
            with library.writing():
                pass
            with closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as connection, connection:
                # What version 0.3.0 does: it makes its tables, puts its row if there is none, and reads the schema.
                connection.execute("CREATE TABLE IF NOT EXISTS article (id INTEGER PRIMARY KEY)")
                connection.execute(OLD_ROW)
                assert connection.execute("SELECT schema FROM meta").fetchall() == [(2,)]


def test_a_lost_pointer_is_no_empty_library(tmp_path: Path) -> None:
    """Without the file that names the current edition nothing is begun anew: a sentence says what is missing."""
    with open_library(tmp_path) as library:
        fill(library)
        build_next(library, "lantern")
        assert switch(library)
        with library.writing():
            pass
    (tmp_path / "edition").unlink()
    with pytest.raises(LibraryError, match="lacks its file `edition`"):
        open_library(tmp_path)
    (tmp_path / "edition").write_text("1", "ascii")
    with open_library(tmp_path) as library:
        assert library.catalogue.digests().keys() == {"next"}


def test_editions_on_a_server_leave_catalogues_in_files_alone(tmp_path: Path, database_url: str) -> None:
    """Whoever moves to a Postgres server keeps the catalogue that lies in the data folder."""
    with open_library(tmp_path) as library:
        fill(library)
    before = (tmp_path / "catalogue.sqlite3").read_bytes()
    with open_library(tmp_path, servers=Servers(database_url=database_url)) as library:
        fill(library)
        build_next(library, "lantern")
        assert switch(library)
        with library.writing():
            pass
        assert (tmp_path / "catalogue.sqlite3").read_bytes() == before
        assert library.catalogue.digests().keys() == {"next"}


def test_a_writer_waits_for_a_switch_and_writes_into_the_new_edition(tmp_path: Path, database_url: str) -> None:
    """On a server an article that another host puts at the moment of a switch is in the edition that answers from then on."""
    where = Servers(database_url=database_url)
    with open_library(tmp_path / "a", servers=where) as library, open_library(tmp_path / "b", servers=where) as other:
        fill(library)
        put(other, "first", "The anchor of the first edition.")
        build_next(library, "lantern")
        thread = Thread(target=put, args=(other, "first", "The anchor was lifted."))

        def carry(*_: object) -> None:
            thread.start()
            thread.join(1)  # it cannot end before the switch has

        assert library.editions.switch(library.catalogue.state().generation, carry)
        thread.join(30)
        library.refresh()
        assert library.catalogue.digests().keys() == {"first", "next"}
        assert found_by_word(library, "lifted") == {"first"}
        assert_agreement(library)


def test_an_edition_that_is_being_built_can_be_asked(tmp_path: Path) -> None:
    """It has nothing to find yet, and says so at once although it is not the edition that counts."""
    with open_library(tmp_path) as library, library.following_edition() as following:
        put(library, "first", "The anchor of the first edition.")
        assert not following.refresh()


def test_who_reads_an_old_edition_for_long_is_in_nobodys_way(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a long backup reads an edition on a server others take its place, and all that were replaced go when it ends.

    A schema that only has a name like theirs stays.
    """
    monkeypatch.setattr("retrieval.library.editions.DROP_SECONDS", 0.01)
    backup = open_database(tmp_path, called="The backup", url=database_url)
    with open_library(tmp_path, servers=Servers(database_url=database_url)) as library:
        put(library, "first", "The anchor of the first edition.")
        with backup.begin() as connection:
            connection.execute(sa.schema.CreateSchema("footnote_previous_mine"))
        with backup.connect() as reading:
            reading.execute(sa.select(meta))
            for source in ("second", "third"):
                with library.following_edition() as following:
                    put(following, source, "The lantern of another edition.")
                assert switch(library)
                library.follow_edition()
        assert len(library.editions.collections_left()) == 2
        library.clear_editions()
        assert library.editions.collections_left() == []
        assert "footnote_previous_mine" in sa.inspect(backup).get_schema_names()
        assert library.catalogue.digests().keys() == {"third"}
    backup.dispose()


def test_a_switch_and_a_change_do_not_wait_for_each_other(tmp_path: Path, database_url: str) -> None:
    """On a server a switch that comes in the middle of a change waits until it has ended, and then gives way to it."""
    with open_library(tmp_path, servers=Servers(database_url=database_url)) as library:
        fill(library)
        build_next(library, "lantern")
        generation, switched = library.catalogue.state().generation, []
        thread = Thread(target=lambda: switched.append(library.editions.switch(generation)))
        with library.catalogue.engine.begin() as connection:
            next_generation(connection)
            thread.start()
            waiting = sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")
            with library.catalogue.engine.connect() as looking:
                while looking.scalar(waiting) is None:
                    thread.join(0.01)
            remove_article(connection, 1, generation + 1)
        thread.join(30)
        assert switched == [False]
        assert library.catalogue.digests() == {}


def test_an_edition_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    """A reader to whom the new edition is refused says so each time, and has it once it can be opened, the old one gone."""
    with open_library(tmp_path) as library, open_library(tmp_path, SilentEncoder()) as reader:
        fill(library)
        reader.refresh()
        build_next(library, "lantern")
        assert switch(library)
        with library.writing():
            pass
        for version in (99, SCHEMA_VERSION):
            with library.catalogue.engine.begin() as connection:
                connection.execute(meta.update().values(schema=version))
            if version == SCHEMA_VERSION:
                break
            for _ in range(2):
                with pytest.raises(LibraryError, match="version 99"):
                    reader.refresh()
        reader.refresh()
        assert found_by_word(reader, "lantern") == {"next"}
        assert_agreement(reader)


def test_a_hollow_index_answers_while_it_is_made_compact(
    tmp_path: Path, places: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making an index compact takes nothing from a running reader, and one that died in its midst is filled anew."""
    monkeypatch.setattr("retrieval.library.vectors.SLOTS_FOR_EACH", 0)
    monkeypatch.setattr("retrieval.library.vectors.SLOTS_SPARE", 5)
    monkeypatch.setattr("retrieval.library.statements.PAGE", 3)
    with open_library(tmp_path, servers=places) as library, open_library(tmp_path, SilentEncoder(), places) as reader:
        for number in range(9):
            put(library, f"stays{number}", f"Article {number} stays.")
        for number in range(3):
            put(library, "changes", f"Version {number}.")
        library.catch_up()
        reader.refresh()
        wanted = {
            key: reader.catalogue.vectors([key])[key].chunk
            for key in reader.catalogue.vector_keys(reader.catalogue.live_ids()).values()
        }
        seen = []

        def look(_: float) -> None:
            for vector in wanted.values():
                reader.refresh()
                seen.append(len(nearest(reader, vector, 50)))

        monkeypatch.setattr("retrieval.library.indexes.time", SimpleNamespace(sleep=look))
        library.catch_up(purge=True)
        look(0)
        monkeypatch.undo()

        assert len(seen) > 30
        assert set(seen) == {10}
        assert library.vectors._slots == 10
        assert_agreement(library)
        assert_agreement(reader)
        library.vectors.beside()
        library.vectors._delete(library.vectors.name)  # what a process leaves that dies between the two steps
    with open_library(tmp_path, SilentEncoder(), places) as library:
        library.refresh()
        assert_agreement(library)
