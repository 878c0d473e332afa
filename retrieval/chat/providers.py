"""The providers of chat models that are known by name: their package, their keys, and how a model of theirs is made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.settings import Settings

OPENAI_ADDRESS = "https://api.openai.com/v1"
ANTHROPIC_ADDRESS = "https://api.anthropic.com"
GOOGLE_ADDRESS = "https://generativelanguage.googleapis.com"
OLLAMA_PORTS = {"http": 80, "https": 443}
OLLAMA_PORT = 11434
NO_KEY = "no-key-is-needed"  # for a server of one's own, which does not look at it
LONGER_SECONDS = 10.0  # than ours are the deadlines of a provider's library, if it needs one
CONTEXT_SHARE = 1.25  # tokens are estimated, and what does not fit into Ollama's context is lost without a word
CONTEXT_STEP = 2048


def _address(text: object) -> object:
    """A web address without a slash at its end; raises ValueError for anything else."""
    if isinstance(text, str):
        if text.strip() and not _is_web(text.strip()):
            message = "an address that starts with http:// or https:// is expected"
            raise ValueError(message)
        return text.strip().rstrip("/")
    return text


def _ollama_address(text: object) -> object:
    """Where Ollama's own programs look: a host, a port or both may be left out."""
    if not isinstance(text, str) or not text.strip():
        return ""
    scheme, _, rest = text.strip().rpartition("://")
    host = re.sub(r"^(?=:\d+$)", "127.0.0.1", rest)
    address = f"{scheme or 'http'}://{host}"
    if not _is_web(address):
        message = "a host and a port are expected, such as http://127.0.0.1:11434"
        raise ValueError(message)
    port = urlsplit(address).port or OLLAMA_PORTS.get(scheme, OLLAMA_PORT)
    parts = urlsplit(address)
    where = parts.netloc if parts.port else f"{parts.netloc.rstrip(':')}:{port}"
    return f"{parts.scheme}://{where}{parts.path}".rstrip("/")


def _is_web(address: str) -> bool:
    """Whether it is a web address; what Python says of one that is none is not told, for it repeats a password in it."""
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _key(key: SecretStr) -> SecretStr:
    return SecretStr(key.get_secret_value().strip())


Key = Annotated[SecretStr, AfterValidator(_key)]
Address = Annotated[str, BeforeValidator(_address), Field(repr=False)]  # which may hold a password


class ProviderSettings(BaseSettings):
    """What the providers' own programs read, too; from the environment and `.env`."""

    model_config = SettingsConfigDict(env_prefix="", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore")

    openai_api_key: Key = SecretStr("")
    openai_base_url: Address = ""
    anthropic_api_key: Key = SecretStr("")
    anthropic_base_url: Address = ""
    google_api_key: Key = Field(default=SecretStr(""), validation_alias=AliasChoices("GOOGLE_API_KEY", "GEMINI_API_KEY"))
    ollama_host: Annotated[str, BeforeValidator(_ollama_address), Field(repr=False)] = ""


Arguments = Callable[[ProviderSettings, Settings], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: what LangChain calls it, the extra and package that bring it, the setting of its key, and an example.

    Addresses are always given, or LangChain's gateway could send questions and articles elsewhere.
    """

    langchain: str
    extra: str
    package: str
    key: str
    example: str
    arguments: Arguments


def _openai(own: ProviderSettings, settings: Settings) -> Mapping[str, Any]:
    """Another address is that of a server which speaks OpenAI's chat completions, and keeps no answers."""
    theirs = {"base_url": own.openai_base_url, "use_responses_api": False} if own.openai_base_url else {}
    return {
        "base_url": OPENAI_ADDRESS,
        "store": None if theirs else False,
        "max_retries": 0,
        "timeout": settings.chat_timeout + LONGER_SECONDS,
        "stream_chunk_timeout": None,
        "stream_usage": True,
        **theirs,
    }


def _anthropic(own: ProviderSettings, settings: Settings) -> Mapping[str, Any]:
    return {
        "base_url": own.anthropic_base_url or ANTHROPIC_ADDRESS,
        "max_retries": 0,
        "timeout": settings.chat_timeout + LONGER_SECONDS,
    }


def _google(_: ProviderSettings, __: Settings) -> Mapping[str, Any]:
    """One attempt is 1 here, and 0 is as many as Google likes."""
    return {"base_url": GOOGLE_ADDRESS, "max_retries": 1, "vertexai": False}


def _ollama(own: ProviderSettings, settings: Settings) -> Mapping[str, Any]:
    """Not thinking, for which a small model would use up its answer; `num_ctx` holds a prompt and its answer."""
    needed = settings.chat_answer_tokens * CONTEXT_SHARE
    return {
        "base_url": own.ollama_host or f"http://127.0.0.1:{OLLAMA_PORT}",
        "temperature": 0,
        "reasoning": False,
        "num_ctx": -int(-needed // CONTEXT_STEP) * CONTEXT_STEP,
    }


PROVIDERS = {
    "openai": Provider("openai", "openai", "langchain_openai", "OPENAI_API_KEY", "openai:gpt-5-mini", _openai),
    "anthropic": Provider(
        "anthropic", "anthropic", "langchain_anthropic", "ANTHROPIC_API_KEY", "anthropic:claude-haiku-4-5", _anthropic
    ),
    "google": Provider("google_genai", "google", "langchain_google_genai", "GOOGLE_API_KEY", "google:gemini-2.5-flash", _google),
    "ollama": Provider("ollama", "ollama", "langchain_ollama", "", "ollama:llama3.2", _ollama),
}
ALIASES = {"google_genai": "google"}


def with_little_thought(model: BaseChatModel, own: ProviderSettings) -> BaseChatModel:
    """One of OpenAI's own models that think, told to do as little of it as it can: its thoughts use up the room of its answer."""
    levels = (getattr(model, "profile", None) or {}).get("reasoning_effort_levels")
    if own.openai_base_url or not levels:
        return model
    return model.model_copy(update={"reasoning_effort": levels[0]})
