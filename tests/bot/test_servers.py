"""What the commands say of servers: which are in use, and what is wrong with them."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import Site
from support import HashEncoder, put
from typer.testing import Result

from bot.doors import Doors
from bot.wiring import check_folder
from retrieval import Library, LibraryError, Servers, Settings, postgres
from retrieval.library import served

Run = Callable[..., Result]
DOWN = "postgresql://ada:xyzzy@127.0.0.1:1/footnote"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are given less time."""
    monkeypatch.setattr(postgres, "RETRIES", (0.05,))
    monkeypatch.setattr(served, "RETRIES", (0.05,))


def test_status_names_the_servers(
    run: Run, chroma_server: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that has no folder yet may answer; what is told of the servers is where they are, and nothing else."""
    monkeypatch.setenv("FOOTNOTE_CHROMA_URL", chroma_server)
    monkeypatch.setenv("FOOTNOTE_DATABASE_URL", database_url.replace("postgres:@", "postgres:xyzzy@"))
    assert not (tmp_path / "library").exists()
    done, record = run("status"), json.loads(run("status", "--json").stdout)
    host = chroma_server.removeprefix("http://")
    assert f"\nServers    Chroma at {host}, Postgres at this machine\n" in done.stdout
    assert record["servers"] == {"chroma": host, "database": "this machine"}
    assert "xyzzy" not in done.output


def test_status_without_servers(run: Run, own_folder: Path) -> None:
    """Where everything is in the data folder, there is no line about servers."""
    assert "Servers" not in run("status").stdout
    assert json.loads(run("status", "--json").stdout)["servers"] == {"chroma": None, "database": None}


@pytest.mark.parametrize("command", [("status",), ("ask", "Why?"), ("articles",), ("search", "otters")])
@pytest.mark.parametrize("setting", ["FOOTNOTE_DATABASE_URL", "FOOTNOTE_CHROMA_URL"])
def test_a_server_that_is_down(
    run: Run, quick_library: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], setting: str
) -> None:
    """It is told in a sentence, without a traceback or a secret; what does not need it goes on."""
    monkeypatch.setenv(setting, DOWN if "DATABASE" in setting else "http://127.0.0.1:1")
    done = run(*command)
    if command[0] == "articles" and "CHROMA" in setting:
        assert done.exit_code == 0
        return
    assert done.exit_code == 1
    assert "127.0.0.1:1 " in done.stderr
    assert "Traceback" not in done.stderr
    assert "xyzzy" not in done.output
    assert len(done.stderr.strip().splitlines()) == 1


def test_articles_that_stay_behind_are_told_of(
    run: Run, own_folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names an empty Postgres server learns that the articles of the data folder are not on it."""
    told = f"those in {own_folder} are not on it. Take them there: footnote backup FILE"
    monkeypatch.setattr("retrieval.library.health.model.examine_model", lambda *_: [])
    monkeypatch.setenv("FOOTNOTE_DATABASE_URL", database_url)
    found = [each for each in json.loads(run("doctor", "--json").stdout)["findings"] if each["check"] == "Articles"]
    assert [(each["state"], told in f"{each['said']} {each['mend']}") for each in found] == [("warning", True)]
    for command, code in ((("ask", "Why?"), 1), (("articles",), 0), (("status", "--json"), 0)):
        done = run(*command)
        assert (done.exit_code, told in done.stderr) == (code, True)
    with Library(own_folder, HashEncoder(), Servers(database_url=database_url)) as library:
        put(library, "/a.md", "Otters returned to the weir.")
    assert told not in "".join(run(*command).output for command in (("articles",), ("status",), ("doctor",)))


def test_a_folder_is_needed_without_a_database(tmp_path: Path) -> None:
    """Where the catalogue is in the folder, one that is not there holds no library; a Chroma server changes nothing."""
    with pytest.raises(LibraryError, match="There is no library"):
        check_folder(Settings(data_dir=tmp_path / "none", chroma_url="http://127.0.0.1:1"))
    check_folder(Settings(data_dir=tmp_path / "none", database_url=DOWN))


def test_both_doors_follow_another_model(tmp_path: Path) -> None:
    """After a rebuild with another model a program that runs answers and changes with that one."""
    doors = Doors(Settings(data_dir=tmp_path, embedding_model="hash-32"))
    doors._encoder = HashEncoder()
    with Library(tmp_path, HashEncoder()) as library:
        put(library, "/a.md", "Otters returned to the weir.")
        library.catch_up()
    chain = doors.chain()
    with Library(tmp_path, Other("other-32")) as library:
        following = library.following_edition()
        put(following, "/a.md", "Otters returned to the weir.")
        following.catch_up()
        generation = library.catalogue.state().generation
        following.close()
        assert library.editions.switch(generation)
    assert doors.remove("/a.md")
    assert doors._encoder.name == "other-32"
    assert chain.retriever.find("otters").ranked == ()
    chain.retriever.library.close()


def test_a_wait_for_a_busy_site_ends_with_the_bot(tmp_path: Path) -> None:
    """Whoever stops does not wait until a site that is busy may be asked again."""
    doors, site = Doors(Settings(data_dir=tmp_path, embedding_model="hash-32", allow_loopback=True)), Site()
    doors._encoder = HashEncoder()
    site.answers["/page"] = (503, {"retry-after": "20"}, b"")
    begun = time.monotonic()
    try:
        report = doors.sync([site.url()], lambda _: None, lambda: bool(site.seen))
    finally:
        site.close()

    assert report.interrupted or report.failed
    assert time.monotonic() - begun < 10


class Other(HashEncoder):
    """Another model."""


def test_a_switch_between_finding_and_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question whose chunks are gone when it reads them, for all was edited meanwhile, is searched for once more."""
    doors = Doors(Settings(data_dir=tmp_path, embedding_model="hash-32"))
    doors._encoder = HashEncoder()
    with Library(tmp_path, HashEncoder()) as writer:
        put(writer, "/a.md", "Otters returned to the weir.")
        writer.catch_up()
        retriever = doors.chain().retriever
        searched, first = type(retriever)._searched, threading.Event()

        def edited(self: object, *arguments: object) -> object:
            found = searched(self, *arguments)  # type: ignore[arg-type]  # as it was called
            if not first.is_set():
                first.set()
                put(writer, "/a.md", "Otters were seen at the mill.")
                writer.catch_up(purge=True)
            return found

        monkeypatch.setattr(type(retriever), "_searched", edited)
        assert ["Otters were seen at the mill."] == [item.measured.chunk.text for item in retriever.find("otters").ranked]
        retriever.library.close()
