"""What a library knows already when sources are read again: its articles, the versions of their pages, the members of feeds."""

import hashlib
from collections.abc import Mapping

from ingest.answers import NONE, Validators
from ingest.documents import Document, Location
from retrieval import Article
from retrieval.library.origins import Origins, PageVersion

# Names what readers and chunker make of the same bytes: raise it when they change, and articles are read anew.
FORMAT = "3"


class Memory:
    """What a library knows; `digests` are those of its articles by source, and the caller keeps them up to date."""

    def __init__(self, digests: dict[str, str], origins: Origins) -> None:
        self.digests, self.origins = digests, origins

    def validators(self, url: str) -> Validators:
        """Nothing is sent for what the library does not have whole as this program would read it: it has to come again."""
        version = self.origins.version(url)
        if version is None or version.format != FORMAT or not self._has(url):
            return NONE
        return Validators(version.etag, version.last_modified)

    def members(self, feed: str) -> list[Location]:
        """The articles with what was known about them; those without a page have not changed if the feed has not."""
        found = []
        for source in self._listed(feed):
            without_page = _is_inside(source, feed)
            title, date, site = self.origins.details(source)
            found.append(Location(source, title, date, site, linked=not without_page, unchanged=without_page))
        return found

    def read_itself(self, url: str) -> bool:
        """Whether the article is there and its page had a version, be it an empty one."""
        return url in self.digests and self.origins.version(url) is not None

    def remember(self, url: str, validators: Validators | None) -> None:
        """Remember the version of an address whose article is in the library; None if it was not read from its page."""
        before = self.origins.version(url)
        after = PageVersion(validators.etag, validators.last_modified, FORMAT) if validators is not None else None
        if after is None and before is not None:
            self.origins.forget(url)
        elif after is not None and after != before:
            self.origins.remember(url, after)

    def _has(self, url: str) -> bool:
        """Whether the library has the article of a page, or all articles of a feed, from their pages."""
        members = self._listed(url)
        if not members:
            return url in self.digests
        paged = {source for source in members if not _is_inside(source, url)}
        return self.digests.keys() >= set(members) and self.origins.read_themselves(paged) == paged

    def _listed(self, feed: str) -> list[str]:
        return [source for source, listed in self.origins.members(feed).items() if listed and source != feed]


def digest_of(document: Document) -> str:
    """The digest under which a document's article is kept, unless it is a page's."""
    return f"{FORMAT}:{document.digest}"


def digest_of_page(article: Article) -> str:
    """The digest of a page is that of its article: the bytes of many pages differ at every visit."""
    told = repr((article.title, article.author, article.site, article.date, article.text))
    return f"{FORMAT}:{hashlib.sha256(told.encode()).hexdigest()}"


def sources_by_digest(digests: Mapping[str, str]) -> dict[str, list[str]]:
    """The sources that have each digest."""
    found: dict[str, list[str]] = {}
    for source, digest in digests.items():
        found.setdefault(digest, []).append(source)
    return found


def _is_inside(source: str, feed: str) -> bool:
    """Whether an article is an entry without a page, which is named after its feed."""
    return source.startswith(f"{feed}#")
