"""What sources are listed as, and how they are opened."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fetching import FakeFetcher

from ingest.documents import Document, Failure, Feed, Location, Skipped
from ingest.readers import read
from ingest.sources import identity, load, locate
from retrieval.errors import SourceError

if TYPE_CHECKING:
    from ingest.fetch import Fetcher

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Quay &amp; Ferry</title><link>https://quay.example/</link>
<item><title>Late &lt;b&gt;again&lt;/b&gt;</title><link>/late#top</link><pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate>
<description>Short.</description><content:encoded>&lt;p&gt;The ferry was late.&lt;/p&gt;</content:encoded></item>
<item><title>Note</title><guid isPermaLink="false">n1</guid><description>A note without a link.</description></item>
<item><title>Nothing</title><guid isPermaLink="false">n2</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title><entry><title>Late</title><id>1</id>
<link href="https://quay.example/late"/><updated>2024-05-06T08:00:00Z</updated></entry></feed>"""


def listing(sources: Sequence[str | Path], fetcher: FakeFetcher | None = None) -> list[Location | Failure | Skipped]:
    """List the sources without the feeds themselves."""
    found = locate([str(each) for each in sources], fetcher=cast("Fetcher", fetcher or FakeFetcher()))
    return [each for each in found if not isinstance(each, Feed)]


def opened(location: Location | Failure | Skipped, fetcher: FakeFetcher | None = None) -> Document:
    """Open a location."""
    assert isinstance(location, Location)
    document = load(location, fetcher=cast("Fetcher", fetcher or FakeFetcher()))
    assert document is not None
    return document


def write(path: Path, text: str = "The ferry was late.") -> str:
    """Write a file with its folders and return its identity."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return os.path.realpath(path)


def test_folder(tmp_path: Path) -> None:
    """A folder is walked in order, hidden files are left alone, and files that are no article are skipped."""
    names = ["b.md", "a.txt", "sub/c.html", ".git/d.md", ".hidden.md", "~$open.docx", "picture.png", "data.xml"]
    paths = {name: write(tmp_path / name) for name in names}

    assert listing([tmp_path]) == [
        Location(paths["a.txt"]),
        Location(paths["b.md"]),
        Skipped(paths["data.xml"]),
        Skipped(paths["picture.png"]),
        Location(paths["sub/c.html"]),
    ]


def test_each_article_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An article that is named twice, by two spellings or through a link, is listed once."""
    path = write(tmp_path / "sub" / "a.md")
    (tmp_path / "link.md").symlink_to(path)
    (tmp_path / "other").symlink_to(tmp_path / "sub")
    monkeypatch.chdir(tmp_path)

    assert listing(["sub/a.md", tmp_path, "link.md", "./sub/../sub/a.md", "other"]) == [Location(path)]


def test_loop_of_links(tmp_path: Path) -> None:
    """A link back to a holding folder is one line of the report, and everything is read once."""
    path = write(tmp_path / "sub" / "a.md")
    (tmp_path / "sub" / "back").symlink_to(tmp_path)

    first, second = listing([tmp_path])

    assert first == Location(path)
    assert isinstance(second, Failure)
    assert "leads back" in second.reason


def test_link_to_itself(tmp_path: Path) -> None:
    """A link that leads only to itself is a failure, and what lies beside it is read."""
    (tmp_path / "a.md").symlink_to(tmp_path / "a.md")
    beside = write(tmp_path / "b.md")

    found, other = listing([tmp_path])

    assert isinstance(found, Failure)
    assert Path(found.source).name == "a.md"
    assert other == Location(beside)


def test_missing_file(tmp_path: Path) -> None:
    """A file that does not exist is a failure, and named twice still one line."""
    (found,) = listing([tmp_path / "no.md"] * 2)

    assert found == Failure(str(tmp_path / "no.md"), "There is no such file or folder. Check the name.")


@pytest.mark.parametrize("source", ["", "a\0b", "x" * 5000, "ftp://example.com/a", "\udcff.md"])
def test_unusable_name(source: str) -> None:
    """A name that no file can have is a failure, not a crash, and can be printed."""
    (found,) = listing([source])

    assert isinstance(found, Failure)
    assert found.source.encode("utf-8") is not None


def test_folder_without_articles(tmp_path: Path) -> None:
    """A folder in which nothing can be read says so."""
    write(tmp_path / "picture.png")

    skipped, found = listing([tmp_path])

    assert isinstance(skipped, Skipped)
    assert isinstance(found, Failure)
    assert "No article was found" in found.reason


def test_closed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be opened costs one line, not the rest."""
    path = write(tmp_path / "a.md")
    write(tmp_path / "closed" / "b.md")
    real = os.scandir

    # The tests may run as root, to whom no folder is closed.
    def scandir(folder: str) -> object:
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    first, second = listing([tmp_path])

    assert first == Location(path)
    assert isinstance(second, Failure)
    assert "may not open this folder" in second.reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are files on Unix only")
def test_pipe(tmp_path: Path) -> None:
    """A pipe is refused at once instead of being waited for, when listed and when opened."""
    os.mkfifo(tmp_path / "pipe.txt")

    for source in (tmp_path, tmp_path / "pipe.txt"):
        found = listing([source])[0]
        assert isinstance(found, Failure)
        assert "neither a file nor a folder" in found.reason
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        opened(Location(str(tmp_path / "pipe.txt")))


def test_huge_file(tmp_path: Path) -> None:
    """A text of 200 MB is refused by its size, without being read."""
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    with pytest.raises(SourceError, match="larger than 50 MB"):
        opened(listing([path])[0])


def test_vanished_file(tmp_path: Path) -> None:
    """A file that vanishes between listing and opening is an explained error."""
    path = tmp_path / "a.md"
    write(path)
    (found,) = listing([path])
    path.unlink()

    with pytest.raises(SourceError, match="no such file"):
        opened(found)


def test_closed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be opened is an explained error."""
    write(tmp_path / "a.md")
    (found,) = listing([tmp_path / "a.md"])

    # The tests may run as root, to whom no file is closed.
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(SourceError, match="may not open it"):
        opened(found)


def test_file_becomes_document(tmp_path: Path) -> None:
    """A file is opened with its type, its day and a digest of its bytes."""
    path = write(tmp_path / "a.md")
    os.utime(path, (1_715_000_000, 1_715_000_000))

    found = opened(listing([path])[0])

    assert (path, "text/markdown", "2024-05-06") == (found.source, found.media_type, found.modified)
    assert found.digest == hashlib.sha256(b"The ferry was late.").hexdigest()


def test_page_is_fetched_once() -> None:
    """A page is fetched while listing and not again when it is opened, whatever the spelling of its address."""
    fetcher = FakeFetcher({"https://quay.example/": b"<p>Hello</p>"})

    found = listing(["https://Quay.example#top", "HTTPS://quay.example/"], fetcher)

    assert opened(found[0], fetcher).data == b"<p>Hello</p>"
    assert (1, ["https://quay.example/"]) == (len(found), fetcher.asked)


def test_page_that_fails() -> None:
    """A page that cannot be fetched is a failure with the fetcher's reason."""
    assert listing(["https://quay.example/no"]) == [Failure("https://quay.example/no", "The site answered 404 Not Found.")]


def test_feed() -> None:
    """A feed is listed as its entries with what it says about them; an entry with nothing in it is a failure."""
    fetcher = FakeFetcher({"https://quay.example/feed": RSS.encode(), "https://quay.example/late": b"<p>Page</p>"})

    late, note, nothing = listing(["https://quay.example/feed"], fetcher)

    assert late == Location(
        "https://quay.example/late",
        title="Late again",
        date="2024-05-06",
        site="Quay & Ferry",
        embedded="<p>The ferry was late.</p>",
    )
    assert opened(late, fetcher).data == b"<p>Page</p>"
    assert note == Location("https://quay.example/feed#n1", "Note", "", "Quay & Ferry", "A note without a link.", linked=False)
    assert isinstance(nothing, Failure)


def test_a_feed_comes_before_its_entries(tmp_path: Path) -> None:
    """What lists a feed says first which articles it holds, those without a page by their name in it."""
    path = write(tmp_path / "feed.xml", RSS.replace("/late#top", "https://quay.example/late#top"))

    feed, *entries = locate([path], fetcher=cast("Fetcher", FakeFetcher()))

    assert feed == Feed(path, ("https://quay.example/late", f"{path}#n1"))
    assert len(entries) == 3


def test_a_file_that_a_folder_skips_may_be_named(tmp_path: Path) -> None:
    """A file of another kind is read when it is named, beside its folder too."""
    path = write(tmp_path / "notes.log")

    assert Location(path) in listing([tmp_path, path])


def test_entry_falls_back_to_the_feed() -> None:
    """An entry whose page is gone, or that has none, is read from the feed itself."""
    fetcher = FakeFetcher({"https://quay.example/feed": RSS.encode()})
    late, note, _ = listing(["https://quay.example/feed"], fetcher)

    assert read(opened(late, fetcher)).text == "The ferry was late."
    assert read(opened(note, fetcher)).text == "A note without a link."


@pytest.mark.parametrize("name", ["feed.xml", "feed.rss", "feed.atom"])
def test_local_feed(tmp_path: Path, name: str) -> None:
    """A feed in a file is listed as its entries, named or found in a folder."""
    path = write(tmp_path / name, ATOM)

    expected = [Location("https://quay.example/late", "Late", "2024-05-06", "Quay")]
    assert listing([path]) == listing([tmp_path]) == expected


def test_empty_feed() -> None:
    """A feed without entries is a failure."""
    fetcher = FakeFetcher({"https://quay.example/feed": b"<rss version='2.0'><channel/></rss>"})

    (found,) = listing(["https://quay.example/feed"], fetcher)

    assert isinstance(found, Failure)
    assert "no entries" in found.reason


def test_identity(tmp_path: Path) -> None:
    """A source has one identity, whichever way it is written."""
    assert identity("HTTP://Example.com#a") == identity("http://example.com/")
    assert identity(f"{tmp_path}/x/../a.md") == os.path.realpath(tmp_path / "a.md")
    assert identity("~") == os.path.realpath(Path.home())


def test_links_out_of_a_folder(tmp_path: Path) -> None:
    """What a link in a walked folder leads to outside of it is not read, be it a file or a folder."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.txt").write_text("Not meant for the library.")
    (tmp_path / "in" / "a.md").write_text("Inside.")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (tmp_path / "in" / "other").symlink_to(tmp_path / "out")

    found = listing([tmp_path / "in"])

    assert [Location(str(tmp_path / "in" / "a.md"))] == [each for each in found if isinstance(each, Location)]
    assert {each.source for each in found if isinstance(each, Skipped)} == {
        str(tmp_path / "in" / "link.txt"),
        str(tmp_path / "in" / "other" / "secret.txt"),
    }
