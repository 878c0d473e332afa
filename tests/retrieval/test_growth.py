"""What a question or a change costs does not grow with the library: no statement of theirs reads a whole table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support import open_library, put

from retrieval import AnswerChain, ArticleRetriever

# Counted over an index alone, and only after a change.
COUNTED = "SEARCH chunk USING COVERING INDEX chunk_language (dead=?)"
WHOLE = re.compile(r"SCAN (?:article|chunk|vector)\b|\(dead=\?\)")


@contextmanager
def watched(engine: sa.Engine) -> Iterator[dict[str, list[str]]]:
    """Every statement that an engine executes, with the steps that SQLite plans for it."""
    plans: dict[str, list[str]] = {}

    def note(_: sa.Connection, cursor: Any, statement: str, parameters: Any, __: object, many: bool) -> None:  # noqa: FBT001 - SQLAlchemy's
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"}:
            steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters)
            plans[statement] = [row[3] for row in steps]

    sa.event.listen(engine, "before_cursor_execute", note)
    yield plans
    sa.event.remove(engine, "before_cursor_execute", note)


def test_no_statement_reads_a_whole_table(tmp_path: Path) -> None:
    """Asking, adding, editing, removing, following and purging find their rows by an index that leads to few."""
    with open_library(tmp_path) as library:
        put(library, "a", "The harbour was dredged in spring.")
        put(library, "b", "The orchard bloomed.")
        library.catch_up()
        chain = AnswerChain(ArticleRetriever(library=library))
        with watched(library.catalogue.engine) as plans:
            with library.writing():
                put(library, "c", "A lantern hung over the gate.")
                put(library, "a", "The harbour was dredged in summer.")
                library.remove("b")
            answer = chain.invoke({"question": "When was the harbour dredged?"})
            library.surroundings("a", 0, 5)
            library.catch_up(purge=True)

    assert answer.passages
    assert len(plans) > 20
    wrong = {
        statement: step
        for statement, steps in plans.items()
        for step in steps
        if WHOLE.search(step) and step != COUNTED and "EXISTS" not in statement  # which ends at the first row
    }
    assert not wrong


def test_many_chunks_are_looked_up_by_their_ids(tmp_path: Path) -> None:
    """For the hundreds of candidates of a question SQLite does not read all chunks that are live, or dead, instead."""
    ids = [f"1.{number}.0" for number in range(300)]
    with open_library(tmp_path) as library, watched(library.catalogue.engine) as plans:
        library.catalogue.vector_keys(ids)
        library.catalogue.chunks(ids)
        library.catalogue.successors(ids)

    assert len(plans) == 3
    assert not [step for steps in plans.values() for step in steps if "dead=?" in step]
