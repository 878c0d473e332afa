"""What is measured of a chunk and its sentences against a question: the numbers that the fitted weights are applied to; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from retrieval.embedding import ChunkVectors, Vectors
from retrieval.library.keywords import stems
from retrieval.library.records import ChunkRecord
from retrieval.search.cues import Asked, offers
from retrieval.search.query import Query, Term

Row = npt.NDArray[np.float64]

# BM25 of a single sentence: short and even texts want less saturation and less normalisation by length.
SENTENCE_K1, SENTENCE_B, SENTENCE_STEMS = 0.9, 0.4, 14
BM25_MAXIMUM = 1.9  # a term's BM25 over its rarity seldom passes this


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may answer: `cosine`, `maxsim` (its best sentence's cosine) and `keywords` (BM25, about 0 to 1)."""

    chunk: str
    vectors: ChunkVectors
    cosine: float
    maxsim: float
    keywords: float

    @property
    def base(self) -> float:
        """The score by which candidates are chosen for ranking."""
        return 0.25 * self.cosine + 0.25 * self.maxsim + 0.5 * self.keywords


@dataclass(frozen=True, slots=True)
class SentenceMeasures:
    """What is measured of one sentence; all but `cosine` about 0 to 1."""

    cosine: float
    keywords: float
    coverage: float
    context: float
    title: float
    bigrams: float
    kind: float
    length: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A chunk with the measures of its sentences and its own, in the order of CHUNK_FEATURES; `best` is its best sentence."""

    chunk: ChunkRecord
    sentences: tuple[SentenceMeasures, ...]
    features: Row
    best: int


CHUNK_FEATURES = ("cosine", "maxsim", "keywords", "best_mixed", "coverage", "best_coverage", "bigrams", "kind")


def candidate(chunk: str, vectors: ChunkVectors, vector: Vectors, keywords: float) -> Candidate:
    """A chunk, by its id, with its similarities to the question's vector."""
    maxsim = float((vectors.sentences @ vector).max(initial=0.0))
    return Candidate(chunk, vectors, float(vectors.chunk @ vector), maxsim, keywords)


def measure(found: Candidate, chunk: ChunkRecord, query: Query, asked: Asked) -> Measured:
    """Measure a candidate and each of its sentences."""
    title = stems(chunk.prefix, chunk.language)
    texts = [chunk.text[span.start : span.end] for span in chunk.sentences]
    words = [stems(text, chunk.language) for text in texts]
    cosines = found.vectors.sentences @ query.vector
    total = sum(term.rarity * term.weight for term in query.terms) or 1.0
    pairs = list(pairwise(query.own))
    measured = tuple(
        SentenceMeasures(
            cosine=float(cosines[number]),
            keywords=_sentence_bm25(query.terms, words[number]) / (BM25_MAXIMUM * total),
            coverage=_held(query.terms, {*words[number], *title}) / total,
            context=_held(query.terms, {*words[number], *(words[number - 1] if number else ()), *title}) / total,
            title=_held(query.terms, set(title)) / total,
            bigrams=_adjacent(pairs, words[number]),
            kind=offers(text, asked, query.question),
            length=len(text),
        )
        for number, text in enumerate(texts)
    )
    mixed = [0.5 * item.cosine + 0.5 * item.keywords for item in measured]
    best = int(np.argmax(mixed))
    coverage = _held(query.terms, {*title, *(stem for sentence in words for stem in sentence)}) / total
    bigrams = max(item.bigrams for item in measured)
    row = (
        found.cosine,
        found.maxsim,
        found.keywords,
        mixed[best],
        coverage,
        measured[best].coverage,
        bigrams,
        measured[best].kind,
    )
    return Measured(chunk, measured, np.array(row), best)


def _held(terms: Sequence[Term], present: set[str]) -> float:
    """Summed rarity of the terms of which some stem is present."""
    return sum(term.rarity * term.weight for term in terms if not present.isdisjoint(term.stems))


def _adjacent(pairs: Sequence[tuple[Term, Term]], words: Sequence[str]) -> float:
    """The share of the question's neighbouring terms that are neighbours in the sentence as well."""
    if not pairs:
        return 0.0
    neighbours = set(pairwise(words))
    return sum(any((one, two) in neighbours for one in a.stems for two in b.stems) for a, b in pairs) / len(pairs)


def _sentence_bm25(terms: Sequence[Term], words: Sequence[str]) -> float:
    counts = Counter(words)
    norm = SENTENCE_K1 * (1 - SENTENCE_B + SENTENCE_B * len(words) / SENTENCE_STEMS)
    score = 0.0
    for term in terms:
        count = max((counts[stem] for stem in term.stems), default=0)
        score += term.rarity * term.weight * count * (SENTENCE_K1 + 1) / (count + norm)
    return score
