"""The bot, its server and its people."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi

from retrieval import Encoder

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")


@pytest.fixture
def api() -> Iterator[BotApi]:
    """The server that stands in for Telegram's."""
    with BotApi() as server:
        yield server


@pytest.fixture
def data(library_folder: Path, tmp_path: Path) -> Path:
    """A data folder with a library of all test articles, that a test may change."""
    folder = tmp_path / "data"
    shutil.copytree(library_folder, folder)
    return folder


@pytest.fixture
def start(api: BotApi, data: Path, encoder: Encoder) -> Callable[..., Running]:
    """Make a bot on the data folder; everyone may use it unless `access="paired"` is said."""
    return lambda **settings: Running(api, data, encoder, **{"access": "open", **settings})
