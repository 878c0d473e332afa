"""Faults inside the catalogue, found by its own laws: each as the rows that are at fault."""

from collections.abc import Iterator

import numpy as np
import sqlalchemy as sa

from retrieval.embedding import ChunkInput
from retrieval.library.records import ChunkRecord, ModelIdentity
from retrieval.library.tables import article, chunk, chunk_record, unpacked, vector
from retrieval.passages import Span

_LENGTH = 0.05  # how far from 1 the length of a vector may be that has 16 bits a number


def orphans(connection: sa.Connection) -> list[str]:
    """The live chunks whose article is gone."""
    gone = chunk.c.article_id.not_in(sa.select(article.c.id))
    return list(connection.scalars(sa.select(chunk.c.id).where(~chunk.c.dead, gone)))


def bare(connection: sa.Connection) -> list[int]:
    """The articles without any live chunk: those of headings alone, and those that have lost them."""
    held = sa.select(chunk.c.article_id).where(~chunk.c.dead)
    return list(connection.scalars(sa.select(article.c.id).where(article.c.id.not_in(held))))


def without_vectors(connection: sa.Connection) -> dict[str, int]:
    """The live chunks for which no vectors are kept, each with its article."""
    query = sa.select(chunk.c.id, chunk.c.article_id).outerjoin(vector, vector.c.key == chunk.c.vector)
    return dict(connection.execute(query.where(~chunk.c.dead, vector.c.key.is_(None))).tuples().all())


def unfit_vectors(connection: sa.Connection, model: ModelIdentity) -> dict[str, int]:
    """The keys of vectors that have not the model's dimension or not one for each sentence, each with the article of a chunk."""
    size = 2 * model.dimension
    sentences = sa.func.length(chunk.c.sentences) / 8  # two int32 for each
    fit = sa.and_(sa.func.length(vector.c.chunk) == size, sa.func.length(vector.c.sentences) == sentences * size)
    query = sa.select(vector.c.key, chunk.c.article_id).join(chunk, vector.c.key == chunk.c.vector)
    return dict(connection.execute(query.where(~chunk.c.dead, ~fit)).tuples().all())


def broken_vectors(connection: sa.Connection, articles: list[int] | None = None) -> dict[str, int]:
    """The keys of vectors that are no numbers or have not the length 1, each with its article; of some articles or of all."""
    query = sa.select(vector.c.key, vector.c.chunk, vector.c.sentences, chunk.c.article_id)
    query = query.join(chunk, vector.c.key == chunk.c.vector).where(~chunk.c.dead)
    if articles is not None:
        query = query.where(chunk.c.article_id.in_(articles))
    rows = connection.execution_options(yield_per=500).execute(query)
    return {row.key: row.article_id for row in rows if not (_is_whole(row.chunk) and _is_finite(row.sentences))}


def altered(connection: sa.Connection, fingerprint: str, articles: list[int] | None = None) -> list[int]:
    """The articles whose chunks do not hold together all of its text, word by word; of some articles or of all."""
    query = sa.select(article.c.id, article.c.text)
    if articles is not None:
        query = query.where(article.c.id.in_(articles))
    return [number for number, text in _streamed(connection, query) if _is_altered(connection, fingerprint, number, text)]


def _streamed(connection: sa.Connection, query: sa.Select[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for row in connection.execution_options(yield_per=50).execute(query):
        yield row[0], row[1]


def _is_altered(connection: sa.Connection, fingerprint: str, number: int, text: str) -> bool:
    here = sa.select(chunk).where(chunk.c.article_id == number, ~chunk.c.dead).order_by(chunk.c.start)
    reached, rows = 0, connection.execute(here).all()
    for row in rows:
        item = chunk_record(row)
        if text[item.start : item.end] != item.text or text[reached : item.start].strip():
            return True
        if input_of(item).key(fingerprint) != item.vector:
            return True
        reached = item.end
    return bool(rows) and bool(text[reached:].strip())


def input_of(item: ChunkRecord) -> ChunkInput:
    """What the model has read of a stored chunk."""
    first = item.sentences[0].start if item.sentences else 0
    spans = tuple(Span(span.start - first, span.end - first) for span in item.sentences)
    return ChunkInput(item.prefix, item.text[first:], spans)


def _is_whole(packed: bytes) -> bool:
    return len(packed) % 2 == 0 and bool(abs(np.linalg.norm(unpacked(packed)) - 1) < _LENGTH)


def _is_finite(packed: bytes) -> bool:
    return len(packed) % 2 == 0 and bool(np.isfinite(unpacked(packed)).all())
