"""Articles in a folder, runs of ingest over them, and what the library then holds."""

from collections.abc import Callable
from pathlib import Path

from ingest.fetch import Fetcher
from ingest.plan import Kind
from ingest.sync import Plan, Progress, Report, plan_sources, sync_sources
from retrieval import Library

PARTS = ["harbour", "orchard", "lantern", "granite", "pelican"]


def write(path: Path, parts: list[str]) -> None:
    """Write an article with a section about each of some words; its first words are its own."""
    path.parent.mkdir(exist_ok=True, parents=True)
    sections = [f"## {part.title()}\n\n" + f"The {part} was seen by many people in {path.stem}. " * 9 for part in parts]
    path.write_text("\n\n".join([f"# Report {path.stem}", f"The beginning of {path.stem}.", *sections]), encoding="utf-8")


def run(
    library: Library,
    *sources: Path | str,
    stopped: Callable[[], bool] = lambda: False,
    notes: list[Progress] | None = None,
    prune: bool = False,
    fetcher: Fetcher | None = None,
) -> Report:
    """One run over some sources."""
    notify = (notes if notes is not None else []).append
    with fetcher or Fetcher(allow_loopback=True, gap_seconds=0) as opened:
        names = [str(source) for source in sources]
        return sync_sources(names, library=library, fetcher=opened, notify=notify, stopped=stopped, prune=prune)


def plan(library: Library, *sources: Path | str) -> Plan:
    """What a run over some sources would do."""
    with Fetcher(allow_loopback=True, gap_seconds=0) as fetcher:
        names = [str(source) for source in sources]
        return plan_sources(names, library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)


def planned(plan: Plan, kind: Kind) -> tuple[str, ...]:
    """The articles of which a plan says this."""
    return tuple(step.source for step in plan.steps if step.kind is kind)


def contents(library: Library) -> dict[str, list[tuple[int, str, tuple[str, ...]]]]:
    """Source to its chunks in reading order, with their headings: all of an article but the ids."""
    found: dict[str, list[tuple[int, str, tuple[str, ...]]]] = {record.source: [] for record in library.articles()}
    for chunk in library.catalogue.chunks(library.catalogue.live_ids()).values():
        found[chunk.source].append((chunk.start, chunk.text, chunk.headings))
    return {source: sorted(chunks) for source, chunks in found.items()}
