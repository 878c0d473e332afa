"""All that is examined of a library, in the order in which one thing rests on another; nothing is made or written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from retrieval.database import may_be_read
from retrieval.embedding import Encoder
from retrieval.library.editions import Edition, Editions
from retrieval.library.health import catalogue, indexes, model, places, servers
from retrieval.library.health.catalogue import CatalogueCheck
from retrieval.library.health.findings import RESTORE, Finding, Level, guarded, reason, restore_beside
from retrieval.library.health.ground import Ground
from retrieval.library.health.reading import copied, is_writing, read_catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.lost import is_lost
from retrieval.library.served import ServedVectors
from retrieval.library.tables import meta
from retrieval.library.vectors import VectorIndex
from retrieval.settings import HERE, Servers

INGEST = "footnote ingest FOLDER"


def examine(folder: Path, encoder: Encoder, where: Servers = HERE) -> Iterator[Finding]:
    """What is found in a data folder and on the servers, one check after another."""
    yield from _Examination(folder, encoder, where).findings()


@dataclass(slots=True)
class _Examination:
    """One examination; what later checks rest on is filled in by earlier ones."""

    folder: Path
    encoder: Encoder
    where: Servers
    edition: Edition | None = None
    ground: Ground | None = None
    chroma_answers: bool = True
    postgres_answers: bool = True

    def findings(self) -> Iterator[Finding]:
        for finding in self._all():
            lost = finding.mend == RESTORE or (finding.check == places.EDITION and finding.level is Level.WRONG)
            here = lost and not self.where.database_url
            yield replace(finding, mend=restore_beside(self.folder)) if here else finding

    def _all(self) -> Iterator[Finding]:
        yield from self._servers()
        yield from self._places()
        yield from self._stores()
        yield from guarded(model.MODEL, lambda: model.examine_model(self.encoder, self.ground), mend=model.OTHER)

    def _servers(self) -> Iterator[Finding]:
        if self.where.chroma_url:
            found = list(guarded(servers.CHROMA, lambda: servers.examine_chroma(self.where)))
            self.chroma_answers = not _any_wrong(found)
            yield from found
        if self.where.database_url:
            found = list(guarded(servers.POSTGRES, lambda: servers.examine_postgres(self.where)))
            self.postgres_answers = not _any_wrong(found)
            yield from found

    def _places(self) -> Iterator[Finding]:
        try:
            there = self.folder.exists()
        except OSError as error:
            said = f"{self.folder} cannot be reached: {reason(error)}."
            yield Finding(places.FOLDER, Level.WRONG, said, f"Let the user who runs this into {self.folder.parent.absolute()}")
            yield _unchecked(places.EDITION)
            return
        if not there:
            yield Finding(places.FOLDER, Level.WRONG, f"There is no library in {self.folder} yet.", INGEST)
        else:
            yield from guarded(places.FOLDER, lambda: places.examine_folder(self.folder))
            yield from guarded(places.DISK, lambda: places.examine_disk(self.folder))
            yield from guarded(places.WRITER, lambda: places.examine_writer(self.folder))
        if self.folder.is_dir() and may_be_read(self.folder) and self.postgres_answers:
            yield from guarded(places.EDITION, self._editions, mend=RESTORE)
        else:
            yield _unchecked(places.EDITION)

    def _editions(self) -> Iterator[Finding]:
        editions = Editions(self.folder, self.where.database_url)
        try:
            self.edition = editions.current()
        finally:
            editions.close()
        yield from places.examine_editions(self.folder, self.edition, self.where.database_url)

    def _stores(self) -> Iterator[Finding]:
        edition = self.edition
        if edition is None:
            yield from map(_unchecked, (catalogue.NAME, indexes.VECTORS, indexes.KEYWORDS))
            return
        yield from self._catalogue(edition)
        ground = self.ground
        if ground is None or not self.chroma_answers:
            yield _unchecked(indexes.VECTORS)
        else:
            yield from self._settled(ground, guarded(indexes.VECTORS, lambda: self._vectors(edition, ground)))
        if ground is None:
            yield _unchecked(indexes.KEYWORDS)
        else:
            yield from self._settled(ground, guarded(indexes.KEYWORDS, lambda: self._keywords(edition, ground)))

    def _catalogue(self, edition: Edition) -> Iterator[Finding]:
        if not self.where.database_url and not edition.catalogue.exists():
            if is_lost(edition):
                yield Finding(catalogue.NAME, Level.WRONG, f"The catalogue {edition.catalogue} is gone.", RESTORE)
            else:
                yield Finding(catalogue.NAME, Level.WRONG, f"There is no library in {self.folder} yet.", INGEST)
            return
        check = CatalogueCheck(edition, self.where.database_url)
        yield from guarded(catalogue.NAME, check.findings, mend=RESTORE)
        self.ground = check.ground

    def _vectors(self, edition: Edition, ground: Ground) -> Iterator[Finding]:
        if ground.model is None:
            yield Finding(indexes.VECTORS, Level.OK, "no articles yet")
        elif self.where.chroma_url:
            served = ServedVectors(self.where, ground.state.uid, ground.model.dimension)
            yield from _closing(served, lambda: indexes.examine_vectors(served, ground))
        elif not (edition.folder / "vectors" / "chroma.sqlite3").exists():
            yield indexes.gone(indexes.VECTORS)
        else:
            with copied(edition, "vectors") as copy:
                own = VectorIndex(copy, ground.model.dimension)
                yield from _closing(own, lambda: indexes.examine_vectors(own, ground))

    def _keywords(self, edition: Edition, ground: Ground) -> Iterator[Finding]:
        if ground.model is None:
            yield Finding(indexes.KEYWORDS, Level.OK, "no articles yet")
        elif not (edition.folder / "keywords").is_dir():
            yield indexes.gone(indexes.KEYWORDS)
        else:
            with copied(edition, "keywords") as copy:
                index = KeywordIndex(copy)
                yield from _closing(index, lambda: indexes.examine_keywords(index, ground))

    def _settled(self, ground: Ground, found: Iterable[Finding]) -> Iterator[Finding]:
        """The findings about an index; none is held against it while the library is being changed."""
        for finding in found:
            if finding.level is Level.WRONG and (is_writing(self.folder) or self._has_changed(ground)):
                said = "The library is being changed just now; examine it again when that is done."
                yield replace(finding, level=Level.UNCHECKED, said=said, mend="footnote doctor")
            else:
                yield finding

    def _has_changed(self, ground: Ground) -> bool:
        assert self.edition is not None  # noqa: S101 - there is ground only from an edition
        engine = read_catalogue(self.edition, self.where.database_url)
        try:
            with engine.connect() as connection:
                return bool(connection.scalar(sa.select(meta.c.generation)) != ground.state.generation)
        finally:
            engine.dispose()


def _closing(index: VectorIndex | KeywordIndex, found: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from found()
    finally:
        index.close()


def _any_wrong(found: Iterable[Finding]) -> bool:
    return any(finding.level is Level.WRONG for finding in found)


def _unchecked(check: str) -> Finding:
    return Finding(check, Level.UNCHECKED, "What it rests on is wrong; examine it again when that is mended.")
