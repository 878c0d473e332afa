"""What a person can set about the library, from the environment and a `.env` file in the working folder."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import SettingsError

BUNDLED_MODEL = "all-MiniLM-L6-v2"


def expanded(folder: object) -> object:
    """A folder with `~` read as the home folder, which a shell does but `.env` does not."""
    return os.path.expanduser(folder) if isinstance(folder, str) else folder  # noqa: PTH111 - pathlib raises for an unknown user


class Settings(BaseSettings):
    """Settings of the library and of finding: frozen, built once by the command line and passed down."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Annotated[Path, BeforeValidator(expanded)] = Field(default_factory=lambda: Path.home() / ".footnote")
    embedding_model: str = BUNDLED_MODEL
    rerank_model: str = ""
    allow_loopback: bool = False


def load_settings(**overrides: object) -> Settings:
    """Read the settings; what the command line gives wins over the environment, and that over `.env`.

    Raises SettingsError with the name, the value and what was expected.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "FOOTNOTE_" + str(first["loc"][0]).upper()
        message = f"The setting {name} has the value {first['input']!r}, which cannot be used: {first['msg']}."
        raise SettingsError(message, help="See .env.example for what each setting takes.") from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"The settings in .env cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}."
        raise SettingsError(message, help="Correct the file .env in this folder, or go to another folder.") from None
