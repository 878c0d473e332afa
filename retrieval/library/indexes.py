"""The two indexes of an edition: opened when they are needed, and brought on to what the catalogue says."""

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from retrieval.errors import IndexDamaged, LibraryError
from retrieval.library.catalogue import Catalogue
from retrieval.library.editions import Edition
from retrieval.library.following import apply_page, host_name
from retrieval.library.keywords import KeywordIndex
from retrieval.library.locks import Locks
from retrieval.library.records import Mark, ModelIdentity
from retrieval.library.served import ServedVectors
from retrieval.library.vectors import VectorIndex
from retrieval.settings import Servers

PAUSE_SECONDS = 0.08  # between two pages of catching up: a lock that is taken again at once starves the others


class Indexes:
    """What is found by words and by vectors; derived from a catalogue, and made anew from it where it is damaged."""

    def __init__(self, folder: Path, edition: Edition, catalogue: Catalogue, locks: Locks, servers: Servers) -> None:
        self._folder, self._edition, self._catalogue, self._locks, self._servers = folder, edition, catalogue, locks, servers
        self.keywords = KeywordIndex(edition.folder / "keywords")
        self._vectors: VectorIndex | None = None
        self._vectors_of: ModelIdentity | None = None
        self._at = -1  # the generation that both had when they were last looked at

    @property
    def vectors(self) -> VectorIndex:
        """The vector index; raises LibraryError while the library has no articles."""
        if self._vectors is None:
            model = self._catalogue.model()
            if model is None:
                message = "The library has no articles yet."
                raise LibraryError(message, help="Add some: footnote ingest FOLDER")
            self._vectors, self._vectors_of = self._vector_index(model.dimension), model
        return self._vectors

    def close(self) -> None:
        """Let go of all files; they are opened again when they are needed."""
        if self._vectors is not None:
            self._vectors.close()
        self.keywords.close()

    def let_go_unless(self, model: ModelIdentity) -> None:
        """Close the vector index if its vectors are not of this model: an emptied library may take another one."""
        with self._locks.threads:
            if self._vectors is not None and self._vectors_of != model:
                self._vectors.close()
                self._vectors = None

    def catch_up(self, *, purge: bool = False) -> None:
        """What `Library.catch_up` promises."""
        if self._catalogue.model() is None:
            return
        for index in (self.vectors, self.keywords):
            while self._follow(index):
                time.sleep(PAUSE_SECONDS)
        if self._servers.database_url:
            with self._locks.indexes():  # two processes that need a name first make one
                name = host_name(self._folder)
            self._catalogue.note_follower(name, self._reached())
        if purge:
            with self._locks.indexes():
                self._catalogue.purge(self._reached())
                hollow = self.vectors.is_hollow()
            if hollow:
                self._compact(self.vectors)
                self.catch_up()

    def follow(self, generation: int) -> bool:
        """Bring both to a generation, unless others are at it; whether they have reached it.

        What was there when the others began is waited for; what they do meanwhile is seen as soon as they let go of the indexes.
        """
        with self._locks.if_nobody_writes() as alone:
            if alone:
                self.catch_up()
                self._at = generation
                return True
        marks = self.marks(wait=False)
        # Looked at only now: whoever writes to the indexes has signed before. What is forgotten has to be gone from here as well.
        if not marks and self._at < max(self._locks.began(), self._catalogue.state().purged):
            marks = self.marks()
        self._at = min((mark.generation if mark else -1 for mark in marks), default=self._at)
        reached = bool(marks) and self._at >= generation
        # New or damaged there is nothing to answer from, and what another host has done the writer here may long leave undone.
        if None in marks or (marks and not reached and self._servers.database_url):
            self.catch_up()
            self._at, reached = generation, True
        return reached

    def is_overtaken(self) -> bool:
        """Whether something has been forgotten since they were last looked at, so that what they find may be gone."""
        return self._catalogue.state().purged > self._at

    def begin_anew(self, index: VectorIndex | KeywordIndex) -> None:
        """Empty an index, so that `catch_up` fills it anew from the catalogue."""
        with self._held(index):
            index.reset()

    def marks(self, *, wait: bool = True) -> list[Mark | None]:
        """How far the two indexes are, None for one that is new or damaged; without `wait` none if somebody else is at them."""
        with self._locks.indexes(wait=wait) as held:
            return [index.mark() for index in (self.vectors, self.keywords)] if held else []

    def ids(self) -> tuple[list[str], list[str]]:
        """All ids in the vector index and in the keyword index; none of one that is new or damaged."""
        if self._catalogue.model() is None:
            return [], []
        with self._locks.indexes():
            vectors, keywords = [index.ids() if index.mark() is not None else [] for index in (self.vectors, self.keywords)]
            return vectors, keywords

    def _follow(self, index: VectorIndex | KeywordIndex) -> bool:
        """Apply to one index the next page of changes that it has missed; whether there are more."""
        with self._held(index):
            if self._is_left(index):
                return False
            try:
                return apply_page(self._catalogue, index)
            except IndexDamaged:
                index.reset()
                return apply_page(self._catalogue, index)

    def _is_left(self, index: VectorIndex | KeywordIndex) -> bool:
        """Whether these are vectors of an edition that others have left, which is not to be made on their server once more."""
        if not isinstance(index, ServedVectors) or index.is_of(self._catalogue.state().uid):
            return False
        index.close()
        self._vectors = None
        return True

    def _compact(self, old: VectorIndex) -> None:
        """Fill a vector index beside the old one, which goes on answering, and put it in its place; or leave it all as it is."""
        state = self._catalogue.state()
        with suppress(IndexDamaged):  # the old one has been made anew meanwhile, by somebody to whom it was damaged
            with self._held(old):
                new = old.beside()
            for upto, live, _ in self._catalogue.changes(0, state.generation):
                vectors = self._catalogue.whole_vectors([item.vector for item in live])
                with self._held(old):
                    if not new.is_beside(old):
                        return
                    new.apply({item.id: vectors[item.vector] for item in live}, [], Mark(state.uid, upto, state.purged))
                time.sleep(PAUSE_SECONDS)
            with self._held(old):
                if new.is_beside(old):
                    old.give_way_to(new)

    @contextmanager
    def _held(self, index: VectorIndex | KeywordIndex) -> Iterator[None]:
        """Keep other processes from the indexes, and other hosts from one that they share with this one."""
        shared = self._servers.database_url and isinstance(index, ServedVectors)
        alone: AbstractContextManager[object] = self._locks.on_server(self._catalogue.engine) if shared else nullcontext()
        with self._locks.indexes(), alone:
            yield

    def _vector_index(self, dimension: int) -> VectorIndex:
        if self._servers.chroma_url:
            return ServedVectors(self._servers, self._catalogue.state().uid, dimension)
        return VectorIndex(self._edition.folder / "vectors", dimension)

    def _reached(self) -> int:
        """The generation that both indexes have reached."""
        return min(mark.generation if mark else 0 for mark in self.marks())


def forget_served(servers: Servers, uids: Iterable[str]) -> None:
    """Remove from a Chroma server the vectors of catalogues that are no more."""
    for uid in uids:
        ServedVectors(servers, uid, 0).drop()
