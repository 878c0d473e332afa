"""Which articles have left the folders and feeds that were listed; when in doubt an article stays."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest import kinds
from ingest.documents import Failure, Feed, Location
from ingest.memory import Memory
from ingest.sources import Found, identity, is_web


@dataclass(frozen=True, slots=True)
class Listing:
    """What a run has come upon in its folders and feeds; `troubled` are the places that could not be listed."""

    folders: tuple[str, ...]
    feeds: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    troubled: set[str] = field(default_factory=set)

    def note(self, found: Found) -> None:
        """Note what was found."""
        match found:
            case Location():
                self.listed.add(found.source)
            case Feed():
                self.feeds.add(found.source)
                self.listed.update(found.members)
            case Failure():
                self.troubled.add(found.source)
                if found.source.strip() and "\0" not in found.source and not _leads_back(found.source):
                    self.troubled.add(identity(found.source))


def _leads_back(source: str) -> bool:
    """Whether it is a link to a folder that holds it, which has been listed all the same."""
    return _as_place(os.path.realpath(os.path.dirname(source))).startswith(_as_place(identity(source)))  # noqa: PTH120 - as it is


def departed(listing: Listing, memory: Memory) -> list[str]:
    """The articles that were below the folders or in the feeds, and are there no more; none whose place could not be listed."""
    places = tuple(_as_place(folder) for folder in listing.folders)
    files = {source for source in memory.digests if not is_web(source) and _is_walked(source, places)}
    feeds = {*listing.feeds, *(feed for place in places for feed in memory.origins.origins_below(place))}
    feeds = {feed for feed in feeds if not _is_troubled(feed, listing.troubled)}
    members = {source for feed in feeds for source in memory.origins.members(feed)} & memory.digests.keys()
    # What is in another feed too, or was named by itself, has a place to stay.
    origins = memory.origins.origins_of(members - files)
    gone = files | {source for source, of in origins.items() if of <= feeds}
    gone -= listing.listed | listing.moved
    return sorted(source for source in gone if not _is_troubled(source, listing.troubled))


def kept_of(name: str, sources: Iterable[str]) -> int:
    """How many of the articles are this file or lie below this folder."""
    place = _as_place(name)
    return sum(source == name or source.startswith(place) for source in sources)


def _as_place(folder: str) -> str:
    return folder.rstrip(os.sep) + os.sep


def _is_walked(source: str, places: tuple[str, ...]) -> bool:
    """Whether a walk of one of the folders would come by this file; others have been named by themselves."""
    return any(source.startswith(place) and _is_seen_from(place, source) for place in places)


def _is_seen_from(place: str, source: str) -> bool:
    hidden = any(name.startswith((".", "~$")) for name in Path(source.removeprefix(place)).parts)
    path = Path(source)
    return not hidden and (path.suffix.lower() in kinds.EXTENSIONS or path.is_symlink() or not path.is_file())


def _is_troubled(source: str, troubled: set[str]) -> bool:
    """Whether an article, or a place that holds it, could not be listed."""
    return not troubled.isdisjoint(_holders(source))


def _holders(source: str) -> Iterator[str]:
    """The source itself and what it may lie in: folders, and the feed before a `#`."""
    yield source
    for at, letter in enumerate(source):
        if letter in {os.sep, "#"}:
            yield source[: at or 1]
