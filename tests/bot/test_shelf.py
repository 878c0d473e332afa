"""`footnote articles`, `remove` and `status`: what lies in the library, without its model."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from bot.listing import named
from retrieval import Encoder

Run = Callable[..., Result]
ARTICLES = Path(__file__).parents[1] / "articles"


@pytest.fixture(autouse=True)
def _no_model(library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the model fails from here on."""
    assert library_folder.exists()
    monkeypatch.setattr(Encoder, "model", property(lambda _: pytest.fail("The model was loaded.")))


def test_articles_are_listed_and_filtered(run: Run, library_folder: Path) -> None:
    """The list shows title, site, date, language, chunks and source; a filter looks at title, author, site and source."""
    done = run("articles", "LENN VALLEY", "--data", library_folder)

    assert (0, "1 of 10 articles") == (done.exit_code, done.stdout.splitlines()[-1])
    assert "Lenn Valley Naturalist · 2025-02-18 · en · 3 chunks" in done.stdout
    assert str(ARTICLES / "river-otter-census.md") in done.stdout


def test_articles_as_json(run: Run, library_folder: Path) -> None:
    """The JSON list holds every article; a filter that fits none gives an empty list."""
    every = json.loads(run("articles", "--json", "--data", library_folder).stdout)

    assert len(every) == 10
    assert {"source", "title", "author", "site", "date", "language", "link", "added", "characters", "chunks"} == set(every[0])
    assert json.loads(run("articles", "no such words", "--json", "--data", library_folder).stdout) == []


def test_empty_library_is_listed(run: Run, tmp_path: Path) -> None:
    """A library without articles is no error to list."""
    (tmp_path / "library").mkdir()

    done = run("articles")

    assert (0, "The library has no articles yet. Add some: footnote ingest FOLDER\n") == (done.exit_code, done.stdout)


def test_remove_takes_a_path_and_then_a_folder(run: Run, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path removes its article, a folder all below it, and the three stores still agree."""
    assert own_folder.exists()
    monkeypatch.chdir(ARTICLES)

    one = run("remove", "seed-library.txt")
    rest = json.loads(run("remove", ".", "--json").stdout)

    assert (0, f"removed: {ARTICLES / 'seed-library.txt'}\n") == (one.exit_code, one.stdout)
    assert (9, []) == (len(rest["removed"]), rest["unknown"])
    assert run("status").exit_code == 0
    assert "has no articles yet" in run("ask", "Why?").stderr


def test_remove_of_the_unknown_fails_but_does_the_rest(run: Run, own_folder: Path) -> None:
    """An unknown source is one line and exit code 1; the known ones beside it are removed."""
    done = run("remove", ARTICLES / "seed-library.txt", "https://nowhere.example/", "--data", own_folder)

    assert done.exit_code == 1
    assert "removed: " in done.stdout
    assert "footnote: There is no article https://nowhere.example/ in the library. List them: footnote articles\n" == done.stderr


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("https://Site.example/feed", {"https://site.example/feed#one", "https://site.example/feed#two"}),
        ("https://site.example/feed#one", {"https://site.example/feed#one"}),
        ("https://site.example/feed#three", set()),
        ("https://site.example/", set()),
        ("https://site.example/page", {"https://site.example/page"}),
        ("/a", {"/a/one.txt", "/a/feed.xml#one"}),
        ("/a/feed.xml", {"/a/feed.xml#one"}),
    ],
)
def test_feeds_and_folders_name_what_they_hold(source: str, meant: set[str]) -> None:
    """A feed names its entries and a folder its files; an entry names itself only, and an address is no folder."""
    web = (
        "https://site.example/feed#one",
        "https://site.example/feed#two",
        "https://site.example/feeds",
        "https://site.example/page",
    )

    assert meant == set(named(source, [*web, "/a/one.txt", "/a/feed.xml#one", "/ab.txt"]))


def test_folder_with_a_similar_name_is_not_meant(run: Run, own_folder: Path) -> None:
    """A folder's name is no prefix of another's."""
    done = run("remove", str(ARTICLES)[:-1], "--data", own_folder)

    assert (1, "") == (done.exit_code, done.stdout)


def test_status_tells_counts_model_and_place(run: Run, library_folder: Path) -> None:
    """The status names what is there, where, and that it is in order."""
    done = run("status", "--data", library_folder)

    assert done.exit_code == 0
    for words in ("Articles   10", "all-MiniLM-L6-v2, 384 dimensions", str(library_folder), "In order   yes", "kB"):
        assert words in done.stdout


def test_status_as_json(run: Run, library_folder: Path) -> None:
    """The JSON status has counts, model, folder and sizes."""
    status = json.loads(run("status", "--json", "--data", library_folder).stdout)

    assert status["chunks"] == status["vectors"] == status["keywords"] > 10
    assert (True, 10, 384) == (status["agree"], status["articles"], status["model"]["dimension"])
    assert all(size > 0 for size in status["bytes"].values())


def test_status_of_a_damaged_library_fails(run: Run, own_folder: Path) -> None:
    """When a store is gone, the status says so with exit code 1."""
    shutil.rmtree(own_folder / "keywords")

    done = run("status")

    assert done.exit_code == 1
    assert "In order   no: the three stores differ." in done.stdout
