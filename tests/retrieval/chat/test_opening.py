"""The chat model that a person names is made as it should be, or one sentence says what is missing."""

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from chatapi.replies import text
from chatapi.server import ChatServer
from langchain_core.messages import HumanMessage
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel
from retrieval.chat.opening import open_chat_model
from retrieval.chat.providers import PROVIDERS, ProviderSettings
from retrieval.errors import SettingsError
from retrieval.settings import Settings, load

Open = Callable[..., ChatModel]
KEY = "sk-very-secret-0123456789"
EXTRAS = [(name, provider.package) for name, provider in PROVIDERS.items()]


def refused(name: str) -> SettingsError:
    """Why a model cannot be opened."""
    with pytest.raises(SettingsError) as raised:
        open_chat_model(Settings(chat_model=name))
    return raised.value


def openai(opened: Open, name: str = "openai:gpt-5-mini", **more: object) -> ChatOpenAI:
    """LangChain's model of a chat model by OpenAI."""
    model = opened(name, **more).model
    assert isinstance(model, ChatOpenAI)
    return model


def ollama(opened: Open, name: str = "ollama:llama3.2", **more: object) -> ChatOllama:
    """LangChain's model of a chat model by Ollama."""
    model = opened(name, **more).model
    assert isinstance(model, ChatOllama)
    return model


@pytest.mark.parametrize("name", ["", " "])
def test_none_is_named(name: str) -> None:
    """Without the setting there is no chat model."""
    assert open_chat_model(Settings(chat_model=name)) is None


@pytest.mark.parametrize("name", ["gpt-5-mini", "openai:", ":gpt-5-mini", "openai", ":"])
def test_a_bad_form(name: str) -> None:
    """What is no provider and model is one sentence with the setting, the value and the form."""
    error = refused(name)

    assert f"The setting FOOTNOTE_CHAT_MODEL has the value {name!r}" in error.message
    assert "a provider and a model with a colon between them" in error.message
    assert all(f"{provider}:" in error.help for provider in PROVIDERS)


def test_an_unknown_provider() -> None:
    """A provider that nobody knows is one sentence that names those that are known."""
    error = refused("skynet:t-800")

    assert "FOOTNOTE_CHAT_MODEL" in error.message
    assert "the provider 'skynet' is not known" in error.message
    assert all(f"{provider}:" in error.help for provider in PROVIDERS)


@pytest.mark.parametrize(("name", "package"), EXTRAS)
def test_a_missing_extra(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider whose package is not installed is one sentence with the command that installs it."""
    monkeypatch.setitem(sys.modules, package, None)

    error = refused(f"{name}:some-model")

    assert error.message == f"FOOTNOTE_CHAT_MODEL={name}:some-model needs a package that is not installed."
    assert error.help == f"Run: pip install 'footnote[{name}]' (from a checkout: pip install -e '.[{name}]')."


def test_a_missing_package_of_another_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of a provider that only LangChain knows is named as well."""
    monkeypatch.setitem(sys.modules, "langchain_groq", None)

    error = refused("groq:llama-3.3-70b-versatile")

    assert "FOOTNOTE_CHAT_MODEL=groq:llama-3.3-70b-versatile needs a package that is not installed." == error.message
    assert "pip install 'langchain-groq'" in error.help


def test_another_provider_that_is_installed() -> None:
    """A provider that only LangChain knows is asked; if it cannot be set up, that is one sentence, and no trace of a library."""
    error = refused("azure_openai:gpt-5-mini")

    assert "FOOTNOTE_CHAT_MODEL=azure_openai:gpt-5-mini cannot be set up" in error.message


def test_a_missing_key() -> None:
    """A key that is not set is one sentence that names it, and where it may stand."""
    error = refused("openai:gpt-5-mini")

    assert error.message == "OPENAI_API_KEY is not set, which FOOTNOTE_CHAT_MODEL=openai:gpt-5-mini needs."
    assert "the environment or .env" in error.help


@pytest.mark.parametrize("key", ["sk one two", "sk-„quoted“", "sk-\x07"])
def test_a_key_that_is_none(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that no header can hold is told of before any call, without being shown."""
    monkeypatch.setenv("OPENAI_API_KEY", key)

    error = refused("openai:gpt-5-mini")

    assert "OPENAI_API_KEY does not look like a key" in error.message
    assert key not in str(error)


def test_openai(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's own address, our own retries, nothing that its thinking models refuse, little thought, and nothing kept there."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    model = openai(opened)

    assert ("gpt-5-mini", "https://api.openai.com/v1", 0) == (model.model_name, model.openai_api_base, model.max_retries)
    assert (None, False, "minimal", True) == (model.temperature, model.store, model.reasoning_effort, model.stream_usage)
    assert openai(opened, "openai:gpt-4o").reasoning_effort is None


def test_settings_file(opened: Open, tmp_path: Path) -> None:
    """Keys and addresses may stand in `.env`, with white space around them."""
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY=' {KEY} '\nOPENAI_BASE_URL=http://127.0.0.1:9/v1/\nOLLAMA_HOST=box:1234\n")

    model = openai(opened)

    assert isinstance(model.openai_api_key, type(load(ProviderSettings).openai_api_key))
    assert model.openai_api_key.get_secret_value() == KEY
    assert model.openai_api_base == "http://127.0.0.1:9/v1"
    assert ollama(opened).base_url == "http://box:1234"


def test_a_server_of_ones_own(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compatible server needs no key, gets no parameter that only OpenAI knows, and is asked by chat completions."""
    with ChatServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        server.script(text("OK."))
        model = opened("openai:o3-pro")  # which OpenAI itself wants asked by Responses

        pieces = model.stream([HumanMessage("?")], allowance=Allowance(5000), most=50, seconds=20, stopped=lambda: False)
        assert "OK." == "".join(pieces)

        body = server.requests[0].body
        assert {"model", "messages", "stream", "stream_options", "max_completion_tokens"} == set(body)


def test_models_that_think_get_room_for_it(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model thinks counts as output, so that it may write more than is shown, but not more than the answer may cost."""
    with ChatServer(lambda _: "OK.") as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for name, limit in (("gpt-5-mini", 6000), ("gpt-5-mini", 1000), ("gpt-4o", 6000)):
            model, messages = opened(f"openai:{name}"), [HumanMessage("x" * 350)]
            list(model.stream(messages, allowance=Allowance(limit), most=500, seconds=20, stopped=lambda: False))

        assert [2500, 900, 500] == [request.most for request in server.requests]


def test_ollama(opened: Open) -> None:
    """A model's name may have colons; it does not think or guess, and its context holds a whole answer and its passages."""
    model = ollama(opened, "ollama:llama3.2:3b", chat_answer_tokens=6000)

    assert ("llama3.2:3b", 0, False) == (model.model, model.temperature, model.reasoning)
    assert model.num_ctx == 8192
    assert ollama(opened, chat_answer_tokens=20_000).num_ctx == 26624


def test_case_and_space(opened: Open) -> None:
    """A provider may be written in capitals and with space around it; people see the name as they wrote it."""
    model = opened(" Ollama: llama3.2 ")

    assert model.name == "Ollama: llama3.2"
    assert isinstance(model.model, ChatOllama)
    assert model.model.model == "llama3.2"


def test_keys_are_never_shown(opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A key is in no repr, no log and no trace, also when the provider repeats it."""
    from chatapi.replies import error

    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ChatServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        server.script(error(401, message=f"Incorrect API key provided: {KEY}"))
        model = opened("openai:scripted")
        shown = repr(model.model) + repr(load(ProviderSettings))
        try:
            list(model.stream([HumanMessage("?")], allowance=Allowance(5000), most=50, seconds=20, stopped=lambda: False))
        except Exception:  # noqa: BLE001 - whatever it is, its trace is what matters
            shown += traceback.format_exc()

        assert f"Bearer {KEY}" == server.requests[0].headers["authorization"]
    assert "ChatFailure" in shown
    assert KEY not in shown
    assert KEY not in caplog.text
