"""Who may use the bot: people and groups, how each stands, and when each was last told so."""

import datetime
import secrets
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from bot.telegram.tables import person, room, secret
from retrieval.database import insert

# Without letters and digits that look alike: the code is typed by hand. Eight of 31 are 40 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
TRIES = 5  # of a pairing code, a person a day
CODE = "pairing code"


class Standing(StrEnum):
    """How a person or a group stands."""

    ADMIN = "admin"
    MEMBER = "member"
    ASKED = "asked"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """A person or a group that the bot has met."""

    id: int
    name: str
    standing: Standing


class Members:
    """The people and groups of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def pairing_code(self) -> str | None:
        """The code whose first sender becomes admin, the same until it is used; none once there is an admin."""
        if self.admins():
            return None
        fresh = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        with self.engine.begin() as connection:
            connection.execute(insert(connection, secret).values(name=CODE, value=fresh).on_conflict_do_nothing())
            return connection.scalar(sa.select(secret.c.value).where(secret.c.name == CODE))

    def pair(self, connection: sa.Connection, who: int, name: str, typed: str) -> bool:
        """Make a person admin if they send the pairing code; it is used up then, and each person may try a few times a day."""
        today = _today()
        code = connection.scalar(sa.select(secret.c.value).where(secret.c.name == CODE))
        if code is None:
            return False
        tried = insert(connection, person).values(id=who, name=name, standing=Standing.UNKNOWN, told="", tries=1, tried=today)
        count = sa.case((person.c.tried == today, person.c.tries + 1), else_=1)
        again = tried.on_conflict_do_update(index_elements=["id"], set_={"tries": count, "tried": today})
        tries = connection.scalar(again.returning(person.c.tries)) or 0
        if tries > TRIES or not secrets.compare_digest(code, _letters(typed)):
            return False
        if not connection.execute(secret.delete().where(secret.c.name == CODE)).rowcount:
            return False  # somebody else has used it at this very moment
        connection.execute(person.update().where(person.c.id == who).values(standing=Standing.ADMIN, tries=0))
        return True

    def admins(self) -> list[int]:
        """The ids of all admins."""
        with self.engine.connect() as connection:
            return list(
                connection.scalars(sa.select(person.c.id).where(person.c.standing == Standing.ADMIN).order_by(person.c.id))
            )

    def current(self, who: int) -> int:
        """The id that a group has now, if it has become a supergroup; else the same."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(room.c.became).where(room.c.id == who)) or who

    def standing(self, who: int) -> Standing:
        """How a person (a positive id) or a group (a negative one) stands."""
        table = _table(who)
        with self.engine.connect() as connection:
            return Standing(connection.scalar(sa.select(table.c.standing).where(table.c.id == who)) or Standing.UNKNOWN)

    def name(self, who: int) -> str:
        """What a person or group is called; empty if unknown."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(_name(who)).where(_table(who).c.id == who)) or ""

    def set_standing(self, connection: sa.Connection, who: int, standing: Standing) -> bool:
        """Let a person or group stand differently; whether that is a change."""
        table = _table(who)
        other = sa.and_(table.c.id == who, table.c.standing != standing)
        return connection.execute(table.update().where(other).values(standing=standing)).rowcount > 0

    def is_due(self, who: int) -> bool:
        """Whether someone who may not use the bot is to be told so, which is once a day."""
        table = _table(who)
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(table.c.told).where(table.c.id == who)) != _today()

    def note_told(self, who: int, name: str) -> None:
        """Note that someone was told today; one who is not known yet has asked now."""
        table, today = _table(who), _today()
        values: dict[str, object] = {"id": who, _name(who).name: name, "standing": Standing.ASKED, "told": today}
        again: dict[str, object] = {_name(who).name: name, "told": today}
        values |= {"tries": 0} if who > 0 else {"gone": ""}
        with self.engine.begin() as connection:
            connection.execute(insert(connection, table).values(values).on_conflict_do_update(index_elements=["id"], set_=again))
            unknown = sa.and_(table.c.id == who, table.c.standing == Standing.UNKNOWN)
            connection.execute(table.update().where(unknown).values(standing=Standing.ASKED))

    def note_asked(self, who: int, name: str) -> None:
        """Note that someone has asked who was not told anything yet."""
        values = {"id": who, _name(who).name: name, "standing": Standing.ASKED, "told": ""} | (
            {"tries": 0} if who > 0 else {"gone": ""}
        )
        again = {_name(who).name: name, "standing": Standing.ASKED}
        with self.engine.begin() as connection:
            connection.execute(
                insert(connection, _table(who)).values(values).on_conflict_do_update(index_elements=["id"], set_=again)
            )

    def waiting(self) -> list[Known]:
        """The people and groups whose requests are open."""
        found = []
        with self.engine.connect() as connection:
            for table in (person, room):
                named = table.c.name if table is person else table.c.title
                query = sa.select(table.c.id, named).where(table.c.standing == Standing.ASKED)
                query = query.where(room.c.became.is_(None)) if table is room else query
                found += [Known(row[0], row[1], Standing.ASKED) for row in connection.execute(query.order_by(table.c.id))]
        return found

    def lose(self, chat: int, reason: str) -> None:
        """Remember that nothing can be sent to a chat."""
        values = {"id": chat, "title": "", "standing": Standing.UNKNOWN, "told": "", "gone": reason}
        with self.engine.begin() as connection:
            kept = insert(connection, room).values(values)
            connection.execute(kept.on_conflict_do_update(index_elements=["id"], set_={"gone": reason}))

    def gone(self) -> dict[int, str]:
        """Chat to the reason why nothing can be sent there."""
        with self.engine.connect() as connection:
            return {row.id: row.gone for row in connection.execute(sa.select(room).where(room.c.gone != ""))}

    def erase(self, connection: sa.Connection, who: int) -> None:
        """Forget a person's name; how they stand stays, with their id alone."""
        connection.execute(person.update().where(person.c.id == who).values(name=""))
        unknown = sa.and_(person.c.id == who, person.c.standing == Standing.UNKNOWN, person.c.tries == 0)
        connection.execute(person.delete().where(unknown))

    def move(self, connection: sa.Connection, old: int, new: int) -> None:
        """Let a group's new id stand as its old one did, and lead to it whoever asks for the old one."""
        row = connection.execute(sa.select(room).where(room.c.id == old, room.c.became.is_(None))).one_or_none()
        if row is not None:
            connection.execute(room.delete().where(room.c.id == new))
            connection.execute(room.insert().values(id=new, title=row.title, standing=row.standing, told=row.told, gone=""))
            connection.execute(room.update().where(room.c.id == old).values(became=new))


def _table(who: int) -> sa.Table:
    return person if who > 0 else room


def _name(who: int) -> sa.Column[str]:
    return person.c.name if who > 0 else room.c.title


def is_code(typed: str) -> bool:
    """Whether a text could be a pairing code."""
    letters = _letters(typed)
    return len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET)


def _letters(typed: str) -> str:
    """A code as it was printed, however it was typed."""
    return "".join(filter(str.isalnum, typed)).upper()


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
