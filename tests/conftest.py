"""A small real library, ingested once from the articles beside this file."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from hypothesis import HealthCheck, settings

from retrieval import Encoder, Library, Servers

# The many processes that tests start would each compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine makes no promise untrue.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Files whose tests take long together: begun last, one of them would keep a worker busy while the other has nothing to do.
LONGEST = ("test_checks.py", "test_chat_settings.py", "test_process_stop.py", "test_process_kill.py", "test_readme.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled embedding model, loaded once."""
    return Encoder()


@pytest.fixture(scope="session")
def library_folder(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library of all test articles; to be read only, by whatever opens it itself."""
    from ingest.fetch import Fetcher
    from ingest.sync import sync_sources

    folder = tmp_path_factory.mktemp("library")
    articles = Path(__file__).parent / "articles"
    with Library(folder, encoder) as library, Fetcher() as fetcher:
        report = sync_sources([str(articles)], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)
    assert not report.failed
    return folder


@pytest.fixture(scope="session")
def library(encoder: Encoder, library_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An open library of all test articles; to be read only."""
    folder = tmp_path_factory.mktemp("open") / "library"
    shutil.copytree(library_folder, folder)
    with Library(folder, encoder) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real Postgres server; its folder is not pytest's, which is closed to the user that it runs as."""
    with tempfile.TemporaryDirectory() as folder, servers.postgres(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Chroma server."""
    with servers.chroma(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty database on the Postgres server."""
    with servers.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["folder", "servers"])
def places(request: pytest.FixtureRequest) -> Servers:
    """Where the stores are: all in the data folder, or the vectors on a Chroma server and the catalogue on a Postgres one."""
    if request.param == "folder":
        return Servers()
    return Servers(request.getfixturevalue("chroma_server"), "", request.getfixturevalue("database_url"))
