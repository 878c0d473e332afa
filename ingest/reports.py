"""What a run of ingest did or would do, for people and for programs."""

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.console import console, counted, print_json, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.plan import Step
    from ingest.sync import Plan, Report

NAMED = 5  # skipped files whose names are shown
COUNTED = ("added", "updated", "moved", "unchanged", "removed", "failed")
# What a plan says is changed, a run says it has updated.
PLANNED = ("added", "changed", "moved", "unchanged", "removed", "failed")


def report_record(report: "Report") -> dict[str, object]:
    """The report under its promised names."""
    return {
        "added": len(report.added),
        "updated": len(report.updated),
        "moved": len(report.moved),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "failed": [{"source": failure.source, "reason": failure.reason} for failure in report.failed],
        "skipped": list(report.skipped),
        "chunks": report.chunks,
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
    }


def print_report(report: "Report") -> None:
    """The counts, then a line for each source that could not be read."""
    out = console()
    counts = {name: len(getattr(report, name)) for name in COUNTED}
    words = ", ".join(f"{name} {count}" for name, count in counts.items() if count or name != "moved")
    out.print(f"{words.capitalize()} (in {report.seconds:.1f} s, {counted(report.chunks, 'chunk')}, {report.embedded} embedded)")
    for failure in report.failed:
        out.print(f"failed: {printable(failure.source)}: {printable(failure.reason)}", style="red")
    if report.skipped:
        names = [printable(Path(source).name) for source in report.skipped[:NAMED]] + ["…"] * (len(report.skipped) > NAMED)
        out.print(f"skipped, for their kind: {len(report.skipped)} ({', '.join(names)})", style="dim")
    if report.interrupted:
        out.print("Stopped before the end. What is embedded is kept, and the next run goes on from there.")


def print_changes(report: "Report", *, as_json: bool) -> None:
    """A line for each change that a run has made and each failure, or one object; nothing if there is none."""
    if as_json:
        if report.added or report.updated or report.moved or report.removed or report.failed:
            print_json(report_record(report))
        return
    out = console()
    for name in ("added", "updated", "removed"):
        for source in getattr(report, name):
            out.print(f"{name}: {printable(source)}")
    for move in report.moved:
        out.print(f"moved: {printable(move.before)} → {printable(move.source)}")
    for failure in report.failed:
        out.print(f"failed: {printable(failure.source)}: {printable(failure.reason)}", style="red")


def print_plan(plan: "Plan", *, prune: bool, as_json: bool) -> None:
    """The counts, and a line for each article that would not stay as it is; also what pruning would remove."""
    steps = [*plan.steps, *(plan.departed if prune else ())]
    departed = () if prune else plan.departed
    if as_json:
        print_json(_plan_record(steps, departed) | {"interrupted": plan.interrupted})
        return
    out = console()
    counts = {name: sum(step.kind.value == name for step in steps) for name in PLANNED}
    words = ", ".join(f"{name} {count}" for name, count in counts.items())
    out.print(f"Plan: {words}. Nothing has been written.")
    for name in ("added", "changed", "moved", "removed", "failed"):
        for step in steps:
            if step.kind.value == name:
                out.print(f"{name}: {_described(step)}", style="red" if step.reason else None)
    for step in departed:
        out.print(f"removed with --prune: {_described(step)}", style="dim")
    if plan.interrupted:
        out.print("Stopped before the end: the plan is not whole.")


def _plan_record(steps: "Iterable[Step]", departed: "Iterable[Step]") -> dict[str, object]:
    """The plan by kind; `removed_with_prune` are the articles that only a run with pruning would remove."""
    record: dict[str, list[object]] = {name: [] for name in (*PLANNED, "skipped", "removed_with_prune")}
    for step in steps:
        described: object = step.source
        if step.before:
            described = {"from": step.before, "to": step.source}
        elif step.reason:
            described = {"source": step.source, "reason": step.reason}
        record[step.kind.value].append(described)
    record["removed_with_prune"] += [step.source for step in departed]
    return dict(record)


def _described(step: "Step") -> str:
    before = f"{printable(step.before)} → " if step.before else ""
    reason = f": {printable(step.reason)}" if step.reason else ""
    return f"{before}{printable(step.source)}{reason}"
