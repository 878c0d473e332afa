"""What a person can set about the Telegram bot, from the environment and a `.env` file in the working folder."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval import SettingsError
from retrieval.settings import TELEGRAM, load, unknown_names

TOKEN_NAME = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - its name
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


def _address(text: object) -> object:
    """A web address without a slash at its end; raises ValueError for anything else."""
    if isinstance(text, str):
        parts = urlsplit(text.strip())
        if text.strip() and not (parts.scheme in {"http", "https"} and parts.hostname):
            message = "an address that starts with http:// or https:// is expected"
            raise ValueError(message)
        return text.strip().rstrip("/")
    return text


def _listening(text: object) -> object:
    """A host and a port with a colon between them."""
    if isinstance(text, str) and not re.fullmatch(r"[^\s:]+:\d{1,5}", text.strip()):
        message = "a host and a port are expected, such as 127.0.0.1:8443"
        raise ValueError(message)
    return text


Address = Annotated[str, BeforeValidator(_address)]


class TelegramSettings(BaseSettings):
    """Settings of the Telegram bot: frozen, built once by the command line and passed down; times in seconds."""

    model_config = SettingsConfigDict(env_prefix=TELEGRAM, env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore")

    token: SecretStr = Field(default=SecretStr(""), validation_alias=TOKEN_NAME)
    api: Address = "https://api.telegram.org"
    access: Literal["paired", "open"] = "paired"
    streaming: bool = True
    rate: Annotated[int, Field(ge=1)] = 20
    watchdog: Annotated[float, Field(ge=2)] = 180.0  # a poll takes a second at least
    webhook: Address = ""
    listen: Annotated[str, BeforeValidator(_listening)] = "127.0.0.1:8443"


def load_telegram_settings() -> TelegramSettings:
    """Read the settings; raises SettingsError, which never shows the token."""
    settings = load(TelegramSettings)
    token = settings.token.get_secret_value()
    if not token:
        message = f"{TOKEN_NAME} is not set."
        raise SettingsError(
            message, help="Ask @BotFather in Telegram for a new bot, and put its token into the environment or .env."
        )
    if not _TOKEN.fullmatch(token):
        message = f"{TOKEN_NAME} does not look like a token, which is digits, a colon and letters."
        raise SettingsError(message, help="Copy it anew from @BotFather.")
    return settings


def unknown_telegram_names() -> list[str]:
    """The names that begin like a setting of the bot but are none."""
    return unknown_names(TelegramSettings, others="")
