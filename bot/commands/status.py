"""`footnote status`: what the library holds, and whether its three stores agree."""

from typing import TYPE_CHECKING

import typer
from rich.filesize import decimal

from bot.records import status_record
from bot.wiring import open_library, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import console, print_json, printable

if TYPE_CHECKING:
    from retrieval import Status


def status(data: DataOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show what the library holds, where it lies and whether it is in order."""
    with open_library(settings_of(data)) as library:
        found = library.status()
    if as_json:
        print_json(status_record(found))
    else:
        out = console()
        for name, value in _lines(found).items():
            out.print(f"{name:<10} {printable(value)}")
    if not found.agree:
        raise typer.Exit(FAILED)


def _lines(status: "Status") -> dict[str, str]:
    """What is shown, by name."""
    model = status.model
    sizes = {"catalogue": status.catalogue_bytes, "vectors": status.vectors_bytes, "keywords": status.keywords_bytes}
    return {
        "Articles": str(status.articles),
        "Chunks": f"{status.chunks} ({status.vectors} in the vector index, {status.keywords} in the keyword index)",
        "Languages": ", ".join(f"{language or 'unknown'} {count}" for language, count in status.languages.items()) or "none yet",
        "Model": f"{model.name}, {model.dimension} dimensions ({model.fingerprint})" if model else "none yet",
        "Folder": str(status.folder.absolute()),
        "Size": ", ".join(f"{name} {decimal(size)}" for name, size in sizes.items()),
        "In order": "yes" if status.agree else "no: the three stores differ. The next question or ingest brings them together.",
    }
