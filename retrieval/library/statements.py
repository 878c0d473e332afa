"""The SQL that writing and following articles is made of, a function a step; transactions are the catalogue's business."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from retrieval.database import insert
from retrieval.library.records import IndexedArticle
from retrieval.library.tables import article, chunk, chunk_rows, meta, vector

PAGE = 500  # rows of one read or write of many

_ARTICLE = ("source", "digest", "title", "author", "site", "date", "language", "link", "text")
_PLACE = ("start", "end", "headings", "sentences")  # what may change of a chunk that is otherwise the same


def pages(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """The keys in pieces that fit one statement."""
    for at in range(0, len(keys), PAGE):
        yield keys[at : at + PAGE]


def checked(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """A condition on rows that are found by their ids: SQLite would take an index for it, and read every live chunk."""
    return sa.case((condition, 1), else_=0) == 1


def next_generation(connection: sa.Connection) -> int:
    """Take the next generation; first in every write, so that the order of commits is the order of generations."""
    return int(connection.scalar(meta.update().values(generation=meta.c.generation + 1).returning(meta.c.generation)) or 0)


def unknown_vectors(connection: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys for which no vectors are kept."""
    known: set[str] = set()
    for page in pages(keys):
        known.update(connection.scalars(sa.select(vector.c.key).where(vector.c.key.in_(page))))
    return set(keys) - known


def put_article(connection: sa.Connection, item: IndexedArticle, generation: int, *, own: tuple[int, str] | None = None) -> None:
    """Write an article and its chunks; what was there and is no more dies at this generation.

    It is added now, under the id of its source or a new one, unless it has an id and a time of its `own`.
    """
    number = _put_row(connection, item, own)
    rows = chunk_rows(item, number, generation)
    live = _indexed_as(connection, number)
    bury(connection, sorted(live.keys() - {row["id"] for row in rows}), generation)
    if moved := [row for row in rows if live.get(row["id"]) == (row["text"], row["language"])]:
        places = [{"moved": row["id"], **{f"new_{name}": row[name] for name in _PLACE}} for row in moved]
        new: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in _PLACE}
        connection.execute(chunk.update().where(chunk.c.id == sa.bindparam("moved")).values(new), places)
    if fresh := [row for row in rows if live.get(row["id"]) != (row["text"], row["language"])]:
        statement = insert(connection, chunk)
        again = {name: statement.excluded[name] for name in fresh[0]}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again), fresh)


def remove_article(connection: sa.Connection, number: int, generation: int) -> None:
    """Remove the article of an id; its chunks die at this generation."""
    live = sa.select(chunk.c.id).where(chunk.c.article_id == number, ~chunk.c.dead)
    bury(connection, list(connection.scalars(live)), generation)
    connection.execute(article.delete().where(article.c.id == number))


def _put_row(connection: sa.Connection, item: IndexedArticle, own: tuple[int, str] | None) -> int:
    """Write the article's own row and return its id."""
    values: dict[str, Any] = {name: getattr(item.article, name) for name in _ARTICLE}
    values["added"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if own is not None:
        values["id"], values["added"] = own
    statement = insert(connection, article).values(values)
    again = {name: statement.excluded[name] for name in values if name != "source"}
    written = statement.on_conflict_do_update(index_elements=["source"], set_=again).returning(article.c.id)
    return int(connection.scalar(written) or 0)


def chunks_of(connection: sa.Connection, article_id: int) -> dict[str, dict[str, Any]]:
    """The rows of an article's live chunks, by id."""
    rows = connection.execute(sa.select(chunk).where(chunk.c.article_id == article_id, ~chunk.c.dead))
    return {row["id"]: dict(row) for row in rows.mappings()}


def _indexed_as(connection: sa.Connection, article_id: int) -> dict[str, tuple[str, str]]:
    """The live chunks of an article with what the keywords are made of besides what is in their ids.

    A heading further up or a list mark may change in a chunk's text without a change of what is embedded.
    """
    rows = connection.execute(
        sa.select(chunk.c.id, chunk.c.text, chunk.c.language).where(chunk.c.article_id == article_id, ~chunk.c.dead)
    )
    return {row.id: (row.text, row.language) for row in rows}


def bury(connection: sa.Connection, ids: Sequence[str], generation: int) -> None:
    """Mark chunks dead: the indexes learn of it by the generation."""
    for page in pages(ids):
        connection.execute(chunk.update().where(chunk.c.id.in_(page)).values(dead=True, generation=generation))


def successors(connection: sa.Connection, ids: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What was written into articles when these chunks of theirs died or since: id, key of the vectors, and which died."""
    new, old = chunk.alias(), chunk.alias()
    written = sa.and_(new.c.article_id == old.c.article_id, new.c.generation >= old.c.generation, checked(~new.c.dead))
    for page in pages(ids):
        query = sa.select(new.c.id, new.c.vector, old.c.id).join(old, written).where(old.c.id.in_(page), checked(old.c.dead))
        yield from (tuple(row) for row in connection.execute(query))


def page_end(connection: sa.Connection, after: int, upto: int) -> int:
    """The last generation of the next page: as many whole generations as hold about PAGE chunks, at least one."""
    newer = sa.select(chunk.c.generation).where(chunk.c.generation > after, chunk.c.generation <= upto)
    generations = list(connection.scalars(newer.order_by(chunk.c.generation).limit(PAGE + 1)))
    if len(generations) <= PAGE:
        return upto
    return int(generations[-1] - 1 if generations[-1] > generations[0] else generations[0])
