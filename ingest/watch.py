"""Keeping folders, pages and feeds in sync until stopped: looked at when a file changes, and from time to time in any case."""

import math
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.console import complain
from ingest.progress import duration
from ingest.sources import identity, is_web
from retrieval import FootnoteError, ModelMismatch, SettingsError

if TYPE_CHECKING:
    from ingest.documents import Failure
    from ingest.sync import Report

TICK_MILLISECONDS = 200  # between two looks at the clock
SETTLED_MILLISECONDS = 400  # without a change, and what an editor does in many steps is done
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0  # seconds before a run that failed is tried again, doubled each time

Run = Callable[[Sequence[str]], "Report"]


@dataclass(slots=True)
class Watch:
    """Runs over sources again and again; what changes in the folder `ignored`, the library's own, is no reason to.

    Files are looked at when they change, and pages and feeds, and once more all files, every so many seconds.
    """

    sources: Sequence[str]
    run: Run
    tell: Callable[["Report"], None]
    stopped: Callable[[], bool]
    every: float
    ignored: Path
    _failures: int = 0
    _told: dict[str, str] = field(default_factory=dict)

    def go_on(self) -> None:
        """Go on until stopped; a run that fails is told and tried again."""
        files = [source for source in self.sources if not is_web(source)]
        looked = -math.inf
        while not self.stopped():
            ticks = self._ticks(files)
            next(ticks, None)  # changes are noticed from here on, those during the run too
            if self._is_due(looked):
                self._attempt(self.sources)
                looked = time.monotonic()
            elif not self._failures:  # a folder has come, gone or been replaced
                self._attempt(files)
                looked = time.monotonic() if self._failures else looked
            for changed in ticks:
                if self._is_due(looked):
                    break
                if changed and not self._failures:
                    self._attempt(files)
                    looked = time.monotonic() if self._failures else looked

    def _is_due(self, looked: float) -> bool:
        """Whether it is time for all sources, which were looked at then, or for another try."""
        return time.monotonic() - looked >= (self._pause() if self._failures else self.every)

    def _attempt(self, sources: Sequence[str]) -> None:
        """One run, told if it has changed anything."""
        try:
            report = self.run(sources)
        except (ModelMismatch, SettingsError):
            raise  # trying again would change nothing
        except FootnoteError as error:
            self._note_failure(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the archive is to be kept in sync when it has passed
            self._note_failure(f"Something went wrong ({type(error).__name__}: {str(error).partition(chr(10))[0]}).")
        else:
            self._failures = 0
            self.tell(self._news(report))

    def _note_failure(self, sentence: str) -> None:
        self._failures += 1
        complain(f"{sentence} The next try is in {duration(self._pause())}.")

    def _pause(self) -> float:
        return float(min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE, self.every))

    def _news(self, report: "Report") -> "Report":
        """The report without the failures that have been told."""
        news: list[Failure] = [failure for failure in report.failed if self._told.get(failure.source) != failure.reason]
        moved = (move.source for move in report.moved)
        for source in chain(report.added, report.updated, report.unchanged, report.removed, moved):
            self._told.pop(source, None)
        self._told.update((failure.source, failure.reason) for failure in report.failed)
        return replace(report, failed=tuple(news))

    def _ticks(self, sources: Sequence[str]) -> Iterator[bool]:
        """Say a few times a second whether any of the files and folders has changed; until stopped or a folder is another."""
        found = _folders(sources)
        files = [identity(source) for source in sources if not found[source]]
        state = _state(files)
        for changed in self._folder_ticks([identity(source) for source in sources if found[source]]):
            if _folders(sources) != found:
                return
            before, state = state, _state(files)
            yield changed or state != before

    def _folder_ticks(self, folders: Sequence[str]) -> Iterator[bool]:
        from watchfiles import Change, watch

        try:
            if folders:
                for changes in watch(
                    *folders,
                    watch_filter=None,  # or nothing would be said of the time while only the library's own files change
                    stop_event=_Stopped(self.stopped),
                    step=SETTLED_MILLISECONDS,
                    rust_timeout=TICK_MILLISECONDS,
                    yield_on_timeout=True,
                    ignore_permission_denied=True,
                ):
                    if any((Change.deleted, folder) in changes for folder in folders):  # though one may be there again
                        return
                    yield any(self._counts(path, folders) for _, path in changes)
        except (OSError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            complain(f"Files are looked at only every {duration(self.every)}: the system does not tell of changes ({reason}).")
        while not self.stopped():
            time.sleep(TICK_MILLISECONDS / 1000)
            yield False

    def _counts(self, path: str, folders: Sequence[str]) -> bool:
        """Whether a change is one of what may be an article, not of a hidden file, an editor's or the library's own."""
        if Path(path).is_relative_to(self.ignored):
            return False
        inside = next((path.removeprefix(folder) for folder in folders if path.startswith(folder)), path)
        return not any(name.startswith((".", "~$")) or name.endswith("~") for name in Path(inside).parts)


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What watchfiles asks whether to stop."""

    stopped: Callable[[], bool]

    def is_set(self) -> bool:
        return self.stopped()


def _folders(sources: Sequence[str]) -> dict[str, tuple[str, int, int] | None]:
    """Which folder each source is, None of what is no folder; the system tells nothing of one that takes another's place."""
    found: dict[str, tuple[str, int, int] | None] = {}
    for source in sources:
        name = identity(source) if source.strip() and "\0" not in source else source
        try:
            status = os.stat(name)  # noqa: PTH116 - a name as it is
        except (OSError, ValueError):
            found[source] = None
        else:
            found[source] = (name, status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
    return found


def _state(files: Sequence[str]) -> list[tuple[int, ...]]:
    """What changes when a file does."""
    found: list[tuple[int, ...]] = []
    for name in files:
        try:
            status = os.stat(name)  # noqa: PTH116 - a name as it is
        except (OSError, ValueError):
            found.append(())
        else:
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return found
