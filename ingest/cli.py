"""The ingest command: sources in, a report out."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from ingest.command import FAILED, Command, DataOption, JsonOption, run
from ingest.console import complain, print_json
from ingest.progress import duration, progress_shown
from ingest.reports import print_changes, print_plan, print_report, report_record

if TYPE_CHECKING:
    from ingest.fetch import Fetcher
    from ingest.sync import Report
    from retrieval import Library, Settings

STANDARD_ERROR = 2  # its descriptor
MINUTE = 60
EVERY = 30  # minutes between two looks at pages and feeds

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(cls=Command)
def ingest(  # noqa: PLR0913, PLR0917 - options of the command line
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="Files, folders, web pages (http, https), RSS or Atom feeds.", show_default=False),
    ],
    data: DataOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,  # noqa: FBT002
    prune: Annotated[bool, typer.Option("--prune", help="Remove articles that have left the folders and feeds.")] = False,  # noqa: FBT002
    watch: Annotated[bool, typer.Option("--watch", help="Go on with every change, until stopped.")] = False,  # noqa: FBT002
    every: Annotated[
        float | None,
        typer.Option("--every", metavar="MINUTES", min=0.1, help="How often --watch looks at pages and feeds, else every 30."),
    ] = None,
) -> None:
    """Add articles to the library, and bring on those that have changed."""
    if watch and dry_run:
        message = "--dry-run shows what one run would do, and --watch never ends: give one of them."
        raise typer.BadParameter(message)
    if every is not None and not watch:
        message = "--every says how often --watch looks at pages and feeds: give both or neither."
        raise typer.BadParameter(message)
    from ingest.fetch import Fetcher
    from retrieval import Encoder, Library, load_settings

    settings = load_settings(data_dir=data)
    with (
        _folder(settings, dry_run=dry_run) as folder,
        Library(folder, Encoder(settings.embedding_model), settings.servers) as library,
        Stop(signal.SIGINT, *([signal.SIGTERM] if watch else [])) as stop,
        Fetcher(allow_loopback=settings.allow_loopback, stopped=stop.is_asked) as fetcher,
    ):
        asked = _Asked(sources, library, fetcher, stop, prune=prune, as_json=as_json)
        if dry_run:
            asked.plan()
        elif watch:
            asked.watch((every or EVERY) * MINUTE)
        else:
            asked.sync()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person has asked for, and with what it is done."""

    sources: Sequence[str]
    library: "Library"
    fetcher: "Fetcher"
    stop: "Stop"
    _: KW_ONLY
    prune: bool
    as_json: bool

    def sync(self) -> None:
        """One run and its report."""
        report = self.run(self.sources)
        if self.as_json:
            print_json(report_record(report))
        else:
            print_report(report)
        if report.failed or report.interrupted:
            raise typer.Exit(FAILED)

    def plan(self) -> None:
        """What one run would do."""
        from ingest.sync import plan_sources

        with progress_shown() as notify:
            plan = plan_sources(
                self.sources, library=self.library, fetcher=self.fetcher, notify=notify, stopped=self.stop.is_asked
            )
        print_plan(plan, prune=self.prune, as_json=self.as_json)
        if plan.interrupted or any(step.reason for step in plan.steps):
            raise typer.Exit(FAILED)

    def watch(self, seconds: float) -> None:
        """Runs until stopped."""
        from ingest.watch import Watch

        complain(f"Watching. Files are read when they change, pages and feeds every {duration(seconds)}. Ctrl-C ends it.")
        Watch(
            self.sources,
            run=self.run,
            tell=lambda report: print_changes(report, as_json=self.as_json),
            stopped=self.stop.is_asked,
            every=seconds,
            ignored=self.library.folder.resolve(),
        ).go_on()

    def run(self, sources: Sequence[str]) -> "Report":
        """One run over some of the sources."""
        from ingest.sync import sync_sources

        with progress_shown() as notify:
            return sync_sources(
                sources,
                library=self.library,
                fetcher=self.fetcher,
                notify=notify,
                stopped=self.stop.is_asked,
                prune=self.prune,
            )


@contextmanager
def _folder(settings: "Settings", *, dry_run: bool) -> Iterator[Path]:
    """The library's folder; for a dry run an empty one in its place if there is none yet, for it would be made."""
    if not dry_run or settings.data_dir.exists() or settings.servers.database_url:
        yield settings.data_dir
        return
    with TemporaryDirectory() as name:
        yield Path(name)


def main() -> None:
    """Run `python -m ingest`."""
    run(app, name="python -m ingest")


class Stop:
    """The first Ctrl-C asks to stop after the batch that is being embedded, the second stops at once; other signals likewise."""

    def __init__(self, *signals: signal.Signals) -> None:
        self.asked = False
        self._signals = signals or (signal.SIGINT,)
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Listen."""
        self._before = {each: signal.signal(each, self._ask) for each in self._signals}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the signals as they were."""
        for each, before in self._before.items():
            signal.signal(each, before)

    def is_asked(self) -> bool:
        """Whether somebody has asked."""
        return self.asked

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        # Straight to the descriptor: Python's streams cannot be written to while they are being written to.
        os.write(STANDARD_ERROR, b"\nStopping after this batch... (Ctrl-C again to stop at once)\n")
