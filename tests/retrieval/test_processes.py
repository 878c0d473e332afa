"""Processes that are killed at any moment, and processes that read while another writes."""

import random
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from killing import KINDS, Killing
from support import SilentEncoder, assert_agreement, nearest, open_library, put
from writers import open_and_close, read_for, write_for, write_in_steps, write_once

from retrieval import Servers
from retrieval.library import vectors

TRIALS = 3  # of each kind
SECONDS = 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_killed_processes_leave_nothing_wrong(kind: str, processes: ForkServerContext, tmp_path: Path) -> None:
    """After SIGKILL at any moment the three stores agree, every reported article is found, and no removed one is."""
    killing = Killing(processes, tmp_path, Servers(), random.Random(11), steps=6)
    wrong = [fault for each in ["ingest", *[kind] * TRIALS] for fault in killing.trial(each)]

    assert not wrong
    assert not killing.counts["failed"]


def test_killed_writers_leave_nothing_wrong_on_servers(
    processes: ForkServerContext, tmp_path: Path, chroma_server: str, database_url: str
) -> None:
    """The same where the stores are servers: no article is half written."""
    killing = Killing(processes, tmp_path, Servers(chroma_server, "", database_url), random.Random(12), steps=6)
    wrong = [fault for kind in ("ingest", *KINDS) for fault in killing.trial(kind)]

    assert not wrong
    assert not killing.counts["failed"]


def test_reading_beside_writing(processes: ForkServerContext, tmp_path: Path) -> None:
    """While one process writes and another asks, both end well, each own vector is found, and at the end all is seen."""
    with open_library(tmp_path) as library:
        put(library, "first", "The first article.")
        library.catch_up()
    pair = [processes.Process(target=target, args=(tmp_path, SECONDS)) for target in (write_for, read_for)]
    for process in pair:
        process.start()
    for process in pair:
        process.join(60)

    assert [0, 0] == [process.exitcode for process in pair]
    with open_library(tmp_path, SilentEncoder()) as library:
        library.refresh()
        assert_agreement(library)
        assert len(library.articles()) > 3


def test_readers_follow_a_writer_that_goes_on(processes: ForkServerContext, tmp_path: Path) -> None:
    """A reader that asked while the indexes were behind finds the new vectors as soon as another process has brought them on."""
    with open_library(tmp_path) as reader:
        put(reader, "first", "The first article.")
        reader.refresh()
        barrier = processes.Barrier(2, timeout=60)
        process = processes.Process(target=write_in_steps, args=(tmp_path, barrier))
        process.start()
        barrier.wait()  # it has put an article
        reader.refresh()
        barrier.wait()
        barrier.wait()  # it has brought the indexes on, and is still at work
        reader.refresh()
        keys = reader.catalogue.vector_keys(reader.catalogue.live_ids())
        kept = reader.catalogue.vectors(list(keys.values()))
        assert [[name] for name in keys] == [nearest(reader, kept[key].chunk, 1) for key in keys.values()]
        assert len(keys) == 2
        barrier.wait()
        process.join(60)
        assert process.exitcode == 0


def test_a_long_open_reader_costs_no_vectors(
    processes: ForkServerContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that reads all the time and writes now and then keeps the vectors that another process writes in between."""
    monkeypatch.setitem(vectors.CONFIGURATION["hnsw"], "sync_threshold", 20)
    with open_library(tmp_path) as reader:
        put(reader, "first", "The first article.")
        for trial in range(3):
            reader.refresh()
            process = processes.Process(target=write_once, args=(tmp_path, f"other{trial}."))
            process.start()
            process.join(60)
            write_once(tmp_path, f"own{trial}.")
        reader.refresh()
        assert_agreement(reader)
        assert len(reader.articles()) == 1 + 3 * 60


def test_first_opening_by_many(processes: ForkServerContext, tmp_path: Path) -> None:
    """Processes that open a new folder at the same moment all find a library there."""
    for trial in range(3):
        group = [processes.Process(target=open_and_close, args=(tmp_path / f"new {trial}?x=1",)) for _ in range(4)]
        for process in group:
            process.start()
        for process in group:
            process.join(60)

        assert [0] * 4 == [process.exitcode for process in group]
        assert (tmp_path / f"new {trial}?x=1" / "catalogue.sqlite3").exists()
