"""The bot whose data are on servers: it answers, it is alone on its database, and it outlives a restart of the server."""

from collections.abc import Callable
from pathlib import Path

import pytest
import servers
from botapi.chains import EchoChain
from botapi.records import Chat, Person
from botapi.running import Running
from botapi.server import BotApi
from pydantic import SecretStr

from bot.telegram import alone
from bot.telegram.alone import Alone
from bot.telegram.service import Service
from bot.telegram.stored import open_conversations
from retrieval import LibraryError

ADA = Person(7, "Ada", username="ada")
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another bot is waited for less long, and the lock looked after more often."""
    monkeypatch.setattr(alone, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(alone, "LOOK_SECONDS", 0.1)


def test_two_hosts(api: BotApi, chat: Chat, start: Start, database_url: str, tmp_path: Path) -> None:
    """One bot answers, from what is on the server; a second one on the same database ends with a sentence that says why."""
    library = {"database_url": SecretStr(database_url)}
    with start(wrap=EchoChain(), library=library) as bot:
        api.say(chat, ADA, "What is\0 this?")
        api.wait_sent(chat, 1)
        parts = bot.service._parts
        with pytest.raises(LibraryError, match="Another bot is running on the database of FOOTNOTE_DATABASE_URL"):
            Service(
                parts.settings,
                tmp_path / "another",
                answering=parts.answering,
                changes=parts.shelf._changes,
                say=bot.said.append,
                database_url=database_url,
            )
        end_connections(database_url)
        api.say(chat, ADA, "And after the restart?")
        api.wait_sent(chat, 2)
        api.wait_for(lambda: not bot.left)
    assert bot.error is None
    with start(wrap=EchoChain(), library=library) as successor:
        api.say(chat, ADA, "And then?")
        api.wait_sent(chat, 3)
    assert successor.error is None


def test_alone(database_url: str, tmp_path: Path) -> None:
    """The lock is kept over what ends the connection, unless another bot was faster; then it is told."""
    engines = [open_conversations(tmp_path, database_url) for _ in range(2)]
    first, second = map(Alone, engines)
    first.hold()
    with pytest.raises(LibraryError, match="Another bot"):
        second.hold()
    end_connections(database_url)
    first.hold()
    end_connections(database_url)
    second.hold()
    with pytest.raises(LibraryError, match="Another bot"):
        first.hold()
    second.release()
    first.hold()
    first.release()
    for engine in engines:
        engine.dispose()


def test_a_file_is_nobodys_lock(tmp_path: Path) -> None:
    """In a data folder the folder's own lock is enough."""
    engine = open_conversations(tmp_path)
    for each in (Alone(engine), Alone(engine)):
        each.hold()
    engine.dispose()


def end_connections(url: str) -> None:
    """End every connection of the program, as a restart of the server does."""
    with servers.psycopg.connect(url) as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        connection.execute(f"{query} WHERE datname = current_database() AND pid <> pg_backend_pid()")
