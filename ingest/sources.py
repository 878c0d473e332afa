"""Sources: files, folders, pages and feeds become locations, and a location becomes a document."""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ingest import feeds, kinds
from ingest.documents import Document, Failure, Location, Skipped
from ingest.fetch import Fetcher
from ingest.folders import walk
from retrieval.errors import SourceError

__all__ = ["Document", "Failure", "Location", "Skipped", "identity", "is_web", "load", "locate"]

MEGABYTE = 1024 * 1024
MAX_BYTES = 50 * MEGABYTE

Found = Location | Failure | Skipped


def identity(source: str) -> str:
    """Return the name under which a source is known: a tidy URL, or the absolute path of a file with all links resolved."""
    if is_web(source):
        try:
            parts = urlsplit(source.strip())
        except ValueError:
            return source
        return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))
    return os.path.realpath(os.path.expanduser(source))  # noqa: PTH111 - pathlib raises for a loop of links


def locate(sources: Sequence[str], *, fetcher: Fetcher, seen: set[str] | None = None) -> Iterator[Found]:
    """List what the sources hold, each article once; what cannot be listed is a failure, not an error.

    A page is fetched when it is asked for, and not before. `seen` are the articles of earlier lists, and grows.
    """
    seen = set() if seen is None else seen
    for source in sources:
        for found in _locate(source, fetcher, seen):
            if found.source not in seen:
                seen.add(found.source)
                yield found


def load(location: Location, *, fetcher: Fetcher) -> Document:
    """Read the bytes of an article; raise SourceError, and nothing else, when that cannot be done."""
    if not location.linked:
        return _embedded(location)
    if not is_web(location.source):
        return _load_file(location)
    try:
        page = location.page or fetcher.get(location.source)
    except SourceError:
        if location.embedded:
            return _embedded(location)
        raise
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
    )


def _locate(source: str, fetcher: Fetcher, seen: set[str]) -> Iterator[Found]:
    """List one source; nothing is not the working folder."""
    known = identity(source) if source.strip() and "\0" not in source else source
    if is_web(source):
        if known not in seen:  # or it would be fetched again
            yield from _locate_page(known, fetcher)
        return
    if "://" in source:
        yield Failure(source, "Only addresses that start with http:// or https:// can be fetched.")
        return
    try:
        mode = os.stat(known).st_mode  # noqa: PTH116 - it may be no path at all
    except (OSError, ValueError) as error:
        yield Failure(_printable(source), _reason(error))
        return
    if stat.S_ISDIR(mode):
        yield from _locate_folder(known)
    else:
        yield from _locate_file(known)


def _locate_page(url: str, fetcher: Fetcher) -> Iterator[Found]:
    """Fetch a page, which is kept, or a feed, whose entries are listed."""
    try:
        page = fetcher.get(url)
    except SourceError as error:
        yield Failure(url, str(error))
        return
    if kinds.is_feed(page.data):
        yield from _tidy(feeds.entries(page.data, source=url, address=page.url_final, charset=page.charset))
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
    elif extension in kinds.EXTENSIONS or (extension in kinds.FEED_EXTENSIONS and kinds.is_feed(_beginning(path))):
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
        is_feed = Path(path).suffix.lower() in kinds.FEED_EXTENSIONS and kinds.is_feed(_beginning(path))
        if is_feed:
            yield from _tidy(feeds.entries(_read(path)[0], source=path))
        else:
            yield Location(path)
    except OSError as error:
        yield Failure(path, _reason(error))
    except SourceError as error:
        yield Failure(path, str(error))


def _tidy(found: Iterator[Location | Failure]) -> Iterator[Found]:
    """Give linked entries the same identity as pages that are named."""
    for each in found:
        if isinstance(each, Location) and each.linked:
            yield Location(identity(each.source), each.title, each.date, each.site, each.embedded)
        else:
            yield each


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


def _load_file(location: Location) -> Document:
    try:
        data, modified = _read(location.source)
    except (OSError, ValueError) as error:
        raise SourceError(_reason(error)) from None
    return Document(source=location.source, media_type=kinds.from_name(location.source), data=data, modified=modified)


def _read(path: str) -> tuple[bytes, str]:
    """Read a regular file that is not too large, and the day on which it was changed."""
    # Opened without waiting, for a pipe may have taken the place of the file; the size is asked before a byte is read.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            message = "It is neither a file nor a folder, so nothing is read from it."
            raise SourceError(message)
        data = b"" if status.st_size > MAX_BYTES else file.read(MAX_BYTES + 1)
    if max(status.st_size, len(data)) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // MEGABYTE} MB."
        raise SourceError(message, help="Save the part that matters as a new file.")
    return data, _day(status.st_mtime)


def _beginning(path: str) -> bytes:
    """Return the first bytes of a regular file, or none."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return b""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(kinds.BEGINNING)
    except OSError:
        return b""


def _day(seconds: float) -> str:
    """The day of a time; none for 0, with which programs say that they do not know."""
    if not seconds:
        return ""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""


def is_web(source: str) -> bool:
    """Whether a source is an address that is fetched."""
    return source.strip().lower().startswith(("http://", "https://"))


def _printable(path: str) -> str:
    """Return the path with whatever is not Unicode replaced."""
    return path.encode("utf-8", "replace").decode("utf-8")


def _reason(error: OSError | ValueError) -> str:
    """Say in one sentence why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "There is no such file or folder. Check the name."
    if isinstance(error, PermissionError):
        return "You may not open it. Check its permissions."
    return f"It cannot be opened ({getattr(error, 'strerror', None) or 'not a usable name'})."
