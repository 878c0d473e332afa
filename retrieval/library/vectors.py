"""Chunk vectors in Chroma: embedded in this process. Derived from the catalogue and rebuilt from it when damaged."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from itertools import count
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import InternalError, InvalidArgumentError, NotFoundError

from retrieval.embedding import Vectors
from retrieval.errors import IndexDamaged
from retrieval.library.records import Mark

NAME = "chunks"
BESIDE, TRIES = "-new", 5  # what an index is called that is filled beside another, and how often to let it have its name
# An index that is torn, that is of another model, or that another process has begun anew.
DAMAGED = (InternalError, InvalidArgumentError, NotFoundError, OSError)
# ef_search has to be four times the number of results asked for; the rest are Chroma's defaults, at which recall was measured.
CONFIGURATION = {
    "hnsw": {"space": "cosine", "max_neighbors": 16, "ef_construction": 100, "ef_search": 800, "sync_threshold": 1000}
}
BATCH = 500
_OPENED = count(1)  # clients in this process
# Chroma never uses a removed chunk's slot again, and gets slow with empty ones: begin anew when most are empty.
SLOTS_FOR_EACH, SLOTS_SPARE = 2, 1000


class VectorIndex:
    """Approximate nearest chunks by cosine; the mark of how far it has followed the catalogue is the collection's metadata.

    The caller holds the library's lock around opening and writing: two processes that persist at once lose vectors.
    """

    batch = BATCH

    def __init__(self, folder: Path, dimension: int, name: str = NAME) -> None:
        self.folder, self.dimension, self.name = folder, dimension, name
        self._client: Any = None
        self._collection: Any = None
        self._seen: tuple[object, ...] = ()  # the files, the collection and the mark, as they were last read or written
        self._mark: Mark | None = None
        self._slots = 0
        self._others: list[Path] = []  # folders of the index whose place this one is to take

    def open(self, *, make: bool = True) -> None:
        """Read the index anew and try it with one query, which a torn one does not pass; one that is not there is made or not."""
        self.close()
        with self._told():
            self._connect()
            self._collection = (
                self._client.get_or_create_collection(self.name, embedding_function=None, configuration=CONFIGURATION)
                if make
                else self._client.get_collection(self.name, embedding_function=None)
            )
            self._collection.query(query_embeddings=np.eye(1, self.dimension, dtype=np.float32), n_results=1, include=[])
            self._look()

    def close(self) -> None:
        """Let go of the files and the memory."""
        if self._client is not None:
            self._client.close()
        self._client = self._collection = None

    def mark(self) -> Mark | None:
        """How far the index is; None if it is new, and also if it is damaged. Reopens it if another process has written."""
        try:
            seen = self._seen
            with self._told():
                if self._client is None or self._look() != seen:
                    self.open()
        except IndexDamaged:
            self.close()
            return None
        return self._mark

    def reset(self) -> None:
        """Begin again with an empty index; the old one's files go too, which Chroma would leave behind."""
        old = self._folders()
        try:
            if self._client is None:
                self._connect()
            self._delete(self.name, self.name + BESIDE)
        except Exception:  # noqa: BLE001 - Chroma's own database is damaged, which shows in many ways
            self.close()
            old = [self.folder]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        self.open()

    def apply(self, vectors: Mapping[str, Vectors], dead: Sequence[str], mark: Mark) -> None:
        """Write and remove chunks, then the mark; raises IndexDamaged."""
        ids = list(vectors)
        with self._told():
            for at in range(0, len(ids), self.batch):
                page = ids[at : at + self.batch]
                self._collection.upsert(ids=page, embeddings=np.stack([vectors[name] for name in page]))
            for at in range(0, len(dead), self.batch):
                self._collection.delete(ids=list(dead[at : at + self.batch]))
            slots = self._slots + len(ids)
            metadata = {"uid": mark.uid, "generation": mark.generation, "purged": mark.purged, "slots": slots}
            self._collection.modify(metadata=metadata)
            self._look()

    def search(self, vector: Vectors, count: int) -> list[str]:
        """Ids of the nearest chunks, nearest first; raises IndexDamaged."""
        if self._collection is None:  # it was found damaged since, or opening it has failed
            raise IndexDamaged(self.folder)
        with self._told():
            found = self._collection.query(query_embeddings=vector[np.newaxis], n_results=count, include=[])
        return list(found["ids"][0])

    def is_hollow(self) -> bool:
        """Whether most slots are those of removed chunks."""
        with self._told():
            return self._slots > SLOTS_FOR_EACH * int(self._collection.count()) + SLOTS_SPARE

    def beside(self) -> "VectorIndex":
        """An empty index in the same place, to take this one's place once it is filled; one that was not finished goes."""
        new = copy(self)
        new.name = self.name + BESIDE
        new._others = self._folders()  # noqa: SLF001 - of the same class
        with self._told():
            self._delete(new.name)
            new._collection = self._client.create_collection(new.name, embedding_function=None, configuration=CONFIGURATION)  # noqa: SLF001
            new._look()  # noqa: SLF001
        return new

    def is_beside(self, old: "VectorIndex") -> bool:
        """Whether it can still be filled: nobody has opened the old one anew since, nor begun another in its place."""
        seen = self._seen
        with self._told():
            return self._client is old._client and self._look() == seen  # noqa: SLF001 - of the same class

    def give_way_to(self, new: "VectorIndex") -> None:
        """Remove this index and let the one that was filled beside it have its name.

        A process that dies in between leaves none of this name, which is filled anew.
        """
        with self._told():
            for _ in range(TRIES):
                self._delete(self.name)
                with suppress(InternalError):  # another host that looks for the index just then makes an empty one
                    new._collection.modify(name=self.name)  # noqa: SLF001
                    break
        for path in new._others:  # noqa: SLF001
            shutil.rmtree(path, ignore_errors=True)
        self.open()

    def ids(self) -> list[str]:
        """All ids in the index."""
        with self._told():
            return list(self._collection.get(include=[])["ids"])

    def stored(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of these chunks as the index holds them."""
        found = {}
        with self._told():
            for at in range(0, len(ids), self.batch):
                page = self._collection.get(ids=list(ids[at : at + self.batch]), include=["embeddings"])
                found.update(
                    {name: np.asarray(one, np.float32) for name, one in zip(page["ids"], page["embeddings"], strict=True)}
                )
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say by IndexDamaged that Chroma cannot use its files."""
        try:
            yield
        except DAMAGED as error:
            raise IndexDamaged(self.folder) from error

    def _delete(self, *names: str) -> None:
        """Delete collections, if they are there."""
        for name in names:
            with suppress(NotFoundError):
                self._client.delete_collection(name)

    def _folders(self) -> list[Path]:
        """Where Chroma keeps the vectors that there are now; it leaves them behind when it deletes a collection."""
        return [path for path in self.folder.glob("*") if path.is_dir()]

    def _connect(self) -> None:
        self._client = chromadb.PersistentClient(_spelling(self.folder), settings=ChromaSettings(anonymized_telemetry=False))

    def _look(self) -> tuple[object, ...]:
        """Read what tells this state of the index from any other: which files, which collection, which mark."""
        collection = self._client.get_collection(self.name, embedding_function=None)
        metadata = collection.metadata or {}
        reached = [int(metadata.get(name, -1)) for name in ("generation", "purged")]
        self._mark = Mark(str(metadata["uid"]), *reached) if "uid" in metadata else None
        self._slots = int(metadata.get("slots", 0))
        self._seen = (self._files(), collection.id, self._mark)
        return self._seen

    def _files(self) -> int:
        """What tells the files from others of the same name."""
        return (self.folder / "chroma.sqlite3").stat().st_ino


def _spelling(folder: Path) -> str:
    """A name for a folder that no client in this process has had, for clients of one name share an engine.

    While any of them is open it does not read anew what another process has written, and by writing itself destroys it.
    """
    return str(folder) + "".join("/." if bit == "1" else "//" for bit in f"{next(_OPENED):b}")
