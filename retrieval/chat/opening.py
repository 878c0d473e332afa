"""The chat model that the settings name, ready to be called, or one sentence that says what is missing."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from langchain_core.language_models import BaseChatModel

from retrieval.chat.budget import DayLedger
from retrieval.chat.calls import ChatModel
from retrieval.chat.providers import ALIASES, NO_KEY, PROVIDERS, Provider, ProviderSettings, with_little_thought
from retrieval.errors import SettingsError
from retrieval.settings import Settings, load

SETTING = "FOOTNOTE_CHAT_MODEL"
KNOWN = ", ".join(provider.example for provider in PROVIDERS.values())


def open_chat_model(settings: Settings) -> ChatModel | None:
    """The chat model that FOOTNOTE_CHAT_MODEL names, which is not called yet; None if it names none. Raises SettingsError."""
    name = settings.chat_model.strip()
    if not name:
        return None
    provider, colon, model = (part.strip() for part in name.partition(":"))
    if not (provider and colon and model):
        raise _unusable(name, "a provider and a model with a colon between them are expected")
    known = PROVIDERS.get(ALIASES.get(provider.lower(), provider.lower()))
    made = _known(name, model, known, settings) if known else _other(name, provider.lower(), model)
    ledger = DayLedger(settings.data_dir, settings.chat_day_tokens, database_url=settings.servers.database_url)
    return ChatModel(name, made, ledger=ledger)


def _known(name: str, model: str, provider: Provider, settings: Settings) -> BaseChatModel:
    own = load(ProviderSettings)
    _need(name, provider.package, f"footnote[{provider.extra}]")
    arguments = {**provider.arguments(own, settings), **_key(name, provider, own)}
    made = _make(name, model, provider.langchain, arguments)
    return with_little_thought(made, own) if provider.extra == "openai" else made


def _key(name: str, provider: Provider, own: ProviderSettings) -> Mapping[str, Any]:
    """The key as an argument; raises SettingsError if there must be one and is none."""
    if not provider.key:
        return {}
    key = getattr(own, provider.key.lower()).get_secret_value()
    if not key and provider.extra == "openai" and own.openai_base_url:
        key = NO_KEY
    if not key:
        message = f"{provider.key} is not set, which {SETTING}={name} needs."
        raise SettingsError(message, help="Put the key into the environment or .env.")
    if not key.isascii() or not key.isprintable() or " " in key:
        message = f"{provider.key} does not look like a key, which has no spaces and no special letters."
        raise SettingsError(message, help="Copy it anew.")
    return {"api_key": key}


def _other(name: str, provider: str, model: str) -> BaseChatModel:
    """A model by a provider that only LangChain knows; its package reads its own key from the environment."""
    try:
        return _make(name, model, provider, {})
    except ImportError as error:
        package = str(getattr(error.__cause__, "name", None) or error.name or provider).partition(".")[0].replace("_", "-")
        raise _missing(name, package) from None


def _make(name: str, model: str, provider: str, arguments: Mapping[str, Any]) -> BaseChatModel:
    """Have LangChain make the model; what a library says of it is not repeated, for it may hold a key."""
    from langchain.chat_models import init_chat_model

    try:
        made: BaseChatModel = init_chat_model(model, model_provider=provider, **arguments)
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001 - libraries check keys and names in ways of their own
        if isinstance(error, ValueError) and str(error).startswith("Unsupported provider"):
            raise _unusable(name, f"the provider {provider!r} is not known") from None
        message = f"The chat model of {SETTING}={name} cannot be set up ({type(error).__name__})."
        help = "Check its name, and that its provider's key is in the environment."  # noqa: A001 - as errors call it
        raise SettingsError(message, help=help) from None
    return made


def _need(name: str, module: str, package: str) -> None:
    try:
        import_module(module)
    except ImportError:
        raise _missing(name, package) from None


def _missing(name: str, package: str) -> SettingsError:
    message = f"{SETTING}={name} needs a package that is not installed."
    here = package.replace("footnote", ".", 1)
    editable = f" (from a checkout: pip install -e '{here}')" if here != package else ""
    return SettingsError(message, help=f"Run: pip install '{package}'{editable}.")


def _unusable(name: str, reason: str) -> SettingsError:
    message = f"The setting {SETTING} has the value {name!r}, which cannot be used: {reason}."
    return SettingsError(message, help=f"Such as {KNOWN}.")
