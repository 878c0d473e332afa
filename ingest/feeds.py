"""Feeds: RSS and Atom become one location for each entry."""

import html
import io
import re
import time
from collections.abc import Iterator
from typing import Any

from ingest.documents import Failure, Location

TAG = re.compile(r"<[^>]{0,500}>")


def entries(data: bytes, *, source: str, address: str = "", charset: str = "") -> Iterator[Location | Failure]:
    """Yield the entries of a feed; `address` is where it was fetched from, which relative links start at."""
    import feedparser  # only feeds need it

    claim = f"application/xml; charset={charset}" if charset else "application/xml"
    # Bytes in a stream, never a string: feedparser would open a string that looks like a URL or a path.
    feed = feedparser.parse(io.BytesIO(data), response_headers={"content-type": claim, "content-location": address})
    if not feed.entries:
        yield Failure(source, "The feed holds no entries. Give the address of an article or of another feed.")
    site = _plain(feed.feed.get("title", ""))
    for number, entry in enumerate(feed.entries, start=1):
        link = entry.get("link", "").strip()
        linked = link.startswith(("http://", "https://"))
        embedded = _embedded(entry)
        name = " ".join(str(entry.get("id") or entry.get("title") or number).split())
        if not linked and not embedded:
            yield Failure(f"{source}#{name}", "The entry of the feed has neither a link nor a text.")
            continue
        yield Location(
            source=link if linked else f"{source}#{name}",
            title=_plain(entry.get("title", "")),
            date=_day(entry.get("published_parsed") or entry.get("updated_parsed")),
            site=site,
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
    return " ".join(html.unescape(TAG.sub("", title)).split())


def _day(moment: time.struct_time | None) -> str:
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}" if moment else ""
