"""Several hosts with one library on servers, each with a data folder of its own; and libraries of which only a part is there."""

import errno
import os
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from support import SilentEncoder, assert_agreement, found_by_word, open_library, put, together
from writers import read_for, write_for

from retrieval import ArticleRetriever, LibraryBusy, LibraryError, Servers
from retrieval.library import forgetting
from retrieval.library.following import host_name
from retrieval.library.keywords import KeywordIndex
from retrieval.library.locks import Locks
from retrieval.library.served import ServedVectors

SECONDS = 3.0


@pytest.fixture
def shared(chroma_server: str, database_url: str) -> Servers:
    """The servers of one library."""
    return Servers(chroma_server, "", database_url)


def test_hosts_ingest_and_answer_at_once(processes: ForkServerContext, tmp_path: Path, shared: Servers) -> None:
    """Two hosts write the same articles and a third asks: none fails, each own vector is found, and at the end all agree."""
    folders = [tmp_path / name for name in ("one", "two", "three")]
    with open_library(folders[0], servers=shared) as library:
        put(library, "first", "The first article.")
        library.catch_up()
    group = [
        processes.Process(target=write_for, args=(folders[0], SECONDS, shared, 1)),
        processes.Process(target=write_for, args=(folders[1], SECONDS, shared, 2)),
        processes.Process(target=read_for, args=(folders[2], SECONDS, shared)),
    ]
    for process in group:
        process.start()
    for process in group:
        process.join(60)

    assert [0, 0, 0] == [process.exitcode for process in group]
    for folder in folders:
        with open_library(folder, SilentEncoder(), shared) as library:
            library.refresh()
            assert_agreement(library)
            assert len(library.articles()) > 3


def test_hosts_in_threads_see_each_other(tmp_path: Path, shared: Servers) -> None:
    """What one host has put and removed is found, or not, by the next question of another, while both write and ask."""

    def work(name: str, other: str) -> None:
        with open_library(tmp_path / name, servers=shared) as library:
            retriever = ArticleRetriever(library=library)
            for number in range(5):
                with library.writing():
                    put(library, f"{name}{number}", f"The {name} lies {number} miles from the {other}.")
                    library.remove(f"{name}{number - 1}")
                    library.catch_up(purge=True)
                found = {item.measured.chunk.source for item in retriever.find(f"Where is the {name}?").ranked}
                assert f"{name}{number}" in found
                assert f"{name}{number - 1}" not in found

    together(lambda: work("harbour", "orchard"), lambda: work("orchard", "harbour"))
    for name in ("harbour", "orchard"):
        with open_library(tmp_path / name, SilentEncoder(), shared) as library:
            library.refresh()
            assert_agreement(library)
            assert {record.source for record in library.articles()} == {"harbour4", "orchard4"}


def test_a_slow_host_is_waited_for(tmp_path: Path, shared: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a host's own keywords have yet to drop is not forgotten before: it follows and does not have to begin anew."""
    with (
        open_library(tmp_path / "one", servers=shared) as writer,
        open_library(tmp_path / "two", SilentEncoder(), shared) as slow,
    ):
        put(writer, "a", "The harbour was dredged.")
        put(writer, "b", "The orchard bloomed.")
        writer.catch_up()
        slow.refresh()
        purged = writer.catalogue.state().purged
        writer.remove("a")
        writer.catch_up(purge=True)
        assert writer.catalogue.state().purged == purged

        with monkeypatch.context() as patch:
            patch.setattr(KeywordIndex, "reset", lambda _: pytest.fail("It has begun anew."))
            slow.refresh()
        assert found_by_word(slow, "harbour") == set()
        writer.catch_up(purge=True)
        assert writer.catalogue.state().purged > purged
        slow.refresh()
        assert_agreement(slow)
        assert_agreement(writer)


def test_a_host_that_was_away_makes_its_keywords_anew(tmp_path: Path, shared: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that was not seen for long is not waited for, and agrees when it comes back, without embedding anything."""
    with open_library(tmp_path / "two", servers=shared) as away:
        put(away, "a", "The harbour was dredged.")
        put(away, "b", "The orchard bloomed.")
        away.catch_up()
    time.sleep(0.01)
    monkeypatch.setattr(forgetting, "FOLLOWED_SECONDS", 0.005)
    with open_library(tmp_path / "one", servers=shared) as writer:
        writer.remove("a")
        writer.catch_up(purge=True)
        time.sleep(0.01)
        writer.catch_up(purge=True)
        assert writer.catalogue.state().purged == writer.catalogue.state().generation
    resets = []
    reset = KeywordIndex.reset
    monkeypatch.setattr(KeywordIndex, "reset", lambda index: (resets.append(index), reset(index)))
    with open_library(tmp_path / "two", SilentEncoder(), shared) as back:
        back.refresh()
        assert len(resets) == 1
        assert found_by_word(back, "harbour") == set()
        assert found_by_word(back, "bloomed") == {"b"}
        assert_agreement(back)


def test_a_host_has_its_name_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that could not be written to its end is not there; an empty one, which an older version may leave, is made anew."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("retrieval.database.os.fsync", full)
        with pytest.raises(LibraryError, match="No space"):
            host_name(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "host").touch()
    name = host_name(tmp_path)
    assert len(name) == 32
    assert name == host_name(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "host"]


def test_what_another_host_has_done_is_found_beside_a_writer(tmp_path: Path, shared: Servers) -> None:
    """However long somebody on this host is at work, a rebuild say, a question here finds what has come in from another host."""
    here, there = tmp_path / "here", tmp_path / "there"
    with open_library(here, servers=shared) as writer, open_library(here, servers=shared) as reader:
        put(writer, "a", "Otters returned to the weir.")
        with writer.writing():
            reader.refresh()
            with open_library(there, servers=shared) as other, other.writing():
                put(other, "b", "A lantern hung over the gate.")
                other.catch_up(purge=True)
            reader.refresh()
            assert found_by_word(reader, "lantern") == {"b"}


def test_two_processes_make_one_name(tmp_path: Path, shared: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host's name is looked for by one process at a time, or the catalogue would wait for a host that is none."""
    named = []

    def alone(folder: Path) -> str:
        with Locks(folder).indexes(wait=False) as free:
            named.append(free)
        return host_name(folder)

    monkeypatch.setattr("retrieval.library.indexes.host_name", alone)
    with open_library(tmp_path, servers=shared) as library:
        put(library, "a", "Otters returned to the weir.")
        library.catch_up()
    assert named == [False]


def test_a_new_host_fills_its_keywords_in_pages(tmp_path: Path, shared: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes to an end after much was forgotten, goes on after a stop, and begins anew if what it has read is forgotten."""
    monkeypatch.setattr("retrieval.library.statements.PAGE", 3)
    with open_library(tmp_path / "one", servers=shared) as writer:
        for number in range(12):
            put(writer, f"source{number}", f"The harbour has {number} cranes.")
        writer.remove("source11")
        writer.catch_up(purge=True)
        reached: list[int] = []

        def between_pages(_: float) -> None:
            mark = host.keywords.mark()
            reached.append(mark.generation if mark else 0)
            assert len(reached) < 30, "it goes round in circles"
            if len(reached) == 2:
                raise KeyboardInterrupt
            if len(reached) == 3:
                writer.remove("source0")
                writer.catch_up(purge=True)

        with open_library(tmp_path / "two", SilentEncoder(), shared) as host:
            monkeypatch.setattr("retrieval.library.indexes.time", SimpleNamespace(sleep=between_pages))
            with pytest.raises(KeyboardInterrupt):
                host.catch_up()
        with open_library(tmp_path / "two", SilentEncoder(), shared) as host:
            host.catch_up()
            assert reached[2] > reached[1]
            assert reached[3] < reached[2]
            assert_agreement(host)


def test_one_host_at_a_time_builds_an_edition(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another host is told that it is not alone, and one whose connection has ended is not told of that at its end."""
    monkeypatch.setattr("retrieval.library.locks.LOCK_SECONDS", 0.1)
    shared = Servers(database_url=database_url)
    end = sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
    with open_library(tmp_path / "one", servers=shared) as one, open_library(tmp_path / "two", servers=shared) as two:
        with one.rebuilding():
            with two.writing(), pytest.raises(LibraryBusy, match="Another host"), two.rebuilding():
                pass
            with two.catalogue.engine.connect() as connection:
                assert connection.scalar(end)
        with two.rebuilding():
            pass


@pytest.mark.parametrize("part", ["chroma_server", "database_url"])
def test_one_store_may_be_a_server_alone(part: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A Chroma server beside SQLite, and Postgres beside an embedded Chroma, keep the same promises."""
    url = request.getfixturevalue(part)
    servers = Servers(chroma_url=url) if part == "chroma_server" else Servers(database_url=url)
    with open_library(tmp_path, servers=servers) as writer, open_library(tmp_path, SilentEncoder(), servers) as reader:
        for text, found in [("The harbour froze.", {"a"}), ("The orchard bloomed.", set()), ("The harbour thawed.", {"a"})]:
            put(writer, "a", text)
            put(writer, "b", "A lantern hung over the gate.")
            writer.catch_up(purge=True)
            reader.refresh()
            assert found_by_word(reader, "harbour") == found
            assert_agreement(reader)
        writer.remove("a")
        reader.refresh()
        assert found_by_word(reader, "harbour") == set()
        assert_agreement(reader)


def test_hosts_with_vectors_of_their_own(tmp_path: Path, database_url: str) -> None:
    """Without a Chroma server each host keeps its own vectors too, and brings them on from the catalogue that they share."""
    servers = Servers(database_url=database_url)
    with open_library(tmp_path / "one", servers=servers) as one, open_library(tmp_path / "two", servers=servers) as two:
        for number in range(4):
            writer, reader = (one, two) if number % 2 else (two, one)
            put(writer, f"source{number}", f"The harbour has {number} cranes.")
            writer.remove(f"source{number - 2}")
            writer.catch_up(purge=True)
            reader.refresh()
            assert_agreement(reader)
            assert f"source{number}" in found_by_word(reader, "harbour")
            assert f"source{number - 2}" not in found_by_word(reader, "harbour")


def test_a_lost_collection_is_filled_anew(tmp_path: Path, shared: Servers) -> None:
    """A host that is open while the server loses the vectors answers its next question as before, and so does the other one."""
    with open_library(tmp_path / "one", servers=shared) as one, open_library(tmp_path / "two", SilentEncoder(), shared) as two:
        put(one, "a", "The harbour was dredged.")
        one.catch_up()
        retrievers = [ArticleRetriever(library=library) for library in (one, two)]
        before = [[item.measured.chunk.id for item in each.find("Where is the harbour?").ranked] for each in retrievers]
        with open_library(tmp_path / "three", servers=shared) as other:
            assert isinstance(other.vectors, ServedVectors)
            other.vectors.drop()

        assert before == [[item.measured.chunk.id for item in each.find("Where is the harbour?").ranked] for each in retrievers]
        assert before[0]
        assert_agreement(two)
