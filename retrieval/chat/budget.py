"""What calls may cost: the tokens of one answer, and those of a day, which threads and processes share."""

import datetime
import math
import os
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from langchain_core.messages import BaseMessage

from retrieval.chat.failures import ChatFailure
from retrieval.database import changing, create_tables, insert, make_folder, open_database
from retrieval.errors import LibraryError
from retrieval.models import BuiltOnce
from retrieval.passages import Shortfall, Usage

FILE, SCHEMA = "usage.sqlite3", "footnote_bot"

# OpenAI gives 4 characters a token as a rule of thumb for English [1]; other European languages have fewer, so it is 3.5 here.
# The vocabularies of today have less of other scripts: a character of these is most of a token, and one of scripts without
# spaces, or a symbol, about a whole one.
# [1] https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them
CHARACTERS = 3.5
_WEIGHTS = {  # by the first character of a range
    0x0000: 1 / CHARACTERS,  # Latin
    0x0370: 1 / 2.5,  # Greek and Cyrillic
    0x0530: 3 / 4,  # Armenian, Hebrew, Arabic, and the scripts of India from Devanagari to Sinhala
    0x0E00: 1.0,  # Thai and its neighbours
    0x10A0: 3 / 4,  # Georgian
    0x1100: 1.0,  # Ethiopic and many more
    0x1E00: 1 / CHARACTERS,  # Latin and Greek letters with more than one accent, dashes and quotation marks
    0x2070: 1.0,  # symbols, Chinese, Japanese, Korean, and all others
}
_STARTS, _TOKENS = list(_WEIGHTS), list(_WEIGHTS.values())

_metadata = sa.MetaData()
days = sa.Table(
    "usage",
    _metadata,
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("tokens", sa.BigInteger, nullable=False),
)


def weight(text: str) -> float:
    """About how many tokens a text has, as a sum over its characters: what is cut into pieces weighs the same."""
    if text.isascii():
        return len(text) / CHARACTERS
    return sum(_TOKENS[bisect_right(_STARTS, ord(each)) - 1] for each in text)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    return math.ceil(weight(text))


def prompt_tokens(messages: Iterable[BaseMessage]) -> int:
    """About how many tokens a request has."""
    return sum(estimated_tokens(message.text) for message in messages)


def local_day() -> datetime.date:
    """Today, as the calendar on the wall has it."""
    return datetime.datetime.now().astimezone().date()


class Allowance:
    """The tokens that one answer may cost, over all its calls."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = Usage()

    @property
    def left(self) -> int:
        """Tokens that may still be used."""
        return max(0, self.limit - self.used.total)

    def add(self, usage: Usage) -> None:
        """Count what a call has used."""
        self.used = self.used + usage


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens counted for a call before it is made."""

    day: str
    tokens: int


class DayLedger:
    """The tokens of each day; with a limit of 0 as many as it takes, and counted all the same.

    They are counted in the data folder or, with the address of a server, there, for all hosts together.
    A call is counted by its estimate before it is made, and by its usage afterwards: that of a process that was killed stays.
    """

    def __init__(
        self, folder: Path, limit: int, *, database_url: str = "", today: Callable[[], datetime.date] = local_day
    ) -> None:
        self._folder, self.limit, self._database_url, self._today = folder, limit, database_url, today

    def reserve(self, tokens: int) -> Reservation | None:
        """Count tokens before they are used; raises ChatFailure if they are more than today has left.

        A ledger that cannot be used keeps no limit: then nothing may be spent, or, if there is no limit, it goes on uncounted.
        """
        try:
            return self._reserved(tokens)
        except LibraryError:
            if self.limit:
                raise ChatFailure(Shortfall.DAY_BUDGET, cause="no ledger") from None
            return None

    def settle(self, reservation: Reservation | None, usage: Usage) -> None:
        """Count what was used in place of what was reserved, on the day on which that was."""
        if reservation is None:
            return
        change = usage.total - reservation.tokens
        with suppress(LibraryError), self._engine.begin() as connection:  # what cannot be written stays counted as reserved
            row = days.c.day == reservation.day
            connection.execute(days.update().where(row).values(tokens=days.c.tokens + change))

    def used(self) -> int:
        """The tokens of today, with those of calls that go on; raises LibraryError if the ledger cannot be used."""
        if not self._database_url and not os.path.lexists(self._folder / FILE):
            return 0
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(days.c.tokens).where(days.c.day == self._today().isoformat())) or 0

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in vars(self):
            self._engine.dispose()

    def _reserved(self, tokens: int) -> Reservation:
        day = self._today().isoformat()
        room = sa.true() if self.limit == 0 else days.c.tokens + tokens <= self.limit
        with self._engine.begin() as connection:  # the first statement writes, and so waits for the others' turn
            connection.execute(insert(connection, days).values(day=day, tokens=0).on_conflict_do_nothing())
            counted = connection.execute(
                days.update().where(days.c.day == day, room).values(tokens=days.c.tokens + tokens)
            ).rowcount
        if not counted:
            raise ChatFailure(Shortfall.DAY_BUDGET)
        return Reservation(day, tokens)

    @BuiltOnce
    def _engine(self) -> sa.Engine:
        if not self._database_url:
            make_folder(self._folder)
        engine = open_database(self._folder / FILE, called="The count of tokens", url=self._database_url, schema=SCHEMA)
        try:
            with changing(engine) as connection:
                create_tables(connection, _metadata, SCHEMA)
        except LibraryError:
            engine.dispose()
            raise
        weakref.finalize(self, engine.dispose)  # for whoever does not close it
        return engine
