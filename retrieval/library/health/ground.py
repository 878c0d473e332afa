"""What the catalogue says and the other stores are held against."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from retrieval.embedding import Vectors
from retrieval.library.records import ChunkRecord, Mark, ModelIdentity, State
from retrieval.library.statements import pages
from retrieval.library.tables import chunk, chunk_record, meta, unpacked, vector

SAMPLE = 200  # chunks whose content is compared


@dataclass(frozen=True, slots=True)
class Ground:
    """The state of the catalogue, its live chunks with the keys of their vectors, and a sample of them with its vectors."""

    state: State
    model: ModelIdentity | None
    live: Mapping[str, str]
    sample: tuple[ChunkRecord, ...]
    vectors: Mapping[str, Vectors]

    @property
    def mark(self) -> Mark:
        """What an index that has followed it carries."""
        return Mark(self.state.uid, self.state.generation)


def read_ground(connection: sa.Connection) -> Ground:
    """Read it, with another sample each time."""
    row = connection.execute(
        sa.select(meta.c.uid, meta.c.generation, meta.c.purged, meta.c.model, meta.c.dimension, meta.c.fingerprint)
    ).one()
    live = dict(connection.execute(sa.select(chunk.c.id, chunk.c.vector).where(~chunk.c.dead)).tuples().all())
    chosen = random.sample(sorted(live), min(SAMPLE, len(live)))
    model = ModelIdentity(row.model, row.dimension, row.fingerprint) if row.model else None
    sample, vectors = [], {}
    for page in pages(chosen):
        sample += [chunk_record(each) for each in connection.execute(sa.select(chunk).where(chunk.c.id.in_(page)))]
    for page in pages([item.vector for item in sample]):
        for key, packed in connection.execute(sa.select(vector.c.key, vector.c.chunk).where(vector.c.key.in_(page))):
            vectors[key] = whole(packed, model)
    return Ground(State(*row[:3]), model, live, tuple(sample), vectors)


def whole(packed: bytes, model: ModelIdentity | None) -> Vectors:
    """A kept vector, or zeros where what is kept is none of the model's."""
    dimension = model.dimension if model else 0
    return unpacked(packed) if len(packed) == 2 * dimension else np.zeros(dimension, dtype=np.float32)
