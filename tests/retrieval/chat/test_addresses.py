"""Where a provider's model is: the address that a person gives, or the provider's own, and nothing secret in it is told."""

from collections.abc import Callable

import pytest
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic_settings import BaseSettings

from retrieval.chat.calls import ChatModel
from retrieval.chat.providers import PROVIDERS, ProviderSettings
from retrieval.errors import SettingsError
from retrieval.settings import Settings, load

Open = Callable[..., ChatModel]
KEY = "sk-very-secret-0123456789"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", "localhost:8000"),
        ("OPENAI_BASE_URL", "ftp://localhost/v1"),
        ("OPENAI_BASE_URL", "http://localhost:port/v1"),
        ("OPENAI_BASE_URL", "https://"),
        ("OLLAMA_HOST", "ftp://localhost"),
        ("OLLAMA_HOST", "localhost:port"),
        ("OLLAMA_HOST", "http://"),
        ("OLLAMA_HOST", "[::1"),
    ],
)
def test_an_address_that_is_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad address is one sentence that names its setting and what is expected."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"The setting {name} has a value that cannot be used: .* expected"):
        load(ProviderSettings)


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_HOST"])
@pytest.mark.parametrize(
    "value", ["ftp://user:{}@box", "http://user:{}@box:port", "http://user:{}@box℀", "http://user:{}@[box", "ftp://box/?key={}"]
)
def test_a_secret_in_an_address(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password in an address that cannot be used is not told, nor that of one that can."""
    monkeypatch.setenv(name, value.format(KEY))
    with pytest.raises(SettingsError) as raised:
        load(ProviderSettings)
    monkeypatch.setenv(name, f"http://user:{KEY}@box:1234")

    assert "secret" not in f"{raised.value} {raised.value.help} {load(ProviderSettings)!r}"


class Bot(BaseSettings):
    """Settings with names that hold a secret, and one that only looks like it."""

    bot_token: int = 0
    api_key: int = 0
    day_tokens: int = 0


@pytest.mark.parametrize(("name", "shown"), [("BOT_TOKEN", False), ("API_KEY", False), ("DAY_TOKENS", True)])
def test_keys_that_are_none(name: str, shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - by its name
    """A key or token that cannot be used is not shown; what is counted in tokens is."""
    monkeypatch.setenv(name, KEY)
    with pytest.raises(SettingsError, match=name) as raised:
        load(Bot)

    assert shown is (KEY in str(raised.value))


def test_gateways_do_not_redirect(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain's gateway, set for other programs, changes neither the address nor the key."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("LANGSMITH_GATEWAY", "http://127.0.0.1:9/gateway")
    monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "lsv2_of_the_gateway")

    model = opened("openai:gpt-5-mini").model

    assert isinstance(model, ChatOpenAI)
    assert model.openai_api_base == "https://api.openai.com/v1"
    assert str(model.root_async_client.base_url) == "https://api.openai.com/v1/"
    assert model.root_async_client.api_key == KEY


def test_all_providers_are_given_an_address() -> None:
    """No provider's address is left to what else is set on the machine."""
    for provider in PROVIDERS.values():
        assert str(provider.arguments(ProviderSettings(), Settings())["base_url"]).startswith("http")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:1234", "http://box:1234"),
        (":1234", "http://127.0.0.1:1234"),
        ("10.0.0.7", "http://10.0.0.7:11434"),
        ("http://box", "http://box:80"),
        ("https://box/", "https://box:443"),
        ("https://box:8443/ollama/", "https://box:8443/ollama"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:1234", "http://[::1]:1234"),
    ],
)
def test_where_ollama_is(value: str, address: str, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """OLLAMA_HOST is read as Ollama reads it."""
    monkeypatch.setenv("OLLAMA_HOST", value)

    model = opened("ollama:llama3.2").model

    assert isinstance(model, ChatOllama)
    assert address == model.base_url
