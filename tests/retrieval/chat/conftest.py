"""A folder without `.env`, an environment without keys, and the models that FOOTNOTE_CHAT_MODEL names on servers for tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chatapi.ollama import OllamaServer
from chatapi.server import ChatServer
from chatapi.service import Service

from retrieval.chat.calls import ChatModel
from retrieval.chat.opening import open_chat_model
from retrieval.settings import Settings

SERVERS = {"openai": ChatServer, "ollama": OllamaServer}
THEIRS = ("ANTHROPIC_", "AZURE_", "FOOTNOTE_", "GEMINI_", "GOOGLE_", "LANGCHAIN_", "LANGSMITH_", "OLLAMA_", "OPENAI_")
NAMES = {"openai": "openai:scripted", "ollama": "ollama:llama3.2:3b"}

Open = Callable[..., ChatModel]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own is set."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith(THEIRS)]:
        monkeypatch.delenv(name)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """One server after the other, each set as a person would set it."""
    with SERVERS[request.param]() as running:
        monkeypatch.setenv({"openai": "OPENAI_BASE_URL", "ollama": "OLLAMA_HOST"}[request.param], running.url)
        yield running


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the chat model of some settings, and closes it at the end."""
    models: list[ChatModel] = []

    def open_one(name: str, **more: object) -> ChatModel:
        model = open_chat_model(Settings(chat_model=name, data_dir=tmp_path / "data", **more))
        assert model is not None
        models.append(model)
        return model

    yield open_one
    for model in models:
        model.close()


@pytest.fixture
def model(server: Service, opened: Open) -> ChatModel:
    """The real client of the server."""
    return opened(NAMES["openai" if isinstance(server, ChatServer) else "ollama"])
