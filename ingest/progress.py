"""How far an ingest is: a bar in a terminal, a line now and then in a pipe."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest.console import console, counted, printable

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.sync import Progress

    Notify = Callable[[Progress], None]

SECONDS_BETWEEN_LINES = 10.0
NAME_LENGTH = 30
WAITING = "Waiting for another process that is changing the library."
_MINUTE, _HOUR = 60, 3600


class Rate:
    """How many a second, from the first that was seen on: what came before it may have waited for the model to load."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def after(self, count: int, now: float) -> float:
        """The rate when `count` has been reached at the time `now`; 0 while it is unknown."""
        if self._first is None:
            self._first = (now, count) if count else None
            return 0.0
        began, before = self._first
        return (count - before) / (now - began) if now > began else 0.0


class Pace:
    """The rates of one run, in words."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._articles, self._chunks = now, Rate(), Rate()

    def describe(self, progress: "Progress") -> str:
        """Articles and chunks per second and the time left, as far as they are known."""
        now = self._now()
        articles, chunks = self._articles.after(progress.done, now), self._chunks.after(progress.embedded, now)
        words = [f"{articles:.1f} articles/s"] if articles else []
        words += [counted(progress.embedded, "chunk")] if progress.embedded else []
        words += [f"{chunks:.0f} chunks/s"] if chunks else []
        if articles and progress.done < progress.total:
            words.append(f"{duration((progress.total - progress.done) / articles)} left")
        return ", ".join(words)


def duration(seconds: float) -> str:
    """A time as people say it: the largest unit and the one below."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


@contextmanager
def progress_shown() -> Iterator["Notify"]:
    """Show on the error stream what is told."""
    errors = console(errors=True)
    if not errors.is_terminal:
        yield _lines(errors)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    name, rates = (TextColumn(f"{{task.{field}}}", markup=False) for field in ("description", "fields[pace]"))
    pace = Pace()
    with Bar(name, BarColumn(20), MofNCompleteColumn(), rates, console=errors, transient=True) as bar:
        task = bar.add_task("Looking for articles", total=None, pace="")

        def notify(progress: "Progress") -> None:
            if progress.waiting:
                bar.update(task, description=WAITING)
                return
            words = pace.describe(progress)
            bar.update(task, description=_short(progress.source), completed=progress.done, total=progress.total, pace=words)

        yield notify


def _lines(errors: "Console") -> "Notify":
    """A line every few seconds, for logs."""
    pace, told, waited = Pace(), time.monotonic(), False

    def notify(progress: "Progress") -> None:
        nonlocal told, waited
        if progress.waiting:
            if not waited:
                errors.print(WAITING)
            waited = True
            return
        words = pace.describe(progress)
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            errors.print(", ".join(filter(None, [f"{progress.done} of {counted(progress.total, 'article')}", words])))

    return notify


def _short(source: str) -> str:
    """The last part of a path or address, at most as long as leaves room for the bar."""
    name = printable(source.rstrip("/").rpartition("/")[2] or source)
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"
