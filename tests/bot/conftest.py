"""The command line as a person calls it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import servers
import sqlalchemy as sa
from chatapi.server import ChatServer
from otters import MODEL, good
from typer.testing import CliRunner, Result

from bot.telegram.stored import SCHEMA, open_conversations
from retrieval import Encoder

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    own = ("FOOTNOTE_", "OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_", "OLLAMA_")
    for name in [each for each in os.environ if each.startswith(own)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTNOTE_DATA_DIR", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def bot_server(postgres_server: str) -> Iterator[str]:
    """The address of a database for the bot's tables, which each test leaves empty."""
    with servers.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["file", "server"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """The bot's database, in the data folder and on a Postgres server."""
    on_server = request.param == "server"
    engine = open_conversations(tmp_path, request.getfixturevalue("bot_server") if on_server else "")
    yield engine
    if on_server:
        with engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(SCHEMA, cascade=True))
    engine.dispose()


@pytest.fixture
def run() -> Run:
    """Call `footnote` with these arguments and this standard input."""
    from bot.cli import app

    return lambda *arguments, text=None: CliRunner().invoke(app, [str(each) for each in arguments], input=text)


@pytest.fixture
def own_folder(library_folder: Path, tmp_path: Path) -> Path:
    """A copy of the library that a test may change; it lies where FOOTNOTE_DATA_DIR says."""
    folder = tmp_path / "library"
    shutil.copytree(library_folder, folder)
    return folder


@pytest.fixture
def quick_library(own_folder: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with an embedding model that is loaded already."""
    monkeypatch.setattr("retrieval.embedding.Encoder", lambda _: encoder)
    return own_folder


@pytest.fixture
def server(quick_library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """The server of the chat model that is configured; a failure is not waited after for long."""
    monkeypatch.setattr("retrieval.answer.generative.FIRST_WAIT", 0.01)
    with ChatServer(good, key="sk-right", models=("test",)) as running:
        monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", MODEL)
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-right")
        yield running
