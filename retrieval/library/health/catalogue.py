"""Whether the catalogue is whole: its file, its version, and the laws between articles, chunks and vectors."""

from collections.abc import Iterator

import sqlalchemy as sa

from retrieval.database import on_server
from retrieval.library.editions import Edition
from retrieval.library.health.faults import altered, broken_vectors, orphans, unfit_vectors, without_vectors
from retrieval.library.health.findings import REPAIR, RESTORE, Finding, Level, number, reason
from retrieval.library.health.ground import Ground, read_ground
from retrieval.library.health.reading import damage, read_catalogue
from retrieval.library.tables import SCHEMA_VERSION, article, meta

NAME = "Catalogue"


class CatalogueCheck:
    """The check of an edition's catalogue; `ground` is what the other stores are held against, if it has found any."""

    def __init__(self, edition: Edition, database_url: str) -> None:
        self._edition, self._url = edition, database_url
        self.ground: Ground | None = None

    def findings(self) -> Iterator[Finding]:
        """Read the catalogue, in one transaction if the database has more than one host."""
        engine = read_catalogue(self._edition, self._url)
        try:
            with engine.connect() as connection:
                if on_server(connection):
                    connection.execution_options(isolation_level="REPEATABLE READ")
                yield from self._of(connection)
        except (sa.exc.DBAPIError, sa.exc.SQLAlchemyError, ValueError) as error:  # ValueError: a column holds no JSON
            self.ground = None
            yield Finding(NAME, Level.WRONG, f"The catalogue is damaged: {reason(error)}.", RESTORE)
        finally:
            engine.dispose()

    def _of(self, connection: sa.Connection) -> Iterator[Finding]:
        found = damage(connection)
        if found:
            yield Finding(NAME, Level.WRONG, f"The file of the catalogue is damaged: {found}.", RESTORE)
            return
        if not sa.inspect(connection).has_table("meta"):
            yield Finding(NAME, Level.WRONG, "The catalogue has lost its tables.", RESTORE)
            return
        version = int(connection.scalar(sa.select(meta.c.schema)) or 0)
        if version > SCHEMA_VERSION:
            said = f"The library has version {version}, and this program knows libraries up to version {SCHEMA_VERSION}."
            yield Finding(NAME, Level.WRONG, said, "pip install --upgrade footnote")
            return
        if version < SCHEMA_VERSION:
            said = f"The library has version {version}; whatever opens it next brings it to version {SCHEMA_VERSION}."
            yield Finding(NAME, Level.WARNING, said, "footnote status")
        self.ground = read_ground(connection)
        faults = list(_faults(connection, self.ground))
        yield from faults or [Finding(NAME, Level.OK, _summary(connection, self.ground, whole=found is not None))]


def _faults(connection: sa.Connection, ground: Ground) -> Iterator[Finding]:
    """What is at fault inside; the counts are of all chunks, the contents are those of the sample."""
    if lost := orphans(connection):
        yield _wrong(f"{number(len(lost), 'chunk')} of articles that are gone.")
    if missing := without_vectors(connection):
        yield _wrong(f"No vectors are kept for {number(len(missing), 'chunk')}.")
    if ground.model is None:
        return
    articles = sorted({item.article_id for item in ground.sample})
    unfit = unfit_vectors(connection, ground.model) | broken_vectors(connection, articles)
    if unfit:
        yield _wrong(f"The kept vectors of {number(len(unfit), 'chunk')} are none of the model's.")
    if others := altered(connection, ground.model.fingerprint, articles):
        yield _wrong(f"The chunks of {number(len(others), 'article')} do not hold its text.")


def _wrong(said: str) -> Finding:
    return Finding(NAME, Level.WRONG, said, REPAIR)


def _summary(connection: sa.Connection, ground: Ground, *, whole: bool) -> str:
    articles = connection.scalar(sa.select(sa.func.count()).select_from(article)) or 0
    read = "" if whole else "; its file is too large to be read as a whole"
    sampled = f", {len(ground.sample)} of them compared with their articles" if ground.sample else ""
    return f"{number(articles, 'article')}, {number(len(ground.live), 'chunk')}{sampled}{read}"
