"""Messages that are owed: written down before they are sent, so that a crash neither loses nor repeats one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from bot.exchanges import exchange
from bot.telegram.inbox import WAITING
from bot.telegram.tables import incoming, outgoing
from retrieval.database import insert

# A message is OWED, SENDING from just before the call until its answer is known, then SENT; or DROPPED, if it cannot be sent.
OWED, SENDING, SENT, DROPPED = "owed", "sending", "sent", "dropped"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says and where it goes: text, entities and buttons as Telegram takes them; topic and reply 0 where none."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()
    buttons: tuple[tuple[dict[str, str], ...], ...] = ()
    topic: int = 0
    reply_to: int = 0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: the update it answers, whose that was, its chat, topic and the message to reply to, 0 if none."""

    update_id: int
    person: int
    chat: int
    topic: int
    reply_to: int
    private: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """One message of the outbox; `message` is its id once that is known, `floor` bounds from below what it can be.

    `probe` is the id of a message that was sent to find out whether this one has arrived, and `floors` bound those of all probes.
    """

    update_id: int
    number: int
    chat: int
    person: int
    content: Content
    state: str = OWED
    floor: int = 0
    message: int | None = None
    exchange: int | None = None
    probe: int | None = None
    floors: tuple[int, ...] = ()


class Outbox:
    """The outgoing messages of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def owe(self, messages: Sequence[Owed]) -> None:
        """Write messages down; one that is there already stays as it is."""
        with self.engine.begin() as connection:
            self.add(connection, messages)

    def add(self, connection: sa.Connection, messages: Sequence[Owed]) -> int:
        """Write messages down within the caller's transaction; how many of them were not there."""
        written = [insert(connection, outgoing).values(_values(each)).on_conflict_do_nothing() for each in messages]
        return sum(connection.scalar(each.returning(outgoing.c.number)) is not None for each in written)

    def of_update(self, update_id: int) -> list[Owed]:
        """All messages that an update has led to, in order."""
        query = sa.select(outgoing).where(outgoing.c.update_id == update_id).order_by(outgoing.c.number)
        with self.engine.connect() as connection:
            return [_owed(row) for row in connection.execute(query)]

    def get(self, update_id: int, number: int) -> Owed | None:
        """One message."""
        query = sa.select(outgoing).where(outgoing.c.update_id == update_id, outgoing.c.number == number)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _owed(row)

    def sending(self, owed: Owed, floor: int) -> None:
        """Note that a message is about to be sent, not edited into another one."""
        self._set(owed, state=SENDING, floor=floor, probe=None, floors="[]", message=None)

    def probing(self, owed: Owed, floor: int) -> None:
        """Note that a probe is about to be sent."""
        self._set(owed, floors=json.dumps(sorted({*owed.floors, floor})))

    def probed(self, owed: Owed, probe: int) -> None:
        """Note the id of a probe."""
        self._set(owed, probe=probe)

    def not_sent(self, owed: Owed) -> None:
        """Note that a message is certain not to have been sent."""
        self._set(owed, state=OWED)

    def sent(self, connection: sa.Connection, owed: Owed, message: int) -> None:
        """Note a message's id; what it said is not kept here."""
        connection.execute(_row(owed).values(state=SENT, message=message, payload=""))

    def drop(self, owed: Owed) -> None:
        """Note that a message cannot be sent."""
        self._set(owed, state=DROPPED, payload="")

    def shown_by(self, chat: int, message: int) -> int | None:
        """The update that a message of a chat belongs to."""
        query = sa.select(outgoing.c.update_id).where(outgoing.c.chat == chat, outgoing.c.message == message)
        with self.engine.connect() as connection:
            return connection.scalar(query.order_by(outgoing.c.update_id.desc()).limit(1))

    def known_messages(self, chat: int, above: int) -> set[int]:
        """The ids of the bot's messages in a chat that are known, above an id."""
        query = sa.select(outgoing.c.message).where(outgoing.c.chat == chat, outgoing.c.message > above)
        with self.engine.connect() as connection:
            return set(connection.scalars(query))

    def highest(self) -> dict[int, int]:
        """Chat to the highest known id of the bot's messages in it."""
        known = sa.func.max(sa.func.coalesce(outgoing.c.message, outgoing.c.probe))
        query = sa.select(outgoing.c.chat, known).group_by(outgoing.c.chat)
        with self.engine.connect() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query) if row[1] is not None}

    def erase(self, connection: sa.Connection, person: int, *, besides: int) -> None:
        """Forget every message to a person, but for what one update, the wish to be forgotten, has led to."""
        connection.execute(outgoing.delete().where(outgoing.c.person == person, outgoing.c.update_id != besides))

    def prune(self, update_id: int) -> None:
        """Forget the messages of older updates that are done with, but for those that show an answer that is kept."""
        shown = sa.func.coalesce(outgoing.c.exchange.in_(sa.select(exchange.c.id)), sa.false())
        waiting = outgoing.c.update_id.in_(sa.select(incoming.c.update_id).where(incoming.c.state == WAITING))
        old = sa.and_(outgoing.c.update_id < update_id, ~shown, ~waiting)
        with self.engine.begin() as connection:
            connection.execute(outgoing.delete().where(old))

    def move(self, connection: sa.Connection, old: int, new: int) -> None:
        """Send to a group's new id what is owed to its old one; replies to messages there are no more."""
        for row in connection.execute(sa.select(outgoing).where(outgoing.c.chat == old)).all():
            owed = _owed(row)
            values: dict[str, Any] = {"chat": new, "floor": 0, "probe": None, "floors": "[]"}
            if owed.state in {OWED, SENDING}:
                values |= {"message": None, "payload": json.dumps(asdict(replace(owed.content, reply_to=0)))}
            connection.execute(_row(owed).values(**values))

    def _set(self, owed: Owed, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(_row(owed).values(**values))


def _row(owed: Owed) -> sa.Update:
    return outgoing.update().where(outgoing.c.update_id == owed.update_id, outgoing.c.number == owed.number)


def _values(owed: Owed) -> dict[str, Any]:
    values = asdict(owed)
    content = values.pop("content")
    return {**values, "payload": json.dumps(content), "floors": json.dumps(values["floors"])}


def _owed(row: Any) -> Owed:
    values = json.loads(row.payload) if row.payload else {"text": ""}
    content = Content(
        **{
            **values,
            "entities": tuple(values.get("entities", ())),
            "buttons": tuple(tuple(line) for line in values.get("buttons", ())),
        }
    )
    names = ("update_id", "number", "chat", "person", "state", "floor", "message", "exchange", "probe")
    return Owed(content=content, floors=tuple(json.loads(row.floors)), **{name: getattr(row, name) for name in names})
