"""What is asked about an address before its server is asked: what the library has of it."""

from typing import Protocol

from ingest.answers import NONE, Validators
from ingest.documents import Location


class Known(Protocol):
    """What listing and loading ask about an address before they ask its server."""

    def validators(self, url: str) -> Validators:
        """What to send, so that the server answers only if the address has changed."""

    def members(self, feed: str) -> list[Location]:
        """The articles that a feed listed when it was read last, none of an address that was no feed."""

    def read_itself(self, url: str) -> bool:
        """Whether the library has the article of a page from the page itself, not from the text of a feed."""


class Nothing:
    """Knows nothing, as of a library without articles."""

    def validators(self, url: str) -> Validators:  # noqa: ARG002 - as in Known
        """None."""
        return NONE

    def members(self, feed: str) -> list[Location]:  # noqa: ARG002 - as in Known
        """None."""
        return []

    def read_itself(self, url: str) -> bool:  # noqa: ARG002 - as in Known
        """No."""
        return False
