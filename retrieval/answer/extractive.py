"""The sentences that answer, verbatim, in reading order, each with its footnote; no chat model needed."""

import re
from dataclasses import dataclass

import numpy as np

from retrieval.passages import Span
from retrieval.search.cues import is_open
from retrieval.search.features import Measured, Row
from retrieval.search.retriever import Found
from retrieval.weights import vector

CHUNKS = 4  # the best chunks whose sentences may answer
CLOSE = 1.25  # how far behind the best sentence another one may be
SAME_CHUNK = 1.0  # what a sentence gains when more than one is wanted and it stands beside the best
CLOSED_SENTENCES, OPEN_SENTENCES = 3, 4
FULL_LENGTH = 300  # characters of a sentence that says enough
TABLE_ROW = re.compile(r"\S \| \S")  # it explains nothing

SENTENCE_FEATURES = (
    "cosine",
    "coverage",
    "context",
    "chunk_share",
    "chunk_rank",
    "bigrams",
    "kind",
    "kind_cosine",
    "behind_best",
    "title",
    "length",
)


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence that may be quoted: where it stands in its chunk, and its features in the order of SENTENCE_FEATURES."""

    measured: Measured
    number: int
    features: Row

    @property
    def article_id(self) -> int:
        """The article it stands in."""
        return self.measured.chunk.article_id

    @property
    def span(self) -> Span:
        """Its place in the article."""
        chunk = self.measured.chunk
        inside = chunk.sentences[self.number]
        return Span(chunk.start + inside.start, chunk.start + inside.end)

    @property
    def text(self) -> str:
        """Its words as they stand in the article."""
        chunk = self.measured.chunk
        inside = chunk.sentences[self.number]
        return chunk.text[inside.start : inside.end]


def quotables(found: Found) -> list[Quotable]:
    """The distinct sentences of the best chunks with their features; table rows only where a single fact is asked for."""
    explain = is_open(found.query.question)
    scores = np.array([item.score for item in found.ranked])
    shares = np.exp(scores - scores.max(initial=0.0))
    shares /= shares.sum() or 1.0
    best = [item.measured for item in found.ranked[:CHUNKS]]
    top = max((one.cosine + one.keywords for item in best for one in item.sentences), default=0.0)
    rows, seen = [], set()
    for rank, item in enumerate(best):
        for number, one in enumerate(item.sentences):
            behind = one.cosine + one.keywords - top
            length = min(1.0, one.length / FULL_LENGTH)
            features = np.array(
                [
                    one.cosine,
                    one.coverage,
                    one.context,
                    shares[rank],
                    1 / (1 + rank),
                    one.bigrams,
                    one.kind,
                    one.kind * one.cosine,
                    behind,
                    one.title,
                    length,
                ]
            )
            sentence = Quotable(item, number, features)
            words = " ".join(sentence.text.split())
            if words not in seen and not (explain and TABLE_ROW.search(words)):
                seen.add(words)
                rows.append(sentence)
    return rows


def choose(found: Found) -> list[Quotable]:
    """The best sentence and those close behind it, in reading order."""
    candidates = quotables(found)
    if not candidates:
        return []
    scores = np.array([item.features for item in candidates]) @ vector("sentence", SENTENCE_FEATURES)
    best = int(np.argmax(scores))
    explain = is_open(found.query.question)
    chunk = candidates[best].measured.chunk.id
    beside = np.array([item.measured.chunk.id == chunk for item in candidates])
    scores = scores + SAME_CHUNK * beside * explain
    order = [int(number) for number in np.argsort(-scores, kind="stable")]
    limit = OPEN_SENTENCES if explain else CLOSED_SENTENCES
    chosen = [number for number in order if scores[number] >= scores[best] - CLOSE][:limit]
    return _reading_order([candidates[number] for number in chosen], first=candidates[best])


def _reading_order(chosen: list[Quotable], *, first: Quotable) -> list[Quotable]:
    """The article of the best sentence first, then the others; within an article as they stand there."""
    home = first.article_id
    return sorted(chosen, key=lambda item: (item.article_id != home, item.article_id, item.span.start))
