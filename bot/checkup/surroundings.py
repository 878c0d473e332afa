"""Whether the settings can be read, are all known, and hold their secrets where nobody else reads them."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic_settings import DotEnvSettingsSource

from bot.telegram.settings import TelegramSettings, unknown_telegram_names
from retrieval import Settings
from retrieval.library.health import Finding, Level
from retrieval.settings import load, unknown_names

SETTINGS = "Settings"
ENV = Path(".env")
_SECRET = ("KEY", "TOKEN", "PASSWORD", "SECRET")  # words in the names of settings that hold one
_SECRETS = ("FOOTNOTE_DATABASE_URL",)  # and those that may


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """Look at settings that could be read, and at the file that they are from."""
    names = sorted({*unknown_names(), *unknown_telegram_names()})
    for name in names:
        yield Finding(SETTINGS, Level.WARNING, f"{name} is set but is no setting of this version.", f"unset {name}  # or in .env")
    load(TelegramSettings)
    readable = _readable_secrets()
    if readable:
        said = f"Every user of this machine may read {', '.join(readable)} in {ENV.absolute()}."
        yield Finding(SETTINGS, Level.WARNING, said, f"chmod 600 {ENV}")
    if not names and not readable:
        yield Finding(SETTINGS, Level.OK, f"can be used; the library is {settings.data_dir}")


def _readable_secrets() -> list[str]:
    """The names of secrets in `.env`, if others may read it."""
    with suppress(OSError, UnicodeDecodeError):
        if ENV.stat().st_mode & stat.S_IROTH:
            held = DotEnvSettingsSource(Settings).env_vars
            return sorted(name.upper() for name, value in held.items() if value and _is_secret(name.upper()))
    return []


def _is_secret(name: str) -> bool:
    return name in _SECRETS or not set(_SECRET).isdisjoint(name.split("_"))
