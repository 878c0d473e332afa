"""`footnote rebuild`: the library made anew, with the model of the settings and the chunks of this version."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from bot.wiring import check_folder, open_library, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import console, counted, print_json
from ingest.progress import progress_shown

if TYPE_CHECKING:
    from ingest.rebuild import Rebuilt


def rebuild(data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Make the library anew for another embedding model or a newer version; the old one answers until the new one is whole."""
    settings = settings_of(data)
    check_folder(settings)
    from ingest.cli import Stop
    from ingest.rebuild import rebuild_library
    from retrieval import Encoder

    with open_library(settings) as library, Stop() as stop, progress_shown() as notify:
        done = rebuild_library(library, Encoder(settings.embedding_model), notify=notify, stopped=stop.is_asked)
    if as_json:
        print_json({**asdict(done), "seconds": round(done.seconds, 3)})
    else:
        _tell(done)
    if done.interrupted:
        raise typer.Exit(FAILED)


def _tell(done: "Rebuilt") -> None:
    out = console()
    chunks = f"{counted(done.chunks, 'chunk')}, {done.embedded} embedded"
    counts = f"{counted(done.articles, 'article')} (in {done.seconds:.1f} s, {chunks})"
    if done.interrupted:
        out.print(f"Stopped after {counts}. The library is as it was. The next run goes on from there.")
    else:
        out.print(f"Rebuilt {counts}")
