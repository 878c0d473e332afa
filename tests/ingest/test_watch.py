"""Folders, pages and feeds that are kept in sync until stopped."""

import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from sites import Site
from support import open_library
from syncing import PARTS, run, write

from ingest.sync import Report
from ingest.watch import Watch
from retrieval import Library, LibraryBusy, ModelMismatch

TESTS = Path(__file__).parent.parent
SECONDS = 30  # in which whatever is waited for happens, on a busy machine too


class Told:
    """What a watch tells, in order; reports of which nothing is left to tell are left out."""

    def __init__(self) -> None:
        self.news: queue.Queue[Report] = queue.Queue()

    def __call__(self, report: Report) -> None:
        """Take a report."""
        if report.added or report.updated or report.moved or report.removed or report.failed:
            self.news.put(report)

    def next(self) -> Report:
        """The next one."""
        return self.news.get(timeout=SECONDS)


@contextmanager
def watching(
    library: Library,
    sources: Sequence[Path | str],
    *,
    every: float = 600,
    do: Callable[[Sequence[str]], Report] | None = None,
    prune: bool = True,
) -> Iterator[Told]:
    """A watch in a thread of its own, ended at the end of the block."""
    told, stop = Told(), threading.Event()

    def go(some: Sequence[str]) -> Report:
        return do(some) if do else run(library, *some, prune=prune, stopped=stop.is_set)

    watch = Watch([str(each) for each in sources], go, told, stop.is_set, every, library.folder)
    thread = threading.Thread(target=watch.go_on)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        asked = time.monotonic()
        thread.join(SECONDS)
        assert not thread.is_alive()
        assert time.monotonic() - asked < 3


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """An empty library with hash vectors, inside of the folder that is watched; nobody writes slowly here."""
    monkeypatch.setattr("ingest.watch.SETTLED_MILLISECONDS", 100)
    (tmp_path / "articles").mkdir()
    with open_library(tmp_path / "articles" / "library") as library:
        yield library


def test_a_folder_is_kept_in_sync(library: Library, tmp_path: Path) -> None:
    """What is written, renamed, edited and deleted is brought in at once, and the library's own files are no change."""
    folder = tmp_path / "articles"
    write(folder / "a.md", PARTS[:2])
    with watching(library, [folder]) as told:
        assert told.next().added == (str(folder / "a.md"),)
        write(folder / "sub" / "b.md", PARTS[2:])
        assert told.next().added == (str(folder / "sub" / "b.md"),)
        (folder / "a.md").rename(folder / "sub" / "a.md")
        (move,) = told.next().moved
        assert (move.before, move.source) == (str(folder / "a.md"), str(folder / "sub" / "a.md"))
        (folder / "sub" / "b.md.tmp").write_text("half")
        (folder / "sub" / "b.md").write_bytes(b"")
        assert [failure.source for failure in told.next().failed] == [str(folder / "sub" / "b.md")]
        write(folder / "sub" / "b.md", PARTS[:1])
        assert told.next().updated == (str(folder / "sub" / "b.md"),)
        (folder / "sub" / "b.md").unlink()
        assert told.next().removed == (str(folder / "sub" / "b.md"),)
        with library.writing():  # nobody holds it in between
            pass
    assert told.news.empty()


def test_a_folder_that_comes_and_goes(library: Library, tmp_path: Path) -> None:
    """A folder that is not there yet, is deleted and made again, or is replaced by another is kept in sync as before."""
    folder, other = tmp_path / "later", tmp_path / "other"
    write(other / "c.md", PARTS[:1])
    with watching(library, [folder]) as told:
        assert len(told.next().failed) == 1
        write(folder / "sub" / "a.md", PARTS[:1])
        assert told.next().added == (str(folder / "sub" / "a.md"),)
        write(folder / "sub" / "b.md", PARTS[1:])
        assert told.next().added == (str(folder / "sub" / "b.md"),)
        shutil.rmtree(folder)
        assert len(told.next().failed) == 1
        other.rename(folder)
        swapped = told.next()
        assert (len(swapped.added), len(swapped.removed)) == (1, 2)
        write(folder / "sub" / "d.md", PARTS[2:])
        assert told.next().added == (str(folder / "sub" / "d.md"),)


def test_pages_and_single_files(library: Library, tmp_path: Path) -> None:
    """Pages are looked at from time to time, a file that was named when it changes; a failure is told once."""
    single = tmp_path / "single.md"
    write(single, PARTS[:1])
    site = Site()
    words = "The ferry was late on Monday, and nobody on the quay could say why it was. " * 9
    html = {"content-type": "text/html"}
    try:
        with watching(library, [single, site.url("/late")], every=0.5) as told:
            first = told.next()
            assert (first.added, len(first.failed)) == ((str(single),), 1)
            site.answers["/late"] = (200, html, f"<html><body><article><p>{words}</p></article></body></html>".encode())
            second = told.next()
            assert second.failed == ()
            assert second.added == (site.url("/late"),)
    finally:
        site.close()
    with watching(library, [single]) as told:
        write(single, PARTS[1:])
        assert told.next().updated == (str(single),)


def test_events_that_do_not_come(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the system tells of no changes, a line says so, and folders are looked at from time to time all the same."""

    def refuse(*_: object, **__: object) -> None:
        message = "The limit of watched folders is reached."
        raise OSError(message)

    monkeypatch.setattr("watchfiles.watch", refuse)
    write(tmp_path / "articles" / "a.md", PARTS[:1])
    with watching(library, [tmp_path / "articles"], every=0.3) as told:
        assert told.next().added
        write(tmp_path / "articles" / "b.md", PARTS[1:])
        assert told.next().added == (str(tmp_path / "articles" / "b.md"),)
    assert "the system does not tell of changes" in capsys.readouterr().err


def test_a_run_that_fails_is_tried_again(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A busy library or trouble that nobody has foreseen is a line each, and the next run goes on; waits grow."""
    troubles = iter([LibraryBusy("Another process is changing the library."), OSError("No space left on device")])
    write(tmp_path / "articles" / "a.md", PARTS)

    def do(some: Sequence[str]) -> Report:
        trouble = next(troubles, None)
        if trouble:
            raise trouble
        return run(library, *some)

    with watching(library, [tmp_path / "articles"], every=0.4, do=do) as told:
        assert told.next().added
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("footnote: ") and "The next try is in" in line for line in lines)


def test_pauses_grow(library: Library) -> None:
    """The pauses after failures are doubled, up to a limit and to the time after which everything is looked at anyway."""

    def refuse(_: Sequence[str]) -> Report:
        raise AssertionError

    watch = Watch([], refuse, lambda _: None, lambda: True, 1800, library.folder)
    pauses = []
    for failures in range(1, 10):
        watch._failures = failures
        pauses.append(watch._pause())

    assert pauses == [5, 10, 20, 40, 80, 160, 320, 600, 600]


def test_another_model_ends_it(library: Library) -> None:
    """What no waiting mends is raised."""

    def do(_: Sequence[str]) -> Report:
        message = "The library was built with another model."
        raise ModelMismatch(message)

    with pytest.raises(ModelMismatch):
        Watch([], do, lambda _: None, lambda: False, 1, library.folder).go_on()


def line_with(stream: IO[str], words: str) -> str:
    """The next line that holds these words."""
    return next(line for line in stream if words in line)


def test_a_real_watch(tmp_path: Path) -> None:
    """The command tells each change in a line, and a signal ends it within a second or two with exit code 0."""
    write(tmp_path / "articles" / "a.md", PARTS)
    command = [sys.executable, str(TESTS / "quick_ingest.py"), str(tmp_path / "articles"), "--watch", "--prune"]
    with subprocess.Popen(
        [*command, "--data", str(tmp_path / "library")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert line_with(process.stdout, "added: ").endswith("a.md\n")
        (tmp_path / "articles" / "a.md").rename(tmp_path / "articles" / "b.md")
        assert line_with(process.stdout, "moved: ").endswith("b.md\n")
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, rest) == (0, "")
    assert time.monotonic() - asked < 5
    assert errors.startswith("footnote: Watching.")
    assert "Traceback" not in errors
