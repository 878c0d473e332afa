"""What an ingest is doing and what it has done, in plain sentences."""

from typing import TYPE_CHECKING

from bot.telegram import texts
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import NAME_LENGTH, last_part, named
from ingest.console import counted

if TYPE_CHECKING:
    from ingest import Failure, Progress, Report

MOST_FAILURES = 5  # that are named
REASON_LENGTH = 200
ADDRESS_LENGTH = 300


def show_report(report: "Report") -> RichText:
    """The counts, then a line for each of the first sources that could not be read, and why."""
    counts = {name: len(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed", "failed")}
    lines: list[RichText | str] = [
        texts.COUNTS.format(**counts, seconds=report.seconds, chunks=counted(report.chunks, "chunk"), embedded=report.embedded)
    ]
    lines += [_failure(failure) for failure in report.failed[:MOST_FAILURES]]
    left = len(report.failed) - MOST_FAILURES
    lines += [texts.MORE_FAILED.format(count=left)] if left > 0 else []
    lines += [texts.SKIPPED.format(count=len(report.skipped))] if report.skipped else []
    lines += [texts.STOPPED] if report.interrupted else []
    return join("\n", lines)


def show_progress(progress: "Progress") -> RichText:
    """How far an ingest is."""
    if progress.waiting:
        return RichText(texts.WAITING)
    if not progress.total:
        return RichText(texts.LOOKING)
    words = [texts.PROGRESS.format(done=progress.done, articles=counted(progress.total, "article"))]
    words += [texts.PROGRESS_CHUNKS.format(chunks=counted(progress.embedded, "chunk"))] if progress.embedded else []
    name = named(last_part(progress.source), NAME_LENGTH)
    return join("\n", [", ".join(words), *([filled(texts.READING, name=name)] if name else [])])


def _failure(failure: "Failure") -> RichText:
    """Where and why; of a file only its name, for its folders are nobody's business in a chat."""
    on_the_web = failure.source.startswith(("http://", "https://"))
    name = named(failure.source, ADDRESS_LENGTH) if on_the_web else named(last_part(failure.source), NAME_LENGTH)
    return filled(texts.FAILED, name=name or texts.UNTITLED, reason=named(failure.reason, REASON_LENGTH))
