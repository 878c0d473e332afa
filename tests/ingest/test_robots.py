"""Whose pages are kept: not those whose site asks programs not to."""

import time

import pytest
from bombs import page

from ingest.documents import Document
from ingest.readers import read
from ingest.robots import check_header, check_page
from retrieval.errors import SourceError


def wished(html: str) -> bool:
    """Whether the page is not to be kept."""
    try:
        check_page(html)
    except SourceError:
        return True
    return False


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="robots" content="noindex">',
        "<META CONTENT='nofollow,NoArchive' NAME=ROBOTS />",
        "<meta name=robots content=none>",
        '<meta name="footnote"\n content="noindex, follow">',
        '<!-- --><meta property="x" name = "robots" content = "noindex;x">',
    ],
)
def test_wish(head: str) -> None:
    """A page that asks programs not to keep it is not kept, in every spelling of the wish."""
    with pytest.raises(SourceError, match="asks programs not to keep") as error:
        read(Document("http://a.example/", "text/html", page("", head), link="http://a.example/"))

    assert error.value.help


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="robots" content="index, nofollow, max-image-preview:large">',
        '<meta name="robots" content="index, max-image-preview: none">',
        '<meta name="googlebot" content="noindex">',
        '<meta name="description" content="noindex">',
        '<!-- <meta name="robots" content="noindex"> -->',
        """<script>write('<meta name="robots" content="noindex">')</script>""",
    ],
)
def test_no_wish(head: str) -> None:
    """Other wishes, wishes to others, and what is no markup do not keep a page out."""
    assert "ferry" in read(Document("http://a.example/", "text/html", page("", head), link="http://a.example/")).text


def test_saved_page() -> None:
    """What a person has saved as a file is theirs to keep."""
    assert read(Document("/page.html", "text/html", page("", '<meta name="robots" content="noindex">'))).text


def test_header() -> None:
    """A wish in the header counts when it is for all or for us."""
    valued = (
        "unavailable_after: 25 Jun 2030 15:00:00 GMT, none",
        "max-snippet:-1, noarchive",
        "Max-Image-Preview: none, noindex",
    )
    for line in ("noindex", "footnote: nofollow, noindex", *valued):
        with pytest.raises(SourceError):
            check_header(["nofollow", line])
    check_header(["googlebot: noindex, none", "nofollow", "max-snippet: 20", "unavailable_after: 25 Jun 2030 15:00:00 GMT", ""])


@pytest.mark.parametrize("part", ["<meta ", "<!--", "<meta name=robots content=", "<script", "<meta name='robots' content='"])
def test_costly_page(part: str) -> None:
    """No page makes the look for a wish long."""
    begun = time.monotonic()

    assert not wished(part * 100_000)
    assert time.monotonic() - begun < 5
