"""A catalogue that is not where the library's other parts say that it was: told of, and never begun anew in its place."""

from pathlib import Path

from retrieval.errors import LibraryError
from retrieval.library.editions import CATALOGUE, EDITIONS, INDEXES, Edition
from retrieval.settings import Servers


def is_lost(edition: Edition) -> bool:
    """Whether an edition's catalogue is gone from its folder although the library has been used.

    The traces are looked for first: where another process makes a library at this moment, its catalogue is there before them.
    """
    traces = edition.number > 0 or any((edition.folder / name).exists() for name in (*INDEXES, EDITIONS))
    return traces and not edition.catalogue.exists()


def refuse_lost_catalogue(edition: Edition) -> None:
    """Raise LibraryError if an edition's catalogue is lost."""
    if is_lost(edition):
        message = f"The catalogue {edition.catalogue} is gone, although a library was in use there."
        help_line = "Move the folder away and restore a backup: footnote restore FILE. Or is FOOTNOTE_DATABASE_URL to be set?"
        raise LibraryError(message, help=help_line)


def left_behind(folder: Path, servers: Servers) -> LibraryError | None:
    """What is wrong where a library on a server is empty: that the data folder has one of its own. None if it has not."""
    if not servers.database_url or not (folder / CATALOGUE).exists():
        return None
    message = f"The library on the Postgres server has no articles yet; those in {folder} are not on it."
    help_line = "Take them there: footnote backup FILE without FOOTNOTE_DATABASE_URL, then footnote restore FILE with it."
    return LibraryError(message, help=help_line)
