"""The catalogue: articles, chunks with their text, and vectors. The truth that both indexes are derived from."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from retrieval.database import insert, on_server, open_database, snapshot
from retrieval.embedding import ChunkVectors, Vectors
from retrieval.library.editions import Edition
from retrieval.library.forgetting import note_follower, purge
from retrieval.library.migrations import prepare
from retrieval.library.mismatch import rebuilt_meanwhile
from retrieval.library.origins import Origins, move_article
from retrieval.library.records import ArticleRecord, ChunkRecord, IndexedArticle, ModelIdentity, State
from retrieval.library.statements import (
    checked,
    next_generation,
    page_end,
    pages,
    put_article,
    remove_article,
    successors,
    unknown_vectors,
)
from retrieval.library.surroundings import surroundings
from retrieval.library.tables import (
    article,
    chunk,
    chunk_record,
    chunk_vectors,
    meta,
    unpacked,
    vector,
    vector_row,
)
from retrieval.passages import Article, Surroundings


class Catalogue:
    """The tables of one library; each method that writes is one transaction."""

    def __init__(self, edition: Edition, *, database_url: str = "") -> None:
        self.engine = open_database(edition.catalogue, called="The catalogue", url=database_url, schema=edition.schema)
        self.origins = Origins(self.engine)
        try:
            prepare(self.engine, edition)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def state(self) -> State:
        """The catalogue's identity and how far it is."""
        with self.engine.connect() as connection:
            return State(*connection.execute(sa.select(meta.c.uid, meta.c.generation, meta.c.purged)).one())

    def model(self) -> ModelIdentity | None:
        """The embedding model the library was built with, if it has one yet."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(meta.c.model, meta.c.dimension, meta.c.fingerprint)).one()
        return ModelIdentity(*row) if row.model else None

    def set_model(self, model: ModelIdentity) -> ModelIdentity:
        """Remember the embedding model unless articles are there of another one; the one that is remembered now.

        A model in the place of another makes a new catalogue of it: indexes of the old one are then not followed but rebuilt.
        """
        values = {"model": model.name, "dimension": model.dimension, "fingerprint": model.fingerprint}
        other = sa.or_(meta.c.model != model.name, meta.c.fingerprint != model.fingerprint)
        with self.engine.begin() as connection:
            free = ~sa.exists(sa.select(article.c.id))
            connection.execute(meta.update().where(other, free).values(**values, uid=uuid.uuid4().hex))
            return ModelIdentity(*connection.execute(sa.select(meta.c.model, meta.c.dimension, meta.c.fingerprint)).one())

    def has_articles(self) -> bool:
        """Whether there is any article."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(article.c.id).limit(1)) is not None

    def digests(self) -> dict[str, str]:
        """Source to digest, for every article."""
        with self.engine.connect() as connection:
            return {row.source: row.digest for row in connection.execute(sa.select(article.c.source, article.c.digest))}

    def articles(self) -> list[ArticleRecord]:
        """Every article without its text, by source."""
        counts = (
            sa.select(chunk.c.article_id, sa.func.count().label("n")).where(~chunk.c.dead).group_by(chunk.c.article_id).subquery()
        )
        columns = [article.c[name] for name in ("source", "title", "author", "site", "date", "language", "link", "added")]
        query = sa.select(*columns, sa.func.length(article.c.text), sa.func.coalesce(counts.c.n, 0))
        joined = query.outerjoin(counts, counts.c.article_id == article.c.id).order_by(article.c.source)
        with self.engine.connect() as connection:
            return [ArticleRecord(*row) for row in connection.execute(joined)]

    def unknown_vectors(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys for which no vectors are kept."""
        with self.engine.connect() as connection:
            return unknown_vectors(connection, keys)

    def keep_vectors(self, vectors: Mapping[str, ChunkVectors]) -> None:
        """Keep vectors; they need no chunk yet, so that interrupted embedding is not lost."""
        if vectors:
            with self.engine.begin() as connection:
                # In one order, or two hosts wait for each other.
                rows = [vector_row(key, vectors[key]) for key in sorted(vectors)]
                connection.execute(insert(connection, vector).on_conflict_do_nothing(), rows)

    def vectors(self, keys: Sequence[str]) -> dict[str, ChunkVectors]:
        """The kept vectors of these keys."""
        found = {}
        with self.engine.connect() as connection:
            for page in pages(keys):
                for row in connection.execute(sa.select(vector).where(vector.c.key.in_(page))):
                    found[row.key] = chunk_vectors(row)
        return found

    def whole_vectors(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """The kept vectors of whole chunks, without those of their sentences."""
        found = {}
        with self.engine.connect() as connection:
            for page in pages(keys):
                for row in connection.execute(sa.select(vector.c.key, vector.c.chunk).where(vector.c.key.in_(page))):
                    found[row.key] = unpacked(row.chunk)
        return found

    def put(self, item: IndexedArticle, *, fingerprint: str = "") -> set[str]:
        """Add an article or put it in the place of what its source held before; chunks that stay the same are left alone.

        Writes nothing and returns the keys whose vectors are not kept, if there are any: they have to be embedded first.
        Raises ModelMismatch if another host has rebuilt the library meanwhile with a model of another fingerprint.
        """
        with self.engine.begin() as connection:
            generation = next_generation(connection)
            if fingerprint and connection.scalar(sa.select(meta.c.fingerprint)) != fingerprint:
                raise rebuilt_meanwhile()
            missing = unknown_vectors(connection, item.keys)
            if missing:
                connection.rollback()
                return missing
            put_article(connection, item, generation)
        return set()

    def move(self, old: str, moved: Article) -> bool:
        """Let an article be that of another source; False if it is gone, its text is another, or the new source has one."""
        with self.engine.begin() as connection:
            next_generation(connection)  # nothing changes in the indexes, but whoever has the library open looks again
            done = move_article(connection, old, moved)
            if not done:
                connection.rollback()
            return done

    def remove(self, source: str) -> bool:
        """Remove an article; False if there is none of this source."""
        with self.engine.begin() as connection:
            generation = next_generation(connection)
            number = connection.scalar(sa.select(article.c.id).where(article.c.source == source))
            if number is None:
                connection.rollback()
                return False
            remove_article(connection, number, generation)
            return True

    def changes(self, after: int, upto: int) -> Iterator[tuple[int, list[ChunkRecord], list[str]]]:
        """Pages of (generation reached, live chunks, dead ids) after a generation; each ends with a whole generation."""
        while after < upto:
            with self.engine.connect() as connection:
                reached = page_end(connection, after, upto)
                inside = sa.and_(chunk.c.generation > after, chunk.c.generation <= reached)
                live = [chunk_record(row) for row in connection.execute(sa.select(chunk).where(inside, ~chunk.c.dead))]
                dead = list(connection.scalars(sa.select(chunk.c.id).where(inside, chunk.c.dead)))
            yield reached, live, dead
            after = reached

    def vector_keys(self, ids: Sequence[str]) -> dict[str, str]:
        """The live ones of these chunks, each with the key of its vectors."""
        found = {}
        with self.engine.connect() as connection:
            for page in pages(ids):
                query = sa.select(chunk.c.id, chunk.c.vector).where(chunk.c.id.in_(page), checked(~chunk.c.dead))
                found.update({row[0]: row[1] for row in connection.execute(query)})
        return found

    def successors(self, ids: Sequence[str]) -> list[tuple[str, str, str]]:
        """What stands in the place of chunks that have died: a live chunk, the key of its vectors, and the one that died."""
        with self.engine.connect() as connection:
            return list(successors(connection, ids))

    def chunks(self, ids: Sequence[str]) -> dict[str, ChunkRecord]:
        """The live chunks of these ids, with what is known of their articles."""
        columns = [article.c[name] for name in ("source", "title", "site", "date", "link")]
        query = sa.select(chunk, *columns).join(article, article.c.id == chunk.c.article_id)
        found = {}
        with self.engine.connect() as connection:
            for page in pages(ids):
                for row in connection.execute(query.where(chunk.c.id.in_(page), checked(~chunk.c.dead))):
                    found[row.id] = chunk_record(row)
        return found

    def neighbours(self, article_id: int, start: int, end: int, reach: int) -> list[ChunkRecord]:
        """The chunks of an article that touch the span widened by `reach` characters on both sides, in reading order."""
        near = sa.and_(chunk.c.article_id == article_id, ~chunk.c.dead, chunk.c.end > start - reach, chunk.c.start < end + reach)
        with self.engine.connect() as connection:
            return [chunk_record(row) for row in connection.execute(sa.select(chunk).where(near).order_by(chunk.c.start))]

    def text(self, article_id: int, start: int, end: int) -> str:
        """A part of an article's text; empty if the article is gone."""
        query = sa.select(sa.func.substr(article.c.text, start + 1, end - start)).where(article.c.id == article_id)
        with self.engine.connect() as connection:
            return str(connection.scalar(query) or "")

    def holds(self, source: str, start: int, end: int, text: str) -> bool:
        """Whether these words stand at this place of an article now."""
        query = sa.select(sa.func.substr(article.c.text, start + 1, end - start)).where(article.c.source == source)
        with self.engine.connect() as connection:
            return connection.scalar(query) == text

    def surroundings(self, source: str, start: int, end: int, quote: str) -> Surroundings | None:
        """What `Library.surroundings` promises."""
        with snapshot(self.engine) as connection:  # or text and chunks may be those of before and after a change
            return surroundings(connection, source, start, end, quote)

    def languages(self) -> dict[str, int]:
        """Language to number of live chunks, most first."""
        query = sa.select(chunk.c.language, sa.func.count()).where(~chunk.c.dead).group_by(chunk.c.language)
        with self.engine.connect() as connection:
            counts = [(row[0], int(row[1])) for row in connection.execute(query)]
        return dict(sorted(counts, key=lambda item: -item[1]))

    def live_ids(self) -> list[str]:
        """The ids of all live chunks."""
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.select(chunk.c.id).where(~chunk.c.dead)))

    def purge(self, upto: int) -> None:
        """Forget dead chunks that every index has dropped, and their vectors; those of interrupted embedding are kept."""
        with self.engine.begin() as connection:
            purge(connection, upto)

    def note_follower(self, name: str, generation: int) -> None:
        """Remember how far a host's own indexes are, so that what they have yet to drop is not forgotten before."""
        with self.engine.begin() as connection:
            note_follower(connection, name, generation)

    def size(self) -> int:
        """The bytes that it takes on disk, indexes and log included."""
        with self.engine.connect() as connection:
            if on_server(connection):
                tables_of = "FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
                return int(connection.scalar(sa.text(f"SELECT sum(pg_total_relation_size(oid)) {tables_of}")) or 0)
        path = Path(str(self.engine.url.database))
        return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))
