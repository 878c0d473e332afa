"""A catalogue that is not where the library's other parts say that it was: told of, and never begun anew in its place."""

from retrieval.errors import LibraryError
from retrieval.library.editions import EDITIONS, INDEXES, Edition


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
