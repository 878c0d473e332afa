"""`footnote articles` and `footnote remove`: what lies in the library, and taking it out."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from bot.listing import matching, named
from bot.terminal import show_articles
from bot.wiring import open_library, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import complain, console, counted, print_json, printable

FilterArgument = Annotated[
    str, typer.Argument(metavar="[FILTER]", help="Part of a title, author, site or source.", show_default=False)
]
RemovedArgument = Annotated[
    list[str],
    typer.Argument(metavar="SOURCE", help="Files, addresses as `articles` lists them, or whole folders.", show_default=False),
]


def articles(wanted: FilterArgument = "", data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """List the articles of the library."""
    settings = settings_of(data)
    from retrieval.library.lost import left_behind

    with open_library(settings) as library:
        every = library.articles()
    left = None if every else left_behind(settings.data_dir, settings.servers)
    if left is not None:
        complain(str(left))
    found = matching(every, wanted)
    if as_json:
        print_json([asdict(article) for article in found])
        return
    out = console()
    show_articles(found, out)
    if every:
        out.print(f"{len(found)} of {counted(len(every), 'article')}" if wanted else counted(len(every), "article"))
    elif left is None:
        out.print("The library has no articles yet. Add some: footnote ingest FOLDER")


def remove(sources: RemovedArgument, data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Take articles out of the library; the files themselves stay."""
    removed, unknown = [], []
    with open_library(settings_of(data)) as library, library.writing():
        known = library.catalogue.digests()
        for source in sources:
            found = [each for each in named(source, known) if library.remove(each)]
            removed += found
            if not found and not any(each in removed for each in named(source, known)):
                unknown.append(source)
        library.catch_up(purge=True)
    if as_json:
        print_json({"removed": removed, "unknown": unknown})
    else:
        _tell(removed, unknown)
    if unknown:
        raise typer.Exit(FAILED)


def _tell(removed: Iterable[str], unknown: Iterable[str]) -> None:
    out = console()
    for source in removed:
        out.print(f"removed: {printable(source)}")
    for source in unknown:
        complain(f"There is no article {source} in the library. List them: footnote articles")
