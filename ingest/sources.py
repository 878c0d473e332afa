"""Sources: files, folders, pages and feeds become locations, and a location becomes a document."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ingest import feeds, kinds
from ingest.answers import NONE, NotModified, Validators
from ingest.documents import Document, Failure, Feed, Location, Skipped
from ingest.fetch import Fetcher
from ingest.files import beginning, load_file, read_file, why_closed
from ingest.folders import walk
from ingest.known import Known, Nothing
from retrieval.errors import SourceError

__all__ = ["Document", "Failure", "Feed", "Location", "Skipped", "identity", "is_web", "load", "locate"]

NOTHING = Nothing()

Found = Location | Failure | Skipped | Feed


def identity(source: str) -> str:
    """Return the name under which a source is known: a tidy URL, or the absolute path of a file with all links resolved."""
    if is_web(source):
        try:
            parts = urlsplit(source.strip())
        except ValueError:
            return source
        return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))
    return os.path.realpath(os.path.expanduser(source))  # noqa: PTH111 - pathlib raises for a loop of links


def locate(sources: Sequence[str], *, fetcher: Fetcher, known: Known = NOTHING, seen: set[str] | None = None) -> Iterator[Found]:
    """List what the sources hold, each article once; what cannot be listed is a failure, not an error.

    A page is fetched when it is asked for, and not before. `seen` are the articles of earlier lists, and grows.
    """
    seen = set() if seen is None else seen
    skipped: set[str] = set()
    for source in sources:
        for found in _locate(source, fetcher, known, seen):
            told = skipped if isinstance(found, Skipped) else seen  # what a folder skips may still be named by itself
            if isinstance(found, Feed):
                yield found
            elif found.source not in told:
                told.add(found.source)
                yield found


def load(location: Location, *, fetcher: Fetcher, known: Known = NOTHING) -> Document | None:
    """Read the bytes of an article, None if they are those that are known; raise SourceError when that cannot be done."""
    if location.unchanged:
        return None
    if not location.linked:
        return _embedded(location)
    if not is_web(location.source):
        return load_file(location.source)
    try:
        page = location.page or fetcher.get(location.source, validators=known.validators(location.source))
    except SourceError:
        if location.embedded and not known.read_itself(location.source):  # or a summary would take the place of an article
            return _embedded(location)
        raise
    if isinstance(page, NotModified):
        return None
    return Document(
        source=location.source,
        media_type=page.media_type,
        data=page.data,
        link=page.url_final,
        charset=page.charset,
        title=location.title,
        date=location.date,
        site=location.site,
        embedded=location.embedded,
        validators=page.validators,
    )


def _locate(source: str, fetcher: Fetcher, known: Known, seen: set[str]) -> Iterator[Found]:
    """List one source; nothing is not the working folder."""
    name = identity(source) if source.strip() and "\0" not in source else source
    if is_web(source):
        if name not in seen:  # or it would be fetched again
            yield from _locate_page(name, fetcher, known)
        return
    if "://" in source:
        yield Failure(source, "Only addresses that start with http:// or https:// can be fetched.")
        return
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - it may be no path at all
    except (OSError, ValueError) as error:
        yield Failure(_printable(source), why_closed(error))
        return
    if stat.S_ISDIR(mode):
        yield from _locate_folder(name)
    else:
        yield from _locate_file(name)


def _locate_page(url: str, fetcher: Fetcher, known: Known) -> Iterator[Found]:
    """Fetch a page, which is kept, or a feed, whose entries are listed."""
    validators = known.validators(url)
    try:
        page = fetcher.get(url, validators=validators)
    except SourceError as error:
        yield Failure(url, str(error))
        return
    if isinstance(page, NotModified):
        members = known.members(url)
        if members:
            yield Feed(url, tuple(each.source for each in members), validators)
        yield from members or [Location(url, unchanged=True)]
    elif kinds.is_feed(page.data):
        entries = feeds.entries(page.data, source=url, address=page.url_final, charset=page.charset)
        yield from _with_feed(url, entries, page.validators)
    else:
        yield Location(url, page=page)


def _locate_folder(folder: str) -> Iterator[Found]:
    """List the articles of a folder and say which files are none."""
    nothing = True
    for each in walk(folder):
        found: Iterator[Found] = iter([each]) if isinstance(each, Failure) else _locate_walked(each, os.path.realpath(folder))
        for one in found:
            nothing = nothing and isinstance(one, Skipped)
            yield one
    if nothing:
        yield Failure(folder, "No article was found in this folder. Text, Markdown, HTML, PDF, Word and EPUB files are read.")


def _locate_walked(path: str, folder: str) -> Iterator[Found]:
    """List a file that nobody has named: it counts if its name is an article's and no link leads out of the folder."""
    extension = Path(path).suffix.lower()
    if not Path(os.path.realpath(path)).is_relative_to(folder):
        yield Skipped(_printable(path))
    elif extension in kinds.EXTENSIONS or (extension in kinds.FEED_EXTENSIONS and kinds.is_feed(beginning(path))):
        yield from _locate_file(os.path.realpath(path))
    else:
        yield Skipped(_printable(path))


def _locate_file(path: str) -> Iterator[Found]:
    """List one file, or the entries of the feed that it holds."""
    if path != _printable(path):
        yield Failure(_printable(path), "The name of the file is not valid Unicode. Rename it.")
        return
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            yield Failure(path, "It is neither a file nor a folder, so nothing is read from it.")
            return
        is_feed = Path(path).suffix.lower() in kinds.FEED_EXTENSIONS and kinds.is_feed(beginning(path))
        if is_feed:
            yield from _with_feed(path, feeds.entries(read_file(path)[0], source=path), NONE)
        else:
            yield Location(path)
    except OSError as error:
        yield Failure(path, why_closed(error))
    except SourceError as error:
        yield Failure(path, str(error))


def _with_feed(feed: str, entries: Iterator[Location | Failure], validators: Validators) -> Iterator[Found]:
    """List the entries after their feed; linked ones have the same identity as pages that are named."""
    found = [
        replace(each, source=identity(each.source)) if isinstance(each, Location) and each.linked else each for each in entries
    ]
    yield Feed(feed, tuple(each.source for each in found if isinstance(each, Location)), validators)
    yield from found


def _embedded(location: Location) -> Document:
    """Make a document of what the feed itself holds."""
    return Document(
        source=location.source,
        media_type=kinds.FEED_ENTRY,
        data=location.embedded.encode("utf-8", "replace"),
        link=location.source if location.linked else "",
        charset="utf-8",
        title=location.title,
        date=location.date,
        site=location.site,
    )


def is_web(source: str) -> bool:
    """Whether a source is an address that is fetched."""
    return source.strip().lower().startswith(("http://", "https://"))


def _printable(path: str) -> str:
    """Return the path with whatever is not Unicode replaced."""
    return path.encode("utf-8", "replace").decode("utf-8")
