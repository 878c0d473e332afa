"""How an index follows the catalogue, page by page from the mark that it carries, and what a host calls its own indexes."""

import uuid
from pathlib import Path

from retrieval.database import write_whole
from retrieval.errors import LibraryError
from retrieval.library.catalogue import Catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.records import Mark
from retrieval.library.vectors import VectorIndex


def apply_page(catalogue: Catalogue, index: VectorIndex | KeywordIndex) -> bool:
    """Apply the next page of changes that an index has missed; whether there are more. Raises IndexDamaged."""
    state, mark = catalogue.state(), index.mark()
    if mark is None or not mark.misses_nothing(state):
        index.reset()
        mark = Mark(state.uid, 0)
    for upto, live, dead in catalogue.changes(mark.generation, state.generation):
        vectors = {} if isinstance(index, KeywordIndex) else catalogue.whole_vectors([item.vector for item in live])
        now = catalogue.state()
        if (now.uid, now.purged) != (state.uid, state.purged):  # what was just read may lack what was forgotten meanwhile
            return True
        new = Mark(state.uid, upto, state.purged)
        if isinstance(index, KeywordIndex):
            index.apply(live, dead, new)
        else:
            index.apply({item.id: vectors[item.vector] for item in live}, dead, new)
        return upto < state.generation
    return False


def host_name(folder: Path) -> str:
    """A name for the indexes of a data folder that no other host has, made at first use."""
    path = folder / "host"
    try:
        if not path.exists() or not path.stat().st_size:  # empty where an older version was killed in the middle
            write_whole(path, uuid.uuid4().hex)
        return path.read_text("ascii")
    except OSError as error:
        message = f"The file {path} cannot be read or made: {error.strerror}."
        raise LibraryError(message, help="Check the data folder's permissions and free space.") from error


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
