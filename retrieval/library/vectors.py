"""Chunk vectors in Chroma: the only file that imports chromadb. Derived from the catalogue and rebuilt from it when damaged."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import InternalError, NotFoundError

from retrieval.embedding import Vectors
from retrieval.library.records import Mark

NAME = "chunks"
DAMAGED = (InternalError, NotFoundError)  # what Chroma raises for an index that is torn, or that another process has begun anew
# ef_search has to be several times the number of results asked for; the rest are Chroma's defaults, at which recall was measured.
CONFIGURATION = {
    "hnsw": {"space": "cosine", "max_neighbors": 16, "ef_construction": 100, "ef_search": 400, "sync_threshold": 1000}
}
BATCH = 500


class VectorIndex:
    """Approximate nearest chunks by cosine; the mark of how far it has followed the catalogue is the collection's metadata.

    The caller holds the library's lock around opening and writing: two processes that persist at once lose vectors.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder, self.dimension = folder, dimension
        self._client: Any = None
        self._collection: Any = None
        self._seen: tuple[Any, Mark | None] = (None, None)  # the collection's own id and its mark, as they were read or written

    def open(self) -> None:
        """Read the index from disk anew and try it with one query, which a torn one does not pass."""
        self.close()
        settings = ChromaSettings(anonymized_telemetry=False)
        try:
            self._client = chromadb.PersistentClient(str(self.folder), settings=settings)
        except Exception:
            SharedSystemClient.clear_system_cache()  # or the next attempt in this process is given the broken one
            raise
        self._collection = self._client.get_or_create_collection(NAME, embedding_function=None, configuration=CONFIGURATION)
        self._collection.query(query_embeddings=np.eye(1, self.dimension, dtype=np.float32), n_results=1, include=[])
        self._seen = self._stored()

    def close(self) -> None:
        """Let go of the files and the memory."""
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None

    def mark(self) -> Mark | None:
        """How far the index is; None if it is new, and also if it is damaged. Reopens it if another process has written."""
        try:
            if self._client is None or self._stored() != self._seen:
                self.open()
        except DAMAGED:
            return None
        return self._seen[1]

    def reset(self) -> None:
        """Begin again with an empty index."""
        try:
            if self._client is not None:
                self._client.delete_collection(NAME)
        except NotFoundError:
            pass
        except InternalError:
            self.close()
        if self._client is None:  # Chroma's own database is damaged
            shutil.rmtree(self.folder, ignore_errors=True)
        self.open()

    def apply(self, vectors: Mapping[str, Vectors], dead: Sequence[str], mark: Mark) -> None:
        """Write and remove chunks, then the mark."""
        ids = list(vectors)
        for at in range(0, len(ids), BATCH):
            page = ids[at : at + BATCH]
            self._collection.upsert(ids=page, embeddings=np.stack([vectors[name] for name in page]))
        for at in range(0, len(dead), BATCH):
            self._collection.delete(ids=list(dead[at : at + BATCH]))
        self._collection.modify(metadata={"uid": mark.uid, "generation": mark.generation})
        self._seen = (self._collection.id, mark)

    def search(self, vector: Vectors, count: int) -> list[str]:
        """Ids of the nearest chunks, nearest first."""
        found = self._collection.query(query_embeddings=vector[np.newaxis], n_results=count, include=[])
        return list(found["ids"][0])

    def count(self) -> int:
        """Chunks in the index."""
        return int(self._collection.count())

    def ids(self) -> list[str]:
        """All ids in the index."""
        return list(self._collection.get(include=[])["ids"])

    def _stored(self) -> tuple[Any, Mark | None]:
        collection = self._client.get_collection(NAME, embedding_function=None)
        metadata = collection.metadata or {}
        return collection.id, Mark(str(metadata["uid"]), int(metadata["generation"])) if "uid" in metadata else None
