"""Whether the two indexes hold what the catalogue does: how far they are, which chunks, and the content of a sample."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from retrieval.embedding import Vectors
from retrieval.errors import IndexDamaged, LibraryError
from retrieval.library.health.findings import REPAIR, Finding, Level, is_ours, number, reason
from retrieval.library.health.ground import Ground
from retrieval.library.keywords import KeywordIndex, stems
from retrieval.library.records import ChunkRecord, Mark
from retrieval.library.vectors import VectorIndex

VECTORS, KEYWORDS = "Vectors", "Keywords"
NEAREST = 20  # results among which a chunk is looked for by its own vector
WIDEST = 200  # and once more, for chunks of the same words are as near
MISSED_OF = 50  # the graph of a large index does not lead to every one of its chunks: so many may hide one
RAREST = 5  # stems of a chunk that it is looked for by
CLOSE = 4e-3  # between a number of 16 bits and what an index makes of it


def examine_vectors(index: VectorIndex, ground: Ground) -> Iterator[Finding]:
    """Open the index, which may write to it, and hold it against the catalogue."""
    try:
        index.open(make=False)
    except IndexDamaged:
        yield gone(VECTORS)
        return
    except LibraryError:
        raise
    except BaseException as error:  # Chroma's own database is damaged, which shows in many ways
        if is_ours(error):
            raise
        yield _wrong(VECTORS, f"The vector index is damaged: {reason(error)}.")
        return
    differs = _differs(VECTORS, index.mark(), index.ids(), ground)
    if differs:
        yield differs
        return
    faults = list(_vector_faults(index, ground))
    yield from faults or [_agrees(VECTORS, ground, "compared with the catalogue's and looked for")]


def examine_keywords(index: KeywordIndex, ground: Ground) -> Iterator[Finding]:
    """Hold the keyword index against the catalogue."""
    mark = index.mark()
    if mark is None:
        yield gone(KEYWORDS)
        return
    differs = _differs(KEYWORDS, mark, index.ids(), ground)
    if differs:
        yield differs
        return
    lost = [item for item in ground.sample if not _is_found_by_words(index, item)]
    if lost:
        yield _wrong(KEYWORDS, f"{number(len(lost), 'chunk')} of {len(ground.sample)} cannot be found by their own words.")
    else:
        yield _agrees(KEYWORDS, ground, "looked for by their own words")


def _differs(check: str, mark: Mark | None, ids: Sequence[str], ground: Ground) -> Finding | None:
    """What is wrong with how far an index is and with which chunks it has."""
    wanted, there = ground.mark, set(ids)
    if mark is None or mark.uid != wanted.uid:
        return _wrong(check, "The index is new or that of another library.")
    if mark.generation != wanted.generation:
        where = "behind" if mark.generation < wanted.generation else "ahead of"
        changes = number(abs(wanted.generation - mark.generation), "change")
        return _wrong(check, f"The index is {changes} {where} the catalogue.")
    missing, extra = len(ground.live.keys() - there), len(there - ground.live.keys())
    if missing or extra or len(ids) != len(there):
        return _wrong(check, f"The index lacks {number(missing, 'chunk')} and has {extra} that the catalogue does not have.")
    return None


def _vector_faults(index: VectorIndex, ground: Ground) -> Iterator[Finding]:
    stored = index.stored([item.id for item in ground.sample])
    known = [item for item in ground.sample if item.vector in ground.vectors]
    others = [item for item in known if not _is_same(stored.get(item.id), ground.vectors[item.vector])]
    if others:
        yield _wrong(VECTORS, f"The vectors of {number(len(others), 'chunk')} of {len(known)} differ from the catalogue's.")
    lost = [item for item in known if not _is_found_by_vector(index, item, ground.vectors[item.vector])]
    if len(lost) > len(known) // MISSED_OF:
        yield _wrong(VECTORS, f"{number(len(lost), 'chunk')} of {len(known)} cannot be found by their own vectors.")
    if index.is_hollow():
        yield Finding(VECTORS, Level.WARNING, "Most of the index is the room of removed chunks, which makes it slow.", REPAIR)


def _is_same(stored: Vectors | None, kept: Vectors) -> bool:
    """Whether an index holds a kept vector; it may have brought it to the length 1."""
    if stored is None or stored.shape != kept.shape:
        return False
    lengths = np.linalg.norm(stored), np.linalg.norm(kept)
    return all(lengths) and bool(np.allclose(stored / lengths[0], kept / lengths[1], atol=CLOSE))


def _is_found_by_vector(index: VectorIndex, item: ChunkRecord, vector: Vectors) -> bool:
    return any(item.id in index.search(vector, count) for count in (NEAREST, WIDEST))


def _is_found_by_words(index: KeywordIndex, item: ChunkRecord) -> bool:
    words = sorted(set(stems(item.prefix + item.text, item.language)), key=lambda stem: (index.frequency([stem]), stem))
    return all(index.search({(stem,): 1.0}, 1, only=[item.id]) for stem in islice(words, RAREST))


def gone(check: str) -> Finding:
    """That an index is not there, or so damaged that it cannot be opened."""
    return _wrong(check, "The index is damaged or gone.")


def _wrong(check: str, said: str) -> Finding:
    return Finding(check, Level.WRONG, said, REPAIR)


def _agrees(check: str, ground: Ground, how: str) -> Finding:
    return Finding(check, Level.OK, f"{number(len(ground.live), 'chunk')}, {len(ground.sample)} of them {how}")
