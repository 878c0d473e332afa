"""Articles and feeds that were made to break an ingest cost one line of its report, and nothing else."""

import contextlib
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import open_library

from ingest import feeds, kinds
from ingest.chunking import chunk_article
from ingest.documents import Document, Failure, Location
from ingest.fetch import Fetcher
from ingest.readers import read
from ingest.sync import Report, sync_sources
from retrieval import chunk_input
from retrieval.errors import ModelError, SourceError

FEED = '<rss version="2.0"><channel><title>Quay{}</title><item><title>Late{}</title><link>http://a.example/{}</link></item></channel></rss>'
STARTS = [
    b"",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"<html><p>",
    b"---\ntitle: ",
    b'---\nauthor: "\\ud800',
    b"<?xml version='1.0'?>",
    kinds.OLE,
]
KINDS = [kinds.TEXT, kinds.MARKDOWN, kinds.HTML, kinds.FEED_ENTRY, kinds.PDF, kinds.WORD, kinds.EPUB, ""]


def run(folder: Path, library: Path) -> Report:
    """Ingest a folder."""
    with open_library(library) as opened, Fetcher() as fetcher:
        return sync_sources([str(folder)], library=opened, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)


@settings(max_examples=80, deadline=None)
@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    start=st.sampled_from(STARTS),
    media_type=st.sampled_from(KINDS),
)
@example(data=b'y"\n---\nText', start=b'---\nauthor: "x\\ud800', media_type=kinds.MARKDOWN)
@example(data=b'y"\n---\nText', start=b'---\ntitle: "x\\0', media_type=kinds.MARKDOWN)
def test_any_bytes(data: bytes, start: bytes, media_type: str) -> None:
    """Whatever the bytes are, they become an article whose every word can be stored and embedded, or a SourceError."""
    found = None
    with contextlib.suppress(SourceError):
        found = read(Document(source="/a", media_type=media_type, data=start + data))
    if found is None:
        return
    assert found.text.strip()
    assert found.title
    inputs = [astuple(chunk_input(found, chunk)) for chunk in chunk_article(found)]
    words = "".join(str(value) for value in (*astuple(found), *inputs))
    assert words.encode("utf-8") is not None
    assert "\0" not in "".join(astuple(found))


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(*[st.text(max_size=20) | st.sampled_from(["&#xD800;", "&#0;", "&#x110000;", "&#99999999999;", "[", "\ud800"])] * 3)
)
@example(("&#xD800;",) * 3)
@example(("&#x110000;", "", ""))
@example(("", "", "&#99999999999;"))
def test_any_feed(parts: tuple[str, str, str]) -> None:
    """Whatever a feed holds, it becomes locations that can be stored, or failures."""
    found = list(feeds.entries(FEED.format(*parts).encode("utf-8", "surrogatepass"), source="/feed.xml"))

    assert found
    for each in found:
        assert repr(each).isprintable()
        assert "".join(str(value) for value in astuple(each)).encode("utf-8") is not None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_feed_of_any_bytes(data: bytes) -> None:
    """Bytes that begin like a feed are read as one without an exception."""
    assert list(feeds.entries(b"<rss><channel><item>" + data, source="/feed.xml"))


def test_numberless_entries_are_capped() -> None:
    """Of a feed with very many entries the first 500 are read, and one line says that the rest is left out."""
    items = "".join(f"<item><link>http://a.example/{number}</link></item>" for number in range(501))

    found = list(feeds.entries(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), source="/feed.xml"))

    assert sum(isinstance(each, Location) for each in found) == 500
    assert ["/feed.xml"] == [each.source for each in found if isinstance(each, Failure)]


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw-unicode-escape", "utf-7", "punycode", "idna", "rot13", "hex", "undefined"]
)
def test_charset_that_is_none(charset: str) -> None:
    """An encoding that no page is in is not used, whoever claims it."""
    data = b"The caf\xe9 \\ud800 \\u0041 +AGE- is open again, said the man who sweeps the quay every morning."

    assert "café \\ud800 \\u0041 +AGE-" in read(Document("/a.txt", kinds.TEXT, data, charset=charset)).text


@pytest.mark.parametrize("name", ["load", "read", "chunk_article", "chunk_input"])
def test_unforeseen_failure_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An exception that nobody has foreseen costs one article, not the ingest."""
    monkeypatch.setattr(f"ingest.plan.{name}", lambda *_, **__: 1 / 0)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("The ferry was late.")

    (failure,) = run(tmp_path / "articles", tmp_path / "library").failed

    assert failure.reason == "Reading it failed in an unforeseen way (ZeroDivisionError)."


def test_unforeseen_title_is_a_source_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong behind the reader is a SourceError, too."""
    monkeypatch.setattr("ingest.readers.choose_title", lambda **_: 1 / 0)

    with pytest.raises(SourceError, match="ZeroDivisionError"):
        read(Document("/a.txt", kinds.TEXT, b"The ferry was late."))


def test_trouble_with_the_model_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be had is no failure of an article."""

    def refuse(*_: object) -> None:
        message = "No model."
        raise ModelError(message)

    monkeypatch.setattr("ingest.plan.chunk_input", refuse)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("The ferry was late.")

    with pytest.raises(ModelError):
        run(tmp_path / "articles", tmp_path / "library")


def test_hostile_articles_cost_a_line_each(tmp_path: Path) -> None:
    """Beside hostile files the good one goes in."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.md").write_text('---\nauthor: "x\\ud800y"\n---\nThe ferry was late.')
    (folder / "feed.xml").write_text(FEED.format("", "&#x110000;", ""))
    (folder / "z.md").write_text("The choir sang on the bus.")

    report = run(folder, tmp_path / "library")

    assert ["a.md", "z.md"] == [Path(source).name for source in report.added]
    assert ["feed.xml"] == [Path(failure.source).name for failure in report.failed]
