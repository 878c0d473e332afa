"""Writing into the catalogue anew what an article's own text tells: its chunks, and the vectors that are not kept or no good."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

import sqlalchemy as sa

from retrieval.library.health.faults import altered, bare, broken_vectors, orphans, unfit_vectors, without_vectors
from retrieval.library.health.findings import number
from retrieval.library.library import Library
from retrieval.library.records import IndexedArticle, chunk_input
from retrieval.library.statements import bury, next_generation, pages
from retrieval.library.tables import article, chunk, vector
from retrieval.passages import Article, Chunk

Cut = Callable[[Article], Sequence[Chunk]]
BATCH = 128  # chunks embedded at once


def rewrite(library: Library, cut: Cut) -> Iterator[str]:
    """Look at every article, and write anew what breaks the catalogue's laws; the caller holds the writer's lock."""
    engine, model = library.catalogue.engine, library.catalogue.model()
    with engine.connect() as connection:
        lost = orphans(connection)
    if lost:
        _bury(library, lost)
        yield f"{number(len(lost), 'chunk')} of articles that are gone {'was' if len(lost) == 1 else 'were'} removed."
    if model is None:
        return
    with engine.connect() as connection:
        unfit = unfit_vectors(connection, model) | broken_vectors(connection)
        numbers = {*unfit.values(), *without_vectors(connection).values(), *altered(connection, model.fingerprint)}
        empty = [one for one in bare(connection) if cut(_stored(connection, one)[0])]
    if not numbers and not empty:
        return
    library.check_model()
    with engine.begin() as connection:
        for page in pages(sorted(unfit)):
            connection.execute(vector.delete().where(vector.c.key.in_(page)))
    for one in sorted({*numbers, *empty}):
        _put_anew(library, one, cut)
    if unfit:  # the index has the vectors of before, of chunks that are the same
        library.begin_anew(library.vectors)
    yield f"The chunks and vectors of {number(len({*numbers, *empty}), 'article')} were made anew."


def _put_anew(library: Library, one: int, cut: Cut) -> None:
    """Cut an article again, embed what is missing, and put all of its chunks in the place of those that it has."""
    with library.catalogue.engine.connect() as connection:
        kept, added = _stored(connection, one)
        live = list(connection.scalars(sa.select(chunk.c.id).where(chunk.c.article_id == one, ~chunk.c.dead)))
    chunks = tuple(cut(kept))
    inputs = tuple(chunk_input(kept, each) for each in chunks)
    item = IndexedArticle(kept, chunks, inputs, tuple(each.key(library.encoder.fingerprint) for each in inputs))
    missing = library.catalogue.unknown_vectors(item.keys)
    wanted = [(key, each) for key, each in zip(item.keys, inputs, strict=True) if key in missing]
    for at in range(0, len(wanted), BATCH):
        page = dict(wanted[at : at + BATCH])
        library.catalogue.keep_vectors(dict(zip(page, library.encoder.encode_chunks(list(page.values())), strict=True)))
    _bury(library, live)  # what is left alone by putting is what is the same, by the word of rows that are not to be trusted
    library.put(item)
    with library.catalogue.engine.begin() as connection:
        connection.execute(article.update().where(article.c.id == one).values(added=added))


def _bury(library: Library, ids: Sequence[str]) -> None:
    with library.catalogue.engine.begin() as connection:
        generation = next_generation(connection)
        bury(connection, ids, generation)


def _stored(connection: sa.Connection, one: int) -> tuple[Article, str]:
    """An article as it is stored, and when it was added."""
    row = connection.execute(sa.select(article).where(article.c.id == one)).one()
    return Article(**{each.name: getattr(row, each.name) for each in fields(Article)}), row.added
