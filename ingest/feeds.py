"""Feeds: RSS and Atom become one location for each entry."""

import html
import io
import re
import time
from collections.abc import Iterator
from typing import Any

from ingest.apart import APART
from ingest.documents import Failure, Location
from ingest.readers.encoding import sound
from retrieval.errors import SourceError

MAX_ENTRIES = 500
TAG = re.compile(r"<[^>]{0,500}>")
ENDS = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>", re.IGNORECASE)  # what stands behind it is nobody's entry


def entries(data: bytes, *, source: str, address: str = "", charset: str = "") -> Iterator[Location | Failure]:
    """Yield the entries of a feed; `address` is where it was fetched from, which relative links start at."""
    try:
        found = APART.ask("entries", {"source": source, "address": address, "charset": charset}, data)
    except SourceError as error:
        yield Failure(source, str(error))
        return
    for each in found:
        yield Failure(**each) if "reason" in each else Location(**each)


def read_entries(data: bytes, *, source: str, address: str, charset: str) -> Iterator[Location | Failure]:
    """Yield the entries of a feed, parsed in this process."""
    try:
        feed = _parse(data, address, charset)
        found = [_entry(entry, number, source, feed) for number, entry in enumerate(feed.entries[:MAX_ENTRIES], start=1)]
    except Exception as error:  # noqa: BLE001 - the parser may stumble over a stranger's bytes in any way
        yield Failure(source, f"The feed is damaged and cannot be read ({type(error).__name__}).")
        return
    if not ENDS.search(data):
        yield Failure(source, "The feed breaks off before its end, so only its first entries are read. Try again later.")
    if not found:
        yield Failure(source, "The feed holds no entries. Give the address of an article or of another feed.")
    if len(feed.entries) > MAX_ENTRIES:
        left_out = len(feed.entries) - MAX_ENTRIES
        yield Failure(source, f"Only the first {MAX_ENTRIES} entries of the feed are read, the other {left_out} are left out.")
    yield from found


def _parse(data: bytes, address: str, charset: str) -> Any:
    import feedparser  # only feeds need it

    claim = f"application/xml; charset={charset}" if charset else "application/xml"
    # Bytes in a stream, never a string: feedparser would open a string that looks like a URL or a path.
    return feedparser.parse(io.BytesIO(data), response_headers={"content-type": claim, "content-location": address})


def _entry(entry: Any, number: int, source: str, feed: Any) -> Location | Failure:
    """One entry, under its link, or under its own name in the feed."""
    link = sound(entry.get("link", "")).strip()
    linked = link.startswith(("http://", "https://"))
    embedded = sound(_embedded(entry))
    name = f"{source}#{' '.join(sound(str(entry.get('id') or entry.get('title') or number)).split())}"
    if not linked and not embedded:
        return Failure(name, "The entry of the feed has neither a link nor a text.")
    return Location(
        source=link if linked else name,
        title=_plain(entry.get("title", "")),
        date=_day(entry.get("published_parsed") or entry.get("updated_parsed")),
        site=_plain(feed.feed.get("title", "")),
        embedded=embedded,
        linked=linked,
    )


def _embedded(entry: Any) -> str:
    """Return the longest text that the entry holds itself, as HTML."""
    found = [*entry.get("content", []), *([entry.summary_detail] if "summary_detail" in entry else [])]
    texts = [html.escape(each.value) if each.get("type") == "text/plain" else each.value for each in found if each.get("value")]
    return max(texts, key=len, default="")


def _plain(title: str) -> str:
    """Return a title without markup."""
    return " ".join(sound(html.unescape(TAG.sub("", title))).split())


def _day(moment: time.struct_time | None) -> str:
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}" if moment else ""
