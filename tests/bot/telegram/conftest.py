"""The bot, its server and its people."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botapi.process import Bot
from botapi.records import Chat, Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.site import Site
from support import HashEncoder

from ingest.fetch import Fetcher
from ingest.sync import sync_sources
from retrieval import Encoder, Library

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")


@pytest.fixture(autouse=True)
def soon_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may still arrive is not waited for as long as with Telegram; the strict server acts at once."""
    monkeypatch.setattr("bot.telegram.courier.UNSURE_PAUSE", 0.05)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no bot say that it is slow; tests of that say after how long."""
    for module in ("dispatcher", "previews"):
        monkeypatch.setattr(f"bot.telegram.{module}.PATIENCE", 60.0)


@pytest.fixture
def api() -> Iterator[BotApi]:
    """The server that stands in for Telegram's."""
    with BotApi() as server:
        yield server


@pytest.fixture
def chat(api: BotApi) -> Chat:
    """Ada's private chat with the bot."""
    return api.private(ADA)


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


@pytest.fixture
def empty(api: BotApi, encoder: Encoder, tmp_path: Path) -> Running:
    """A bot without articles."""
    return Running(api, tmp_path / "empty", encoder)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with a feed, while it is up."""
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.go.set()
        server.shutdown()


@pytest.fixture
def bring(data: Path, encoder: Encoder) -> Callable[[Path], None]:
    """Bring the articles of a folder into the library in the data folder, and take out those that are not there any more."""

    def run(folder: Path) -> None:
        with Library(data, encoder) as library, Fetcher() as fetcher:
            sync_sources([str(folder)], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)
            for record in library.articles():
                if Path(record.source).is_relative_to(folder) and not Path(record.source).exists():
                    library.remove(record.source)

    return run


@pytest.fixture(scope="session")
def hash_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library of all test articles, with hash vectors; to be copied."""
    folder = tmp_path_factory.mktemp("hashed")
    with Library(folder, HashEncoder()) as library, Fetcher() as fetcher:
        articles = str(Path(__file__).parents[2] / "articles")
        report = sync_sources([articles], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)
    assert not report.failed
    return folder


@pytest.fixture
def hashed(hash_library: Path, tmp_path: Path) -> Path:
    """A data folder for the quick bot."""
    return Path(shutil.copytree(hash_library, tmp_path / "hashed"))


@pytest.fixture
def process(api: BotApi, hashed: Path) -> Callable[..., Bot]:
    """Make a process of the quick bot, as often as one likes on the same data folder."""
    return lambda **settings: Bot(api, settings.pop("folder", hashed), **settings)
