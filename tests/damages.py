"""Ways to damage a library: its indexes as files, and what stands in any of its three stores; each with the checks that tell."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import sqlalchemy as sa
from support import HashEncoder, put

from retrieval import Library
from retrieval.library.tables import chunk, vector

Damage = Callable[[Library], object]


def overwrite(pattern: str) -> Damage:
    """Junk in the place of some files."""

    def damage(library: Library) -> None:
        written = [path.write_bytes(b"junk" * 2000) for path in library.folder.glob(pattern)]
        assert written

    return damage


def file_for_keywords(library: Library) -> None:
    """A file where the folder of the keyword index has to be."""
    shutil.rmtree(library.folder / "keywords")
    (library.folder / "keywords").write_text("Somebody's notes.")


def sql(*statements: sa.Executable) -> Damage:
    """The catalogue is edited by hand."""

    def damage(library: Library) -> None:
        with library.catalogue.engine.begin() as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount  # type: ignore[attr-defined]

    return damage


def first(column: sa.Column[object], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[object]:
    """The first of some values."""
    return sa.select(column).where(*where).order_by(column).limit(1).scalar_subquery()


def delete_from_chroma(library: Library) -> None:
    """A chunk is deleted from the vector index alone."""
    library.vectors.mark()
    library.vectors._collection.delete(ids=library.vectors.ids()[:1])


def wrong_in_chroma(library: Library) -> None:
    """A chunk has another's vector in the vector index."""
    library.vectors.mark()
    wrong = HashEncoder().encode_queries(["something else"])
    library.vectors._collection.update(ids=library.vectors.ids()[:1], embeddings=wrong)


def delete_from_keywords(library: Library) -> None:
    """A document is missing in the keyword index."""
    mark = library.keywords.mark()
    assert mark
    library.keywords.apply([], library.keywords.ids()[:1], mark)


def wrong_in_keywords(library: Library) -> None:
    """A document in the keyword index has the words of another chunk."""
    mark, (one, other) = library.keywords.mark(), sorted(library.catalogue.live_ids())[:2]
    assert mark
    stored = library.catalogue.chunks([one, other])
    library.keywords.apply([replace(stored[other], id=one)], [], mark)


def fall_behind(library: Library) -> None:
    """What a killed ingest leaves: the indexes have not seen the last change."""
    put(library, "new", "A lantern that no index has seen.")


INDEXES = {
    "no_vectors": (lambda library: shutil.rmtree(library.folder / "vectors"), "Vectors"),
    "file_for_keywords": (file_for_keywords, "Keywords"),
    "chroma_sqlite": (overwrite("vectors/chroma.sqlite3"), "Vectors"),
    "keyword_meta": (overwrite("keywords/*/meta.json"), "Keywords"),
    "keyword_files": (overwrite("keywords/*/*.store"), "Keywords"),
}
INSIDE = {
    "chroma_row": (delete_from_chroma, "Vectors"),
    "chroma_vector": (wrong_in_chroma, "Vectors"),
    "keyword_document": (delete_from_keywords, "Keywords"),
    "keyword_words": (wrong_in_keywords, "Keywords"),
    "behind": (fall_behind, "Vectors Keywords"),
    "vector_lost": (sql(vector.delete().where(vector.c.key == first(chunk.c.vector, ~chunk.c.dead))), "Catalogue"),
    "vector_short": (
        sql(vector.update().where(vector.c.key == first(chunk.c.vector, ~chunk.c.dead)).values(chunk=b"short")),
        "Catalogue",
    ),
    "vector_nan": (
        sql(
            vector.update()
            .where(vector.c.key == first(chunk.c.vector, ~chunk.c.dead))
            .values(chunk=np.full(32, np.nan, dtype="<f2").tobytes())
        ),
        "Catalogue Vectors Model",
    ),
    "text_edited": (
        sql(chunk.update().where(chunk.c.id == first(chunk.c.id, ~chunk.c.dead)).values(text="Written by another hand.")),
        "Catalogue Keywords Model",
    ),
    "prefix_edited": (
        sql(chunk.update().where(chunk.c.id == first(chunk.c.id, ~chunk.c.dead)).values(prefix="Another title")),
        "Catalogue Keywords Model",
    ),
    "chunk_lost": (
        sql(chunk.delete().where(chunk.c.id == first(chunk.c.id, ~chunk.c.dead))),
        "Catalogue Vectors Keywords",
    ),
    "orphans": (sql(chunk.update().where(chunk.c.id == first(chunk.c.id, ~chunk.c.dead)).values(article_id=999)), "Catalogue"),
}
