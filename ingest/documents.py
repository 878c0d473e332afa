"""What travels from a source to a reader: where an article may be read, its bytes, or why there is none."""

import hashlib
from dataclasses import dataclass, field

from ingest.answers import NONE, Fetched, Validators


@dataclass(frozen=True, slots=True)
class Location:
    """Where one article may be read.

    `source` is its identity: a URL, or the absolute path of a file with all links resolved. `title`, `date` and `site` are what
    a feed says about it, `embedded` is the HTML that the feed holds itself. An entry without a link is not `linked`: there is
    only what is embedded. `page` is what has been fetched already while listing; `unchanged` says that the library has it as
    it is now.
    """

    source: str
    title: str = ""
    date: str = ""
    site: str = ""
    embedded: str = field(default="", repr=False)
    linked: bool = True
    page: Fetched | None = field(default=None, repr=False, compare=False)
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that has been listed: the articles it has now, and the version of it by its server's words."""

    source: str
    members: tuple[str, ...]
    validators: Validators = NONE


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that cannot be read, and the reason: one line of the report."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in a folder whose kind is no article."""

    source: str


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one article and what is known about them from outside.

    `link` is where a person can open it on the web, `charset` what the server claims, `modified` the day (ISO 8601) on which the
    file was last changed; `title`, `date`, `site` and `embedded` are the feed's. `validators` are a fetched page's, and None of
    anything else.
    """

    source: str
    media_type: str
    data: bytes = field(repr=False)
    link: str = ""
    charset: str = ""
    title: str = ""
    date: str = ""
    site: str = ""
    modified: str = ""
    embedded: str = field(default="", repr=False)
    validators: Validators | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()
