"""Updates as they came: stored before they are acknowledged, each once, and kept until they are done with."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import sqlalchemy as sa

from bot.telegram.tables import incoming
from retrieval.database import insert

WAITING, DONE, QUARANTINED = "waiting", "done", "quarantined"
ATTEMPTS = 20  # of one update, each ended by the death of the process; fewer would hit bystanders of what is deadly
LARGEST = 2**52  # of ids; Telegram's have at most so many bits
KEPT_SECONDS = 8 * 86400.0  # Telegram repeats an update for a day; a week without updates and their ids may begin anew


@dataclass(frozen=True, slots=True)
class Stored:
    """An update in the inbox, still as JSON."""

    update_id: int
    payload: dict[str, Any]


class Inbox:
    """The stored updates of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def store(self, updates: Sequence[dict[str, Any]]) -> list[Stored]:
        """Keep updates and return those that were not known yet; one without a usable id is none."""
        new: list[Stored] = []
        with self._engine.begin() as connection:
            for payload in updates:
                number = number_of(payload)
                if number is None:
                    continue
                row = {"update_id": number, "person": sender_of(payload), "payload": json.dumps(payload)}
                values = {**row, "state": WAITING, "attempts": 0, "received": time.time()}
                kept = insert(connection, incoming).values(values).on_conflict_do_nothing()
                if connection.scalar(kept.returning(incoming.c.update_id)) is not None:
                    new.append(Stored(number, payload))
        return new

    def waiting(self) -> list[Stored]:
        """What is still to be done, in order."""
        query = sa.select(incoming).where(incoming.c.state == WAITING).order_by(incoming.c.update_id)
        with self._engine.connect() as connection:
            return [Stored(row.update_id, json.loads(row.payload)) for row in connection.execute(query)]

    def is_waiting(self, update_id: int) -> bool:
        """Whether an update is still to be done."""
        with self._engine.connect() as connection:
            return self.is_waiting_in(connection, update_id)

    def is_waiting_in(self, connection: sa.Connection, update_id: int) -> bool:
        """Whether an update is still to be done, as the caller's transaction sees it."""
        return connection.scalar(sa.select(incoming.c.state).where(incoming.c.update_id == update_id)) == WAITING

    def begin(self, update_id: int) -> int:
        """Note that the work on an update begins, and return how often it has begun."""
        again = incoming.update().where(incoming.c.update_id == update_id).values(attempts=incoming.c.attempts + 1)
        with self._engine.begin() as connection:
            return int(connection.scalar(again.returning(incoming.c.attempts)) or 0)

    def finish(self, *update_ids: int) -> None:
        """Updates that are done with; nothing of what they held is kept."""
        self._leave(update_ids, DONE, payload="", person=0)

    def put_back(self, update_id: int) -> None:
        """Leave an update to the next start, as if its work had not begun."""
        fewer = incoming.update().where(incoming.c.update_id == update_id, incoming.c.attempts > 0)
        with self._engine.begin() as connection:
            connection.execute(fewer.values(attempts=incoming.c.attempts - 1))

    def quarantine(self, update_id: int) -> None:
        """Set an update aside that cannot be worked on; it is kept to be looked at."""
        self._leave([update_id], QUARANTINED)

    def counts(self) -> dict[str, int]:
        """State to number of updates."""
        query = sa.select(incoming.c.state, sa.func.count()).group_by(incoming.c.state)
        with self._engine.connect() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}

    def erase(self, connection: sa.Connection, person: int, *, before: int) -> None:
        """Forget what a person has sent before one update, the wish to be forgotten; what is being worked on too."""
        theirs = sa.and_(incoming.c.person == person, incoming.c.update_id < before)
        left = sa.case((incoming.c.state == WAITING, DONE), else_=incoming.c.state)
        connection.execute(incoming.update().where(theirs).values(person=0, payload="", state=left))

    def prune(self) -> None:
        """Forget the ids of updates that will not come again."""
        old = sa.and_(incoming.c.state != WAITING, incoming.c.received < time.time() - KEPT_SECONDS)
        with self._engine.begin() as connection:
            connection.execute(incoming.delete().where(old))

    def _leave(self, update_ids: Sequence[int], state: str, **values: str | int) -> None:
        with self._engine.begin() as connection:
            connection.execute(incoming.update().where(incoming.c.update_id.in_(update_ids)).values(state=state, **values))


def number_of(payload: Any) -> int | None:
    """The id of an update; None if it has none that can be stored."""
    number = payload.get("update_id") if isinstance(payload, dict) else None
    return number if is_id(number) else None


def is_id(value: Any) -> TypeGuard[int]:
    """Whether a stranger's value is a number that fits into the database."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def sender_of(payload: dict[str, Any]) -> int:
    """The id of the person (or of the chat in whose name it is) that an update comes from; 0 where it names none."""
    for part in payload.values():
        if isinstance(part, dict):
            for name in ("sender_chat", "from"):
                sender = part.get(name)
                if isinstance(sender, dict) and is_id(sender.get("id")):
                    return int(sender["id"])
    return 0
