"""How an index follows the catalogue, page by page from the mark that it carries, and what a host calls its own indexes."""

import uuid
from contextlib import suppress
from pathlib import Path

from retrieval.library.catalogue import Catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.records import Mark
from retrieval.library.vectors import VectorIndex


def apply_page(catalogue: Catalogue, index: VectorIndex | KeywordIndex) -> bool:
    """Apply the next page of changes that an index has missed; whether there are more. Raises IndexDamaged."""
    state, mark = catalogue.state(), index.mark()
    reached = mark.generation if mark is not None and mark.uid == state.uid else -1
    if reached < state.purged or reached > state.generation:
        index.reset()
        reached = 0
    for upto, live, dead in catalogue.changes(reached, state.generation):
        new = Mark(state.uid, upto)
        if isinstance(index, KeywordIndex):
            index.apply(live, dead, new)
        else:
            vectors = catalogue.whole_vectors([item.vector for item in live])
            index.apply({item.id: vectors[item.vector] for item in live}, dead, new)
        return upto < state.generation
    return False


def host_name(folder: Path) -> str:
    """A name for the indexes of a data folder that no other host has, made at first use."""
    path = folder / "host"
    with suppress(FileExistsError), path.open("x", encoding="ascii") as file:
        file.write(uuid.uuid4().hex)
    return path.read_text("ascii")


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0
