"""A fetcher that needs no network."""

from ingest.answers import NONE, Fetched, NotModified, Validators
from retrieval.errors import SourceError


class FakeFetcher:
    """Answers from `pages`, whose values are bytes or a reason to fail; `asked` are the addresses in order."""

    def __init__(self, pages: dict[str, bytes | str] | None = None) -> None:
        self.pages = pages or {}
        self.asked: list[str] = []

    def get(self, url: str, *, validators: Validators = NONE) -> Fetched | NotModified:
        """Answer, or raise SourceError."""
        self.asked.append(url)
        page = self.pages.get(url, "The site answered 404 Not Found.")
        if isinstance(page, str):
            raise SourceError(page)
        return Fetched(url_final=url, media_type="text/html", charset="utf-8", data=page)
