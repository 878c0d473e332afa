"""What was said: questions, answers with their citations, and votes, by chat, topic and asker; bounded, and erased on request."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from bot.assistant import REMEMBERED
from bot.exchanges import (
    Asked,
    Exchange,
    Thread,
    answer_values,
    conversation,
    exchange,
    message,
    now,
    question_values,
    unpacked,
    vote,
)
from retrieval import Answer, Turn
from retrieval.database import insert

KEPT = 500  # exchanges of one conversation; older ones are forgotten, and their buttons with them


class Conversations:
    """The stored conversations of one database; a method that writes is one transaction, or part of the caller's."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def head(self, thread: Thread) -> int | None:
        """The exchange that the thread's next question follows."""
        query = sa.select(conversation.c.head).where(*_same(conversation, thread))
        with self.engine.connect() as connection:
            return connection.scalar(query)

    def turns(self, last: int | None) -> tuple[Turn, ...]:
        """The turns that lead up to an exchange and end with it, oldest first, bounded."""
        turns: list[Turn] = []
        with self.engine.connect() as connection:
            while last is not None and len(turns) < REMEMBERED:
                query = sa.select(exchange.c.question, exchange.c.answer, exchange.c.abstained, exchange.c.parent)
                row = connection.execute(query.where(exchange.c.id == last)).one_or_none()
                if row is None:
                    break
                turns.append(Turn(row.question, row.answer, row.abstained))
                last = row.parent
        return tuple(reversed(turns))

    def record(self, connection: sa.Connection, asked: Asked, answer: Answer, *, replaces: int | None = None) -> int:
        """Store an exchange, or put another question and answer in the place of one, and return its id."""
        values = {**question_values(asked), **answer_values(answer)}
        if replaces is None:
            number = int(connection.scalar(exchange.insert().values(values).returning(exchange.c.id)) or 0)
            self._move_head(connection, asked.thread, number)
        else:
            number = replaces
            connection.execute(exchange.update().where(exchange.c.id == number).values({**values, "parent": asked.parent}))
            connection.execute(vote.delete().where(vote.c.exchange == number))  # they were about another answer
            connection.execute(message.delete().where(message.c.exchange == number, ~message.c.from_bot))
        for piece, _ in asked.pieces:
            self.note_message(connection, asked.thread.chat, piece, number, from_bot=False)
        _bound(connection, asked.thread)
        return number

    def note_message(self, connection: sa.Connection, chat: int, number: int, belongs: int, *, from_bot: bool) -> None:
        """Remember that a message of a chat belongs to an exchange."""
        values = {"exchange": belongs, "from_bot": from_bot}
        noted = insert(connection, message).values(chat=chat, message=number, **values)
        connection.execute(noted.on_conflict_do_update(index_elements=["chat", "message"], set_=values))

    def forget_message(self, chat: int, number: int) -> None:
        """Let a message of a chat belong to no exchange."""
        with self.engine.begin() as connection:
            connection.execute(message.delete().where(message.c.chat == chat, message.c.message == number))

    def begin_anew(self, thread: Thread) -> None:
        """Let the thread's next question follow nothing."""
        with self.engine.begin() as connection:
            self._move_head(connection, thread, None)

    def get(self, number: int) -> Exchange | None:
        """One exchange by its id."""
        return self._one(exchange.c.id == number)

    def of_update(self, update_id: int) -> Exchange | None:
        """The exchange that an update has led to."""
        return self._one(exchange.c.update_id == update_id)

    def of_message(self, chat: int, number: int) -> Exchange | None:
        """The exchange that a message of a chat belongs to, be it the person's or the bot's."""
        belongs = sa.select(message.c.exchange).where(message.c.chat == chat, message.c.message == number)
        return self._one(exchange.c.id == belongs.scalar_subquery())

    def messages(self, number: int) -> list[int]:
        """The bot's messages that show an exchange's answer, in order."""
        query = sa.select(message.c.message).where(message.c.exchange == number, message.c.from_bot).order_by(message.c.message)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))

    def rate(self, number: int, person: int, *, liked: bool) -> bool:
        """Keep a person's one vote about an answer; whether that changed anything."""
        values = {"liked": liked, "voted": now()}
        with self.engine.begin() as connection:
            cast = insert(connection, vote).values(exchange=number, person=person, **values)
            keys, other = ["exchange", "person"], vote.c.liked != liked
            changed = cast.on_conflict_do_update(index_elements=keys, set_=values, where=other).returning(vote.c.person)
            return connection.scalar(changed) is not None

    def erase(self, connection: sa.Connection, person: int) -> None:
        """Forget every question of a person, its answer, and every vote of theirs."""
        _delete_exchanges(connection, exchange.c.asker == person)
        connection.execute(conversation.delete().where(conversation.c.asker == person))
        connection.execute(vote.delete().where(vote.c.person == person))

    def move(self, connection: sa.Connection, old: int, new: int) -> None:
        """Carry a group's conversations to the id that it has got; old message ids mean nothing there."""
        connection.execute(exchange.update().where(exchange.c.chat == old).values(chat=new))
        newer = sa.select(conversation.c.topic, conversation.c.asker).where(conversation.c.chat == new)
        stale = sa.tuple_(conversation.c.topic, conversation.c.asker).in_(newer)
        connection.execute(conversation.delete().where(conversation.c.chat == old, stale))
        connection.execute(conversation.update().where(conversation.c.chat == old).values(chat=new))
        connection.execute(message.delete().where(message.c.chat == old))

    def _move_head(self, connection: sa.Connection, thread: Thread, head: int | None) -> None:
        moved = insert(connection, conversation).values(**asdict(thread), head=head)
        connection.execute(moved.on_conflict_do_update(index_elements=list(asdict(thread)), set_={"head": head}))

    def _one(self, wanted: sa.ColumnElement[bool]) -> Exchange | None:
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(exchange).where(wanted)).one_or_none()
        return None if row is None else unpacked(row)


def _bound(connection: sa.Connection, thread: Thread) -> None:
    """Forget what is older than the newest KEPT exchanges of a thread."""
    oldest = sa.select(exchange.c.id).where(*_same(exchange, thread)).order_by(exchange.c.id.desc()).offset(KEPT - 1).limit(1)
    last_kept = connection.scalar(oldest)
    if last_kept is not None:
        _delete_exchanges(connection, sa.and_(*_same(exchange, thread), exchange.c.id < last_kept))


def _delete_exchanges(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> None:
    gone = sa.select(exchange.c.id).where(wanted)
    for table in (message, vote):
        connection.execute(table.delete().where(table.c.exchange.in_(gone)))
    connection.execute(exchange.delete().where(wanted))


def _same(table: sa.Table, thread: Thread) -> Sequence[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in asdict(thread).items()]
