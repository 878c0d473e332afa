"""Conversations without a bot: a database in memory, questions with answers made up, and everything that it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.conversations import Conversations
from bot.exchanges import Asked, Thread, conversation, exchange, message, tables, vote
from retrieval import Answer, AnswerSentence, Citation

CITATION = Citation(1, "/a/otters.md", "Otters", "27 otters", 5, 14, site="River", date="2022", link="https://a.org/1")
Rows = dict[str, list[dict[str, Any]]]


def answer(text: str) -> Answer:
    """An answer of one cited sentence; a refusal if there is no text."""
    sentences = (AnswerSentence(text, (1,)),) * bool(text)
    return Answer("q", "q", (), sentences, (CITATION,) * bool(text), confidence=0.5, seconds=0)


@contextmanager
def stored() -> Iterator[Conversations]:
    """An empty database."""
    engine = sa.create_engine("sqlite://")
    tables.create_all(engine)
    yield Conversations(engine)
    engine.dispose()


def ask(into: Conversations, thread: Thread, number: int, *, parent: int | None = None, replaces: int | None = None) -> int:
    """Store the question of an update, asked in the message of that number and answered in the one behind it."""
    asked = Asked(thread, number, ((2 * number, f"Question {number}?"),), f"Question {number}?", parent)
    with into.engine.begin() as connection:
        made = into.record(connection, asked, answer(f"Answer {number}." if number % 3 else ""), replaces=replaces)
        into.note_message(connection, thread.chat, 2 * number + 1, made, from_bot=True)
    return made


def dump(of: Conversations) -> Rows:
    """Every row of every table."""
    found = {}
    with of.engine.connect() as connection:
        for table in (exchange, message, conversation, vote):
            query = sa.select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    return found
