"""What a person can set about the library, from the environment and a `.env` file in the working folder."""

import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # what it warns of at every reading, unread_lines tells once

ENV = ".env"
BUNDLED_MODEL = "all-MiniLM-L6-v2"
PREFIX = "FOOTNOTE_"
DEBUG = f"{PREFIX}DEBUG"  # read by the command line itself
TELEGRAM = f"{PREFIX}TELEGRAM_"  # how the names of the Telegram bot's own settings begin

EXPECTED = {  # by pydantic's kind of error, with what it says of it; our own errors bring their words
    "bool_parsing": "true or false is expected",
    "int_parsing": "a whole number is expected",
    "int_parsing_size": "a smaller number is expected",
    "int_from_float": "a whole number is expected",
    "float_parsing": "a number is expected",
    "greater_than_equal": "{ge:g} or more is expected",
    "less_than_equal": "{le:g} or less is expected",
    "literal_error": "{expected} is expected",
    "value_error": "{error}",
}

Read = TypeVar("Read", bound=BaseSettings)


def expanded(folder: object) -> object:
    """A folder with `~` read as the home folder, which a shell does not do in `.env` or behind `--data=`."""
    if isinstance(folder, str) and not folder.strip():
        message = "the folder has no name"
        raise ValueError(message)
    return os.path.expanduser(folder) if isinstance(folder, str | Path) else folder  # noqa: PTH111 - pathlib raises for an unknown user


def _address(text: object) -> object:
    """The address of a server; raises ValueError for anything else."""
    if isinstance(text, str) and not re.fullmatch(r"(https?://\S+)?", text):
        message = "an address that starts with http:// or https:// is expected"
        raise ValueError(message)
    return text


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that keep parts of the library: the vectors, and the catalogue with the conversations; none where empty."""

    chroma_url: str = field(default="", repr=False)  # as the other one
    chroma_token: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)  # it may hold a password


HERE = Servers()  # everything in the data folder


class Settings(BaseSettings):
    """Settings of the library, of finding and of the chat model: frozen, built once by the command line and passed down.

    `chat_timeout` is how many seconds the chat model may be silent; of tokens a day 0 is as many as it takes.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV, env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Annotated[Path, BeforeValidator(expanded)] = Field(default_factory=lambda: Path.home() / ".footnote")
    embedding_model: str = BUNDLED_MODEL
    rerank_model: str = ""
    chroma_url: Annotated[str, BeforeValidator(_address)] = ""
    chroma_token: SecretStr = SecretStr("")
    database_url: SecretStr = SecretStr("")
    allow_loopback: bool = False
    chat_model: str = ""
    chat_timeout: Annotated[float, Field(ge=1, le=3600)] = 90.0
    chat_answer_tokens: Annotated[int, Field(ge=1000)] = 8000
    chat_day_tokens: Annotated[int, Field(ge=0)] = 0
    unsupported: Literal["drop", "mark"] = "drop"

    @property
    def servers(self) -> Servers:
        """The servers that are named."""
        return Servers(self.chroma_url, self.chroma_token.get_secret_value(), self.database_url.get_secret_value())


def load_settings(**overrides: object) -> Settings:
    """Read the settings; what the command line gives wins over the environment, and that over `.env`."""
    return load(Settings, **overrides)


def load(kind: type[Read], **overrides: object) -> Read:
    """Read settings of one kind; raises SettingsError with a line for each that cannot be used."""
    check_env()
    try:
        values: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
        return kind(**values)
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix"))
        message = "\n".join(_described(prefix, each) for each in error.errors())
        raise SettingsError(message, help="See .env.example for what each setting takes.") from None


def check_env() -> None:
    """Raise SettingsError if `.env` is there and cannot be read; chromadb reads it too, as soon as it is imported."""
    try:
        if Path(ENV).is_file():
            Path(ENV).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The settings in .env cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}."
        raise SettingsError(message, help="Correct the file .env in this folder, or go to another folder.") from None


def _described(prefix: str, error: "ErrorDetails") -> str:
    """The name of a setting, its value unless that is private, and what is expected."""
    name = prefix + str(error["loc"][0]).upper()
    private = _is_private(name) or "@" in str(error["input"])  # before which a password may stand
    value = "a value that" if private else f"the value {error['input']!r}, which"
    known = EXPECTED.get(error["type"])
    expected = known.format_map(error.get("ctx", {})) if known else error["msg"]
    return f"The setting {name} has {value} cannot be used: {expected}."


def unread_lines() -> list[int]:
    """The numbers of the lines in `.env` that are no settings, for instance as the equals sign is missing."""
    with suppress(OSError, UnicodeDecodeError), Path(ENV).open(encoding="utf-8") as file:
        wrong = [each.original for each in parse_stream(file) if each.error or _is_blurred(each.key or "")]
        return [each.line + each.string[: -len(each.string.lstrip())].count("\n") for each in wrong]
    return []


def unknown_names(kind: type[BaseSettings] = Settings, *, others: str = TELEGRAM) -> list[str]:
    """The names in the environment and `.env` that begin like a setting but are none: mistyped, or of another version.

    Those that begin like the `others`, if such are named, are somebody else's to know.
    """
    names = set(EnvSettingsSource(kind).env_vars)
    with suppress(OSError, UnicodeDecodeError):  # load tells of it
        names |= set(DotEnvSettingsSource(kind).env_vars)
    prefix = str(kind.model_config.get("env_prefix"))
    known = {f"{prefix}{field}".upper() for field in kind.model_fields} | {DEBUG}
    found = {name for name in map(str.upper, names) if name.startswith(prefix) and name not in known and not _is_blurred(name)}
    return sorted(name for name in found if not (others and name.startswith(others)))


def _is_blurred(key: str) -> bool:
    """Whether a key holds a setting's name and more, which may be its private value: `FOOTNOTE_CHROMA_TOKEN:…`."""
    return any(name in key.upper() for name in (PREFIX, "TELEGRAM_")) and not key.isidentifier()


def _is_private(name: str) -> bool:
    """Whether a setting's value is not to be shown: it is a key, or an address that may hold one."""
    return name.endswith("_URL") or name == "OLLAMA_HOST" or not {"KEY", "TOKEN"}.isdisjoint(name.split("_"))
