"""The library: the catalogue and the two indexes derived from it, kept in step by generations.

Every change is one transaction of the catalogue that takes the next generation. Each index carries inside itself the mark of
the generation it has reached, so `catch_up` can bring it on from there after a crash, or fill it anew if it is damaged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.database import make_folder
from retrieval.embedding import Encoder
from retrieval.errors import LibraryError
from retrieval.library.catalogue import Catalogue
from retrieval.library.editions import Edition, Editions
from retrieval.library.following import folder_bytes
from retrieval.library.indexes import Indexes, forget_served
from retrieval.library.keywords import KeywordIndex
from retrieval.library.locks import REBUILD_LOCK, Locks
from retrieval.library.lost import refuse_lost_catalogue
from retrieval.library.mismatch import another_model, rebuilt_meanwhile
from retrieval.library.records import ArticleRecord, IndexedArticle, ModelIdentity, Status
from retrieval.library.vectors import VectorIndex
from retrieval.passages import Surroundings
from retrieval.settings import HERE, Servers

LANGUAGES = 5  # of the most frequent languages that a question is read in; each costs a stemming of every word


class Library:
    """The articles of one data folder. Writers call `catch_up` after their changes; readers call `refresh` before a question."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        servers: Servers = HERE,
        *,
        edition: Edition | None = None,
    ) -> None:
        self.folder, self.encoder, self.servers = folder, encoder, servers
        make_folder(folder)
        self.editions = Editions(folder, servers.database_url)
        self._locks = Locks(folder)
        self._follows_editions, self._writes = edition is None, False
        try:
            current = edition or self.editions.current()
            if edition is None and not servers.database_url:
                refuse_lost_catalogue(current)
            self._open(current)
        except BaseException:
            self.editions.close()
            raise

    def _open(self, edition: Edition) -> None:
        """Open the stores of an edition."""
        make_folder(edition.folder)
        self.catalogue = Catalogue(edition, database_url=self.servers.database_url)
        self.edition = edition  # not before it is open: what fails now is tried again at the next look
        self._locks.move_to(edition.folder)
        self._indexes = Indexes(self.folder, edition, self.catalogue, self._locks, self.servers)
        self._seen = -1  # the generation that the indexes are known to have reached
        self.languages: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """Open for a with statement."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close at its end."""
        self.close()

    def close(self) -> None:
        """Let go of all files; a closed library cannot be used again."""
        with self._locks.threads:
            self._indexes.close()
            self.catalogue.close()
            self.editions.close()

    @property
    def vectors(self) -> VectorIndex:
        """The vector index; raises LibraryError while the library has no articles."""
        return self._indexes.vectors

    @property
    def keywords(self) -> KeywordIndex:
        """The keyword index."""
        return self._indexes.keywords

    def check_model_name(self) -> None:
        """Refuse a library of a differently named embedding model, before any model is loaded."""
        model = self.catalogue.model()
        if model is not None and model.name != self.encoder.name and self.catalogue.has_articles():
            raise another_model(model, self.encoder.name)

    def check_model(self) -> None:
        """Refuse a library that was built with another embedding model; one without articles takes the encoder's."""
        self.check_model_name()
        own = ModelIdentity(self.encoder.name, self.encoder.dimension, self.encoder.fingerprint)
        before = self.catalogue.state().uid
        model = self.catalogue.set_model(own)
        if model != own:
            raise another_model(model, f"{own.name} ({own.fingerprint})")
        self._indexes.let_go_unless(model)
        if self.servers.chroma_url and self.catalogue.state().uid != before:
            forget_served(self.servers, [before])

    def put(self, item: IndexedArticle) -> set[str]:
        """Add or replace one article; the keys that have to be embedded first, if any, and then nothing is written."""
        return self.catalogue.put(item, fingerprint=self.encoder.fingerprint)

    def remove(self, source: str) -> bool:
        """Remove one article; False if there is none of this source."""
        return self.catalogue.remove(source)

    def catch_up(self, *, purge: bool = False) -> None:
        """Bring both indexes to the catalogue's generation, a page at a time; with `purge`, also forget what is dead."""
        self.follow_edition()
        self._indexes.catch_up(purge=purge)

    @contextmanager
    def writing(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Be the only one that changes articles; a second one waits a little, unless it is stopped, and is then refused.

        Hosts that share a catalogue on a server change it side by side: each change is one transaction there.
        """
        with self._locks.writing(stopped):
            self.follow_edition()
            self.clear_editions()
            self._locks.sign(self.catalogue.state().generation)
            self._writes = True
            try:
                yield
            finally:
                self._writes = False

    def follow_edition(self) -> bool:
        """Open the current edition, with its model, if another one has taken the place of the one that is open; whether it has.

        Raises ModelMismatch where the model is another and articles are being put that were made ready for the old one.
        """
        with self._locks.threads:
            before = self.edition
            while self._is_left(self.edition):
                model = None
                with suppress(LibraryError):  # its files may be gone already
                    model = self.catalogue.model()
                self._indexes.close()
                self.catalogue.close()
                self._open(self.editions.current())
                self._take_model(model)
            return self.edition != before

    def _is_left(self, edition: Edition) -> bool:
        """Whether another edition is to be opened in the place of this one."""
        return self._follows_editions and not self.editions.is_current(edition)

    def _take_model(self, before: ModelIdentity | None) -> None:
        """Ask as the edition's articles were embedded, if that is otherwise than before."""
        model = self.catalogue.model()
        if model is None or (model == before and model.name == self.encoder.name):
            return
        if self._writes:
            raise rebuilt_meanwhile()
        self.encoder = type(self.encoder)(model.name)

    def following_edition(self, encoder: Encoder | None = None) -> "Library":
        """The edition that is being built beside this one, for an encoder of any model; it is its own library."""
        return Library(self.folder, encoder or self.encoder, self.servers, edition=self.editions.following())

    def clear_editions(self, *, following: bool = False) -> None:
        """Remove what is left of editions before the current one, and with `following` what was built beside it too."""
        if self.servers.chroma_url:
            forget_served(self.servers, self.editions.collections_left(following=following))
        self.editions.clear(following=following)

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Be the only host that builds an edition; it is held inside of `writing`."""
        database = bool(self.servers.database_url)
        with self._locks.on_server(self.catalogue.engine, REBUILD_LOCK) if database else nullcontext():
            self.clear_editions()  # another host may have built one while this one waited
            yield

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Be the only thread at the indexes, once they are as new as `refresh` makes them; whether there is anything to find."""
        with self._locks.threads:
            yield self.refresh()

    def refresh(self) -> bool:
        """See what anybody has changed since the last question, at a small cost if nothing; whether there is anything to find.

        While somebody else is writing they bring the indexes on; after a writer that died, this one does.
        """
        with self._locks.threads:
            while True:
                self.follow_edition()
                edition = self.edition
                # Nothing to find, or a failure, means nothing if another edition has taken the place of this one meanwhile.
                try:
                    filled = self._refreshed()
                except LibraryError:
                    if not self._is_left(edition):
                        raise
                else:
                    if filled or not self._is_left(edition):
                        return filled

    def _refreshed(self) -> bool:
        """What `refresh` promises, of the edition that is open."""
        generation, model = self.catalogue.state().generation, self.catalogue.model()
        if model is None:
            return False
        if generation != self._seen:
            self.check_model_name()
            self._indexes.let_go_unless(model)
            self._seen = generation if self._indexes.follow(generation) else -1  # then it is looked at again
            self.languages = tuple(self.catalogue.languages())[:LANGUAGES]
        return model.name == self.encoder.name

    def is_overtaken(self) -> bool:
        """Whether a writer has forgotten something since `refresh`, so that a chunk that was found and then edited is missing."""
        return self._indexes.is_overtaken()

    def mend(self) -> None:
        """Open both indexes anew, and rebuild what is damaged from what the catalogue keeps; nothing is embedded."""
        self.follow_edition()
        self._indexes.close()
        self.catch_up()

    def begin_anew(self, index: VectorIndex | KeywordIndex) -> None:
        """Empty an index, so that `catch_up` fills it anew from the catalogue."""
        self._indexes.begin_anew(index)

    def articles(self) -> list[ArticleRecord]:
        """Every article without its text, by source."""
        self.follow_edition()
        return self.catalogue.articles()

    def surroundings(self, source: str, start: int, end: int, *, quote: str = "") -> Surroundings | None:
        """A quote with the chunks around it; one that its article does not hold at the span now is looked for in all of it.

        Without a quote it is what stands at the span. None if the article is gone, or holds it no more.
        """
        self.follow_edition()
        return self.catalogue.surroundings(source, start, end, quote)

    def status(self) -> Status:
        """Counts, sizes and whether the three stores agree, by their ids."""
        self.follow_edition()
        live = set(self.catalogue.live_ids())
        vector_ids, keyword_ids = self._indexes.ids()
        return Status(
            folder=self.folder,
            articles=len(self.catalogue.digests()),
            chunks=len(live),
            vectors=len(vector_ids),
            keywords=len(keyword_ids),
            agree=sorted(vector_ids) == sorted(keyword_ids) == sorted(live),
            languages=self.catalogue.languages(),
            model=self.catalogue.model(),
            catalogue_bytes=self.catalogue.size(),
            vectors_bytes=folder_bytes(self.edition.folder / "vectors"),
            keywords_bytes=folder_bytes(self.edition.folder / "keywords"),
        )
