"""A disk that is full and a folder that may not be written: one sentence each, and not an article is lost."""

import ctypes
import os
import resource
import shutil
import signal
import stat
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from support import SilentEncoder, assert_agreement, found_by_word, open_library, put

from retrieval import ArticleRetriever, FootnoteError, Library, LibraryError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and rights of a process are set as on Linux")

CAPABILITIES = 0x20080522  # the version of capset's structures
ROOM = {"none": 0, "no vectors": 140_000, "little": 400_000}  # bytes of a file


def fill(folder: Path) -> None:
    """A library of a few articles, up to date."""
    with open_library(folder) as library:
        for source in "abcde":
            put(library, source, f"# {source}\nThe harbour of {source} froze.\n" + f"Ice lay {source} deep. " * 100)
        library.catch_up()


def work(folder: Path, limit: Callable[[], None], pipe: Connection) -> None:
    """Do with a limit all that is done with a library, and send what each came to."""
    limit()

    def write(library: Library) -> None:
        for number in range(40):
            put(library, f"n{number}", f"# n{number}\nThe orchard of n{number} bloomed. " * 50)

    def ask(library: Library) -> None:
        assert ArticleRetriever(library=library).find("Where is the harbour?").ranked

    def remove(library: Library) -> None:
        library.remove("a")
        pipe.send("removed")

    for step in (ask, write, lambda library: library.catch_up(purge=True), remove, lambda library: library.status(), ask):
        try:
            with open_library(folder) as library, library.writing():
                step(library)
        except BaseException as error:  # noqa: BLE001 - it is judged by the test
            pipe.send(error if isinstance(error, FootnoteError) else f"{type(error).__name__}: {error}")
    pipe.send("end")


def outcomes(processes: ForkServerContext, folder: Path, limit: Callable[[], None]) -> list[object]:
    """What a process has come to that works with a limit."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=work, args=(folder, limit, theirs))
    process.start()
    told: list[object] = []
    while "end" not in told:
        assert ours.poll(60), told
        told.append(ours.recv())
    process.join()
    return told[:-1]


def assert_whole(folder: Path, told: list[object]) -> None:
    """Nothing but sentences was told, and what was in is in, except for what was reported as removed."""
    assert all(isinstance(each, LibraryError) or each == "removed" for each in told), told
    with open_library(folder, SilentEncoder()) as library:
        library.catch_up()
        assert_agreement(library)
        held = {record.source for record in library.articles()}
        assert held >= set("abcde" if "removed" not in told else "bcde")
        assert ("removed" in told) == ("a" not in held)
        assert all(source in found_by_word(library, source) for source in held - {"a"})


class Room:
    """Lets no file of this process grow beyond a number of bytes, which it is told as if the disk had failed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))


@pytest.mark.parametrize("limit", ROOM.values(), ids=ROOM)
def test_a_full_disk_costs_no_article(limit: int, processes: ForkServerContext, tmp_path: Path) -> None:
    """Wherever writing fails, a sentence says what to check, and with room again all that was in is found without embedding."""
    fill(tmp_path / "library")
    told = outcomes(processes, tmp_path / "library", Room(limit))

    assert_whole(tmp_path / "library", told)
    assert any("free space" in str(each) for each in told)


def without_privileges() -> None:
    """Let permissions bind this process even if it is root's."""
    header, nothing = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, nothing) == 0 or os.getuid() != 0


@pytest.mark.parametrize("part", ["", "vectors", "keywords", "index.lock"])
def test_what_may_not_be_written_is_one_sentence(part: str, processes: ForkServerContext, tmp_path: Path) -> None:
    """A data folder, or any part of it, that may only be read is told in a sentence that speaks of permissions."""
    folder = tmp_path / "library"
    fill(folder)
    place = folder / part
    below = sorted([place, *place.rglob("*")] if place.is_dir() else [place])
    for path in below:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    told = outcomes(processes, folder, without_privileges)
    for path in below:
        if path.exists():
            path.chmod(path.stat().st_mode | stat.S_IWUSR)

    assert_whole(folder, told)
    assert any("permissions" in str(each) for each in told)


@pytest.mark.parametrize("name", ["vectors", "keywords"])
def test_folders_lost_beneath_an_open_library(name: str, tmp_path: Path) -> None:
    """Reader and writer that are open while an index folder is deleted go on, and nothing is embedded for it."""
    fill(tmp_path)
    with open_library(tmp_path) as writer, open_library(tmp_path, SilentEncoder()) as reader:
        retriever = ArticleRetriever(library=reader)
        before = [item.measured.chunk.id for item in retriever.find("Where is the harbour?").ranked]
        shutil.rmtree(tmp_path / name)
        assert before == [item.measured.chunk.id for item in retriever.find("Where is the harbour?").ranked]
        with writer.writing():
            put(writer, "new", "The lantern hung over the gate.")
            writer.catch_up()
        assert "new" in {item.measured.chunk.source for item in retriever.find("Where is the lantern?").ranked}
        assert_agreement(reader)
    with open_library(tmp_path, SilentEncoder()) as library:
        library.refresh()
        assert_agreement(library)
