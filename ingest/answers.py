"""What a server's answer means: a page, a page that has not changed, a place to look instead, or a sentence that says why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import OK, responses

from retrieval.errors import SourceError

READABLE = re.compile(
    r"text/(html|plain|markdown|x-markdown|xml)|application/(xhtml\+xml|xml|rss\+xml|atom\+xml|rdf\+xml|pdf|epub\+zip"
    r"|octet-stream|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)|",
)
MOVED = {301, 302, 303, 307, 308}
VALIDATOR = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?")  # of a stranger, kept and sent back: visible and short


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server recognises the version of a page that we have; what is empty, long or not visible ASCII is not sent."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The header fields that make a request conditional; none without validators."""
        fields = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in fields.items() if VALIDATOR.fullmatch(value)}


NONE = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered: `url_final` is where the last redirect led, `charset` what its header claims.

    `validators` are empty when the page came from another host than the one that was asked.
    """

    url_final: str
    media_type: str
    charset: str
    data: bytes
    validators: Validators = NONE


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page is still the one whose validators were sent; `url_final` is where the last redirect led."""

    url_final: str


def validators_of(headers: Mapping[str, str]) -> Validators:
    """What the server says about the version of the page, as far as it can be kept and sent back."""
    etag, last_modified = headers.get("etag", ""), headers.get("last-modified", "")
    return Validators(
        etag=etag if VALIDATOR.fullmatch(etag) else "",
        last_modified=last_modified if VALIDATOR.fullmatch(last_modified) else "",
    )


def media_type_of(status: int, headers: Mapping[str, str]) -> str:
    """Return the media type of a good answer; raise SourceError for any other."""
    if status != OK:
        message = f"The site answered {status} {responses.get(status, '')}".rstrip() + "."
        raise SourceError(message, help="Check the address in a browser.")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "deflate"}:  # stacked encodings are how a few bytes become terabytes
        message = "The page is packed in a way that cannot be unpacked."
        raise SourceError(message, help="Save the page and give the file.")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not READABLE.fullmatch(media_type):
        kind = media_type if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", media_type) else "something of an unknown kind"
        message = f"The address leads to {kind}, which is no article."
        raise SourceError(message, help="Pages, feeds, plain text, Markdown, PDF, Word and EPUB can be read.")
    return media_type
