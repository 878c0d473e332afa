"""Mending what can be made anew from what the library keeps; whatever is the only copy of something stays as it is.

Each step leaves the library such that another run, after one that was killed, finds what is left to do.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

from retrieval.embedding import Encoder
from retrieval.library.editions import INDEXES, Edition
from retrieval.library.health import catalogue, indexes, places
from retrieval.library.health.findings import REPAIR, Finding, Level, number
from retrieval.library.health.ground import read_ground
from retrieval.library.health.rewriting import Cut, rewrite
from retrieval.library.library import Library
from retrieval.settings import HERE, Servers


def mend(folder: Path, encoder: Encoder, findings: Iterable[Finding], cut: Cut, where: Servers = HERE) -> Iterator[str]:
    """Mend what an examination has found and say in sentences what was done; `cut` cuts an article into chunks."""
    found = list(findings)
    wanted = {finding.check for finding in found if finding.mend == REPAIR}
    if not wanted or not _is_sound(found):
        return
    with Library(folder, encoder, where) as library, library.writing():
        if wanted & {catalogue.NAME, indexes.VECTORS, indexes.KEYWORDS}:
            yield from _clear_the_way(library.edition)
            yield from rewrite(library, cut)
            yield from _mend_indexes(library, wanted)
        if places.EDITION in wanted:
            yield "What an edition that was replaced had left was removed."  # as whoever begins to write does


def _is_sound(found: list[Finding]) -> bool:
    """Whether the catalogue can be read, for all else is made from it; only then may anything be removed."""
    about = [finding for finding in found if finding.check == catalogue.NAME]
    return bool(about) and all(finding.level in {Level.OK, Level.WARNING} or finding.mend == REPAIR for finding in about)


def _clear_the_way(edition: Edition) -> Iterator[str]:
    """Put a file aside that stands where an index's folder has to be; whose it is, nobody knows."""
    for place in (edition.folder / name for name in INDEXES):
        if os.path.lexists(place) and not place.is_dir():
            aside = next(name for name in _asides(place) if not os.path.lexists(name))
            place.rename(aside)
            yield f"The file {place} stood in the place of an index, and is now {aside.name}."


def _asides(place: Path) -> Iterator[Path]:
    """Names for what is put aside, the first of which may be taken."""
    return (place.with_name(f"{place.name}.damaged{number or ''}") for number in count())


def _mend_indexes(library: Library, wanted: set[str]) -> Iterator[str]:
    """Bring both indexes on, and fill anew what was wrong with more than how far it was."""
    if library.catalogue.model() is None:
        return
    state = library.catalogue.state()
    late = set()
    for check, index in ((indexes.VECTORS, library.vectors), (indexes.KEYWORDS, library.keywords)):
        mark = index.mark()
        behind = mark is not None and mark.uid == state.uid and mark.generation < state.generation
        if check in wanted and not behind:
            library.begin_anew(index)
            yield f"{check}: the index was filled anew from the catalogue."
        elif check in wanted:
            late.add(check)
    library.catch_up(purge=True)
    yield from _examine_again(library, late)
    chunks = len(library.catalogue.live_ids())
    yield f"Both indexes were brought to the catalogue's {number(chunks, 'chunk')}."


def _examine_again(library: Library, late: set[str]) -> Iterator[str]:
    """Fill anew what is wrong even now that it is as far as the catalogue."""
    with library.catalogue.engine.connect() as connection:
        ground = read_ground(connection)
    examined: dict[str, Callable[[], Iterable[Finding]]] = {
        indexes.VECTORS: lambda: indexes.examine_vectors(library.vectors, ground),
        indexes.KEYWORDS: lambda: indexes.examine_keywords(library.keywords, ground),
    }
    for check in sorted(late):
        if any(finding.level is not Level.OK for finding in examined[check]()):
            library.begin_anew(library.vectors if check == indexes.VECTORS else library.keywords)
            yield f"{check}: the index was filled anew from the catalogue."
    library.catch_up()
