"""How does an article get in? Sources become articles of the library, and a report says what changed.

Names are loaded when they are first used: what reads and embeds articles takes seconds to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.documents import Document, Failure
    from ingest.fetch import Fetcher
    from ingest.sync import Progress, Report, sync_sources

_HOME = {
    "Document": "ingest.documents",
    "Failure": "ingest.documents",
    "Fetcher": "ingest.fetch",
    "Progress": "ingest.sync",
    "Report": "ingest.sync",
    "sync_sources": "ingest.sync",
}

__all__ = ["Document", "Failure", "Fetcher", "Progress", "Report", "sync_sources"]


def __getattr__(name: str) -> Any:
    """Import a name from its home at first use."""
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)
