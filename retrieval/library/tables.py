"""The catalogue's tables, and how their rows are packed and unpacked."""

import json
from typing import Any

import numpy as np
import sqlalchemy as sa

from retrieval.embedding import ChunkVectors, Vectors
from retrieval.library.records import ChunkRecord, IndexedArticle, chunk_ids
from retrieval.passages import Span

SCHEMA_VERSION = 2

tables = sa.MetaData()
meta = sa.Table(
    "meta",
    tables,
    sa.Column("one", sa.Integer, primary_key=True),  # there is one row
    sa.Column("uid", sa.String, nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),  # grows by one with every change of an article
    sa.Column("purged", sa.Integer, nullable=False),  # dead chunks up to this generation are forgotten
    sa.Column("model", sa.String, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("edition", sa.Integer),  # the number of this edition; none in a library that version 0.3.0 has made
)
follower = sa.Table(  # hosts with indexes of their own, where the catalogue is on a server
    "follower",
    tables,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),  # up to which its indexes have followed
    sa.Column("seen", sa.Float, nullable=False),  # seconds since 1970
)
article = sa.Table(
    "article",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String, nullable=False, unique=True),
    *(
        sa.Column(name, sa.String, nullable=False)
        for name in ("digest", "title", "author", "site", "date", "language", "link", "text")
    ),
    sa.Column("added", sa.String, nullable=False),
    sqlite_autoincrement=True,  # an id is never used twice: chunk ids are made of it
)
chunk = sa.Table(
    "chunk",
    tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("article_id", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("prefix", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("headings", sa.String, nullable=False),  # JSON
    sa.Column("sentences", sa.LargeBinary, nullable=False),  # int32 pairs
    sa.Column("language", sa.String, nullable=False),
    sa.Column("vector", sa.String, nullable=False, index=True),
    sa.Column("generation", sa.Integer, nullable=False, index=True),
    sa.Column("dead", sa.Boolean, nullable=False),
    sa.Index("chunk_language", "dead", "language"),
    # Without these two SQLite takes the one above, and reads all chunks for those of an article or of a few generations.
    sa.Index("chunk_article", "article_id", "dead"),
    sa.Index("chunk_changed", "dead", "generation"),
)
vector = sa.Table(
    "vector",
    tables,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("chunk", sa.LargeBinary, nullable=False),  # float16, (dimension,)
    sa.Column("sentences", sa.LargeBinary, nullable=False),  # float16, (sentences, dimension)
)


def chunk_rows(item: IndexedArticle, article_id: int, generation: int) -> list[dict[str, Any]]:
    """The rows of an article's chunks."""
    ids = chunk_ids(article_id, item.keys)
    return [
        {
            "id": ids[number],
            "article_id": article_id,
            "start": part.start,
            "end": part.end,
            "prefix": item.inputs[number].prefix,
            "text": part.text,
            "headings": json.dumps(part.headings, ensure_ascii=False),
            "sentences": np.array([(span.start, span.end) for span in part.sentences], dtype="<i4").tobytes(),
            "language": item.article.language,
            "vector": item.keys[number],
            "generation": generation,
            "dead": False,
        }
        for number, part in enumerate(item.chunks)
    ]


def chunk_record(row: Any) -> ChunkRecord:
    """A chunk from its row, with its article's columns if they were asked for."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values.pop("generation")
    values.pop("dead")
    values["headings"] = tuple(json.loads(values["headings"]))
    values["sentences"] = tuple(Span(int(a), int(b)) for a, b in np.frombuffer(values["sentences"], dtype="<i4").reshape(-1, 2))
    return ChunkRecord(**values)


def vector_row(key: str, vectors: ChunkVectors) -> dict[str, Any]:
    """The row of a chunk's vectors, halved in precision: the order of a ranking is the same."""
    return {"key": key, "chunk": vectors.chunk.astype("<f2").tobytes(), "sentences": vectors.sentences.astype("<f2").tobytes()}


def chunk_vectors(row: Any) -> ChunkVectors:
    """A chunk's vectors from their row."""
    whole = unpacked(row.chunk)
    return ChunkVectors(whole, unpacked(row.sentences).reshape(-1, len(whole)))


def unpacked(packed: bytes) -> Vectors:
    """The numbers of a float16 column."""
    return np.frombuffer(packed, dtype="<f2").astype(np.float32)
