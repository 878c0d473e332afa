"""Which articles are meant by what a person types."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval import ArticleRecord


def matching(articles: Sequence["ArticleRecord"], wanted: str) -> list["ArticleRecord"]:
    """The articles with these words in title, author, site or source, whatever their case."""
    part = wanted.casefold()
    return [each for each in articles if part in f"{each.title}\n{each.author}\n{each.site}\n{each.source}".casefold()]


def named(source: str, known: Iterable[str]) -> list[str]:
    """The known sources that are this one, lie below it as a folder, or are entries of it as a feed."""
    from ingest.sources import identity

    names = {source} if "\0" in source else {source, identity(source)}
    return [each for each in known if each in names or each.startswith(_below(names, each))]


def _below(names: Iterable[str], each: str) -> tuple[str, ...]:
    """How the names of what lies in a folder or feed begin; an address is no folder, and one with a fragment is one entry."""
    if Path(each).is_absolute():
        return tuple(name.rstrip(end) + end for name in names for end in (os.sep, "#"))
    return () if any("#" in name for name in names) else tuple(f"{name}#" for name in names)
