"""What an ingest is doing and what it has done, in plain sentences."""

from typing import TYPE_CHECKING

from bot.telegram import texts
from bot.telegram.shown import NAME_LENGTH, last_part, shortened
from ingest.console import printable

if TYPE_CHECKING:
    from ingest import Failure, Progress, Report

MOST_FAILURES = 5  # that are named
REASON_LENGTH = 200
ADDRESS_LENGTH = 300


def show_report(report: "Report") -> str:
    """The counts, then a line for each of the first sources that could not be read, and why."""
    counts = {name: len(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed", "failed")}
    lines = [texts.COUNTS.format(**counts, seconds=report.seconds, chunks=report.chunks, embedded=report.embedded)]
    lines += [_failure(failure) for failure in report.failed[:MOST_FAILURES]]
    left = len(report.failed) - MOST_FAILURES
    lines += [texts.MORE_FAILED.format(count=left)] if left > 0 else []
    lines += [texts.SKIPPED.format(count=len(report.skipped))] if report.skipped else []
    lines += [texts.STOPPED] if report.interrupted else []
    return "\n".join(lines)


def show_progress(progress: "Progress") -> str:
    """How far an ingest is."""
    if progress.waiting:
        return texts.WAITING
    if not progress.total:
        return texts.LOOKING
    words = [texts.PROGRESS.format(done=progress.done, total=progress.total)]
    words += [texts.PROGRESS_CHUNKS.format(embedded=progress.embedded)] if progress.embedded else []
    name = shortened(last_part(progress.source), NAME_LENGTH)
    return "\n".join([", ".join(words), *([texts.READING.format(name=name)] if name else [])])


def _failure(failure: "Failure") -> str:
    """Where and why; of a file only its name, for its folders are nobody's business in a chat."""
    address = shortened(printable(failure.source), ADDRESS_LENGTH)
    name = address if failure.source.startswith(("http://", "https://")) else shortened(last_part(failure.source), NAME_LENGTH)
    return texts.FAILED.format(name=name or texts.UNTITLED, reason=shortened(printable(failure.reason), REASON_LENGTH))
