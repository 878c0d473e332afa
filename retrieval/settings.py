"""What a person can set about the library, from the environment and a `.env` file in the working folder."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import SettingsError

BUNDLED_MODEL = "all-MiniLM-L6-v2"


class Settings(BaseSettings):
    """Settings of the library and of finding: frozen, built once by the command line and passed down."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=lambda: Path.home() / ".footnote")
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
