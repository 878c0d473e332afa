"""What a new edition takes over from the one before it: each article with its id and time, and what belongs to them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

import sqlalchemy as sa

from retrieval.copying import advance_ids, last_id
from retrieval.database import snapshot
from retrieval.library.records import IndexedArticle
from retrieval.library.statements import chunks_of, next_generation, put_article, remove_article, unknown_vectors
from retrieval.library.tables import article, chunk_rows, tables
from retrieval.passages import Article

NAMES = ("source", "digest", "title", "author", "site", "date", "language", "link", "text")
OWN = {"meta", "follower", "article", "chunk", "vector"}  # tables that an edition has of its own


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as a catalogue holds it: its id, on which chunk ids rest, and when it was added."""

    id: int
    added: str
    article: Article


def outlines(engine: sa.Engine) -> Mapping[int, tuple[object, ...]]:
    """By id all that tells the state of each article from any other, but not its text."""
    columns = [article.c[name] for name in NAMES if name != "text"]
    query = sa.select(article.c.id, article.c.added, sa.func.length(article.c.text), *columns).order_by(article.c.id)
    with snapshot(engine) as connection:
        return {row.id: tuple(row) for row in connection.execute(query)}


def stored_article(engine: sa.Engine, number: int) -> StoredArticle | None:
    """The article of an id; None if it is gone."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(article).where(article.c.id == number)).one_or_none()
    return StoredArticle(row.id, row.added, Article(**{name: getattr(row, name) for name in NAMES})) if row else None


def holds(engine: sa.Engine, stored: StoredArticle, item: IndexedArticle) -> bool:
    """Whether a catalogue has an article chunk by chunk as it has been cut."""
    with engine.connect() as connection:
        found = [{**row, "generation": 0} for row in chunks_of(connection, stored.id).values()]
    cut = chunk_rows(item, stored.id, 0)
    return sorted(found, key=itemgetter("id")) == sorted(cut, key=itemgetter("id"))


def adopt(engine: sa.Engine, stored: StoredArticle, item: IndexedArticle) -> set[str]:
    """Put an article under its own id and time; the keys that have to be embedded first, if any, and then nothing is written."""
    with engine.begin() as connection:
        generation = next_generation(connection)
        missing = unknown_vectors(connection, item.keys)
        if missing:
            connection.rollback()
            return missing
        same = sa.and_(article.c.id == stored.id, article.c.source == stored.article.source)
        either = sa.or_(article.c.id == stored.id, article.c.source == stored.article.source)
        for number in list(connection.scalars(sa.select(article.c.id).where(either, ~same))):
            remove_article(connection, number, generation)  # it was moved, or another one has moved to its place
        put_article(connection, item, generation, own=(stored.id, stored.added))
    return set()


def leave_out(engine: sa.Engine, number: int) -> None:
    """Remove the article of an id."""
    with engine.begin() as connection:
        remove_article(connection, number, next_generation(connection))


def carry_rest(connection: sa.Connection, old: str, new: str) -> None:
    """Copy, between two schemas, the tables about all articles, and the last id that was given, so that none is given twice."""
    quoted = connection.dialect.identifier_preparer.quote
    run = connection.exec_driver_sql  # of statements that are made of our own names
    for table in tables.sorted_tables:
        if table.name not in OWN:
            columns = ", ".join(quoted(column.name) for column in table.columns)
            run(f"DELETE FROM {new}.{table.name}")  # noqa: S608 - as said
            run(f"INSERT INTO {new}.{table.name} ({columns}) SELECT {columns} FROM {old}.{table.name}")  # noqa: S608
    advance_ids(article, connection, last_id(article, connection, old), new)
