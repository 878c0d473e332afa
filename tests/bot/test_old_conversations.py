"""The conversations that an older version has stored stay, and new ones are stored beside them."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from conversing import CITATION, answer
from support import together

from bot.conversations import Conversations
from bot.exchanges import Asked, Details, Thread, version
from bot.telegram.stored import VERSION, open_conversations
from retrieval import LibraryError, Shortfall, Turn
from retrieval.database import on_server

OTHER, ADA = 7, 1
# What version 0.2.0 has made its tables with.
OLD_SCHEMA = """
CREATE TABLE exchange (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    chat BIGINT NOT NULL,
    topic BIGINT NOT NULL,
    asker BIGINT NOT NULL,
    update_id BIGINT NOT NULL,
    parent INTEGER,
    pieces VARCHAR NOT NULL,
    question VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    abstained BOOLEAN NOT NULL,
    standalone VARCHAR NOT NULL,
    confidence FLOAT NOT NULL,
    model VARCHAR,
    citations VARCHAR NOT NULL,
    asked VARCHAR NOT NULL,
    UNIQUE (update_id)
);
CREATE INDEX exchange_thread ON exchange (chat, topic, asker);
CREATE TABLE exchange_message (
    chat BIGINT NOT NULL,
    message BIGINT NOT NULL,
    exchange INTEGER NOT NULL,
    from_bot BOOLEAN NOT NULL,
    PRIMARY KEY (chat, message)
);
CREATE INDEX ix_exchange_message_exchange ON exchange_message (exchange);
CREATE TABLE conversation (
    chat BIGINT NOT NULL, topic BIGINT NOT NULL, asker BIGINT NOT NULL, head INTEGER, PRIMARY KEY (chat, topic, asker)
);
CREATE TABLE vote (
    exchange INTEGER NOT NULL,
    person BIGINT NOT NULL,
    liked BOOLEAN NOT NULL,
    voted VARCHAR NOT NULL,
    PRIMARY KEY (exchange, person)
);
"""


def test_a_database_of_version_0_2_0(tmp_path: Path) -> None:
    """It keeps its conversations, of whose answers no details are known, and takes new ones with theirs."""
    make_old(tmp_path / "conversations.sqlite3")
    with opened(tmp_path) as engine:
        conversations = Conversations(engine)
        number = conversations.head(Thread(OTHER, 0, ADA))
        assert number == 1
        old = conversations.get(number)
        assert old is not None
        assert ("How many?", "27.", (CITATION,), Details()) == (old.question, old.answer, old.citations, old.details)
        assert (Turn("How many?", "27."),) == conversations.turns(number)
        assert [3] == conversations.messages(1)
        with engine.begin() as connection:
            asked = Asked(Thread(OTHER, 0, ADA), 9, ((4, "And?"),), "And?", number)
            new = conversations.record(connection, asked, replace(answer("So."), carried=("otters",), shortfall=Shortfall.CUT))
    with opened(tmp_path) as engine:
        found = Conversations(engine).get(new)
        assert found is not None
        assert (("otters",), Shortfall.CUT) == (found.details.carried, found.details.shortfall)
        assert old == Conversations(engine).get(1)


def test_many_open_an_old_database_at_once(tmp_path: Path) -> None:
    """Whichever process is first adds the column, and none fails."""
    make_old(tmp_path / "conversations.sqlite3")
    ready = threading.Barrier(8)

    def run() -> None:
        ready.wait()
        open_conversations(tmp_path).dispose()

    together(*[run] * 8)
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite3")) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(exchange)")]
    assert 1 == names.count("details")


def test_a_newer_database_is_refused(database: sa.Engine, tmp_path: Path) -> None:
    """What a newer version has made is left as it is, and a sentence says so; what this one has made is opened again."""
    address = database.url.render_as_string(hide_password=False) if on_server(database) else ""
    open_conversations(tmp_path, address).dispose()
    with database.begin() as connection:
        connection.execute(version.update().values(schema=VERSION + 1))
    with pytest.raises(LibraryError, match=rf"have version {VERSION + 1}.* up to version {VERSION}\."):
        open_conversations(tmp_path, address)
    with database.connect() as connection:
        assert connection.scalar(sa.select(version.c.schema)) == VERSION + 1


def test_an_old_database_gets_a_version(tmp_path: Path) -> None:
    """Whoever opens it next knows what it is."""
    make_old(tmp_path / "conversations.sqlite3")
    with opened(tmp_path) as engine, engine.connect() as connection:
        assert connection.scalars(sa.select(version.c.schema)).all() == [VERSION]


@contextmanager
def opened(folder: Path) -> Iterator[sa.Engine]:
    """The database of a folder, as the bot opens it."""
    engine = open_conversations(folder)
    yield engine
    engine.dispose()


def make_old(path: Path) -> None:
    """A database as version 0.2.0 has made it, with one exchange in it."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(OLD_SCHEMA)
        values = (OTHER, 0, ADA, 5, json.dumps([[2, "How many?"]]), "How many?", "27.", 0, "How many?", 0.9)
        database.execute(
            "INSERT INTO exchange (chat, topic, asker, update_id, pieces, question, answer, abstained, standalone, confidence,"
            " citations, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '2026-01-01T00:00:00+00:00')",
            (*values, json.dumps([asdict(CITATION)])),
        )
        database.execute("INSERT INTO exchange_message VALUES (?, 2, 1, 0), (?, 3, 1, 1)", (OTHER, OTHER))
        database.execute("INSERT INTO conversation VALUES (?, 0, ?, 1)", (OTHER, ADA))
        database.commit()
