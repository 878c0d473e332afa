"""Files that were made to loop, to fill the memory or to reach outside are read in bounds, or are one line of the report."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bombs import BOMBS, PROSE, word
from support import open_library
from traps import FEEDS, feed

from ingest import feeds, kinds
from ingest.apart import Apart
from ingest.documents import Document
from ingest.fetch import Fetcher
from ingest.readers import read
from ingest.readers.archive import open_archive
from ingest.sync import sync_sources
from retrieval.errors import SourceError

SECONDS = 30.0  # on a busy machine; each takes a moment
# tests/figures/hostile.py reads these, too: they take as long as they may, or long to build.
LONG = {
    *("listed.docx", "paragraphs.docx", "empty.docx", "cells.docx", "markup.docx", "ratio.docx", "attributes.docx"),
    *(
        "hidden.epub",
        "paragraphs.epub",
        "copies.epub",
        "flate.pdf",
        "flates.pdf",
        "operators.pdf",
        "heavy-pages.pdf",
        "forms.pdf",
    ),
    *("form.pdf", "attributes.html", "paragraphs.html", "angles.html", "blank.html", "numbers.html", "bytes.txt", "wide.txt"),
    *("tags.html", "bold.html", "comments.html", "metas.html", "titles.html", "members.docx", "chapters.epub"),
}


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    """One process for all of them."""
    opened = Apart()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def used(apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers use it."""
    monkeypatch.setattr("ingest.readers.APART", apart)


@pytest.mark.parametrize("name", sorted(BOMBS.keys() - LONG))
def test_bomb(name: str) -> None:
    """It becomes an article without anything from outside, or a sentence that says why not, within the time."""
    data, text = BOMBS[name](), ""
    begun = time.monotonic()
    with contextlib.suppress(SourceError):
        text = read(Document(f"/{name}", kinds.from_name(name), data)).text

    assert "root:" not in text
    assert text.count("ha ha") < 10  # what an entity stands for, a thousand times
    assert time.monotonic() - begun < SECONDS


@pytest.mark.parametrize(
    ("name", "reason"), [("locked.docx", "protected by a password"), ("boasting.docx", "unpacks to 4096 MB")]
)
def test_archive_says_why(name: str, reason: str) -> None:
    """An archive that is not opened says why."""
    with pytest.raises(SourceError, match=reason):
        read(Document("/a.docx", kinds.WORD, BOMBS[name]()))


def test_archive_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of very many files is not opened."""
    many = word("", extra={f"word/{number}.xml": "" for number in range(20)})
    monkeypatch.setattr("ingest.readers.archive.MAX_MEMBERS", 20)

    with pytest.raises(SourceError, match="made of 23 files"), open_archive(many, "a Word file"):
        pass


def test_others_go_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a file that ends its reader, one that is too large and one that is damaged, the good ones go in."""
    small = Apart(megabytes=500)
    monkeypatch.setattr("ingest.readers.APART", small)
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("circle.pdf", "form.pdf", "boasting.docx"):
        (folder / name).write_bytes(BOMBS[name]())
    for name in ("a.docx", "z.docx"):
        (folder / name).write_bytes(word(f"<w:p><w:r><w:t>{name}: {PROSE}</w:t></w:r></w:p>"))

    with open_library(tmp_path / "library") as library, Fetcher() as fetcher:
        report = sync_sources([str(folder)], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)
    small.close()

    assert sorted(Path(source).name for source in report.added) == ["a.docx", "z.docx"]
    assert {Path(each.source).name: each.reason.partition(" ")[0] for each in report.failed} == {
        "circle.pdf": "It",
        "form.pdf": "Reading",
        "boasting.docx": "It",
    }


@pytest.mark.parametrize("name", ["attributes.xml", "laughs.xml", "outside.xml"])
def test_feed(name: str, apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that keeps its parser busy is a failure, and nothing comes from outside of one."""
    apart.ask("entries", {"source": "/feed.xml", "address": "", "charset": ""}, feed("<item><title>Late</title></item>"))
    monkeypatch.setattr(apart, "_seconds", 0.5 if name == "attributes.xml" else 60)
    monkeypatch.setattr("ingest.feeds.APART", apart)

    found = repr(list(feeds.entries(FEEDS[name](), source="/feed.xml")))

    assert ("longer than 0.5 seconds" in found) == (name == "attributes.xml")
    assert "root:" not in found
    assert found.count("ha ha") < 10
