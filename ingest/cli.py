"""The ingest command: sources in, a report out."""

import os
import signal
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from ingest.command import FAILED, Command, DataOption, JsonOption, run
from ingest.console import console, print_json, printable
from ingest.progress import progress_shown

if TYPE_CHECKING:
    from ingest.sync import Report

STANDARD_ERROR = 2  # its descriptor
NAMED = 5  # skipped files whose names are shown

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(cls=Command)
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="Files, folders, web pages (http, https), RSS or Atom feeds.", show_default=False),
    ],
    data: DataOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Add articles to the library, and bring on those that have changed."""
    from ingest.fetch import Fetcher
    from ingest.sync import sync_sources
    from retrieval import Encoder, Library, load_settings

    settings = load_settings(data_dir=data)
    with (
        Library(settings.data_dir, Encoder(settings.embedding_model)) as library,
        Fetcher(allow_loopback=settings.allow_loopback) as fetcher,
        Stop() as stop,
        progress_shown() as notify,
    ):
        report = sync_sources(sources, library=library, fetcher=fetcher, notify=notify, stopped=lambda: stop.asked)
    if as_json:
        print_json(report_record(report))
    else:
        _print_report(report)
    if report.failed or report.interrupted:
        raise typer.Exit(FAILED)


def main() -> None:
    """Run `python -m ingest`."""
    run(app, name="python -m ingest")


class Stop:
    """The first Ctrl-C asks to stop after the batch that is being embedded, the second stops at once."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        """Listen for Ctrl-C."""
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave Ctrl-C as it was."""
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        # Straight to the descriptor: Python's streams cannot be written to while they are being written to.
        os.write(STANDARD_ERROR, b"\nStopping after this batch... (Ctrl-C again to stop at once)\n")


def report_record(report: "Report") -> dict[str, object]:
    """The report under its promised names."""
    return {
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "failed": [{"source": failure.source, "reason": failure.reason} for failure in report.failed],
        "skipped": list(report.skipped),
        "chunks": report.chunks,
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
    }


def _print_report(report: "Report") -> None:
    """The report for people: the counts, then a line for each source that could not be read."""
    out = console()
    words = ", ".join(f"{name} {len(getattr(report, name))}" for name in ("added", "updated", "unchanged", "removed", "failed"))
    out.print(f"{words.capitalize()} (in {report.seconds:.1f} s, {report.chunks} chunks, {report.embedded} embedded)")
    for failure in report.failed:
        out.print(f"failed: {printable(failure.source)}: {printable(failure.reason)}", style="red")
    if report.skipped:
        names = [printable(Path(source).name) for source in report.skipped[:NAMED]] + ["…"] * (len(report.skipped) > NAMED)
        out.print(f"skipped, for their kind: {len(report.skipped)} ({', '.join(names)})", style="dim")
    if report.interrupted:
        out.print("Stopped before the end. The next run goes on from there.")
