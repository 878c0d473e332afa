"""`footnote backup` and `footnote restore`: everything that cannot be made anew in one file, and from it into any place."""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal

from bot.wiring import open_library, settings_of
from ingest.command import DataOption, JsonOption
from ingest.console import console, counted, print_json, printable
from ingest.progress import SECONDS_BETWEEN_LINES

if TYPE_CHECKING:
    from bot.backup.manifest import Manifest
    from retrieval import Settings


def _file(text: str) -> Path:
    if text.strip() in {"", "-"}:
        message = "A backup is a file, and this names none."
        raise typer.BadParameter(message)
    return Path(text)


FileArgument = Annotated[Path, typer.Argument(metavar="FILE", parser=_file, help="The backup, one file.", show_default=False)]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace an earlier backup of that name.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Replace the articles and conversations that are there.")]


def backup(
    file: FileArgument,
    data: DataOption = None,
    force: ForceOption = False,  # noqa: FBT002 - a flag of the command line
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Copy the articles, conversations and people into one file, while the bot runs."""
    from bot.backup.file import check_place

    check_place(file, force=force)
    with open_library(settings_of(data)) as library, _progress("Backing up") as notify:
        from bot.backup.making import make_backup

        manifest = make_backup(file, library=library, force=force, notify=notify)
    if as_json:
        print_json({**asdict(manifest), "file": str(file), "bytes": file.stat().st_size})
    else:
        words = f"Backed up {_content(manifest)} to {file} ({decimal(file.stat().st_size)})"
        console().print(printable(words))


def restore(
    file: FileArgument,
    data: DataOption = None,
    replace: ReplaceOption = False,  # noqa: FBT002 - a flag of the command line
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Fill the library from a backup, whose indexes are made anew; nothing is embedded."""
    from bot.backup.file import opened
    from bot.backup.restoring import restore as restore_from
    from retrieval import Encoder, Library

    settings = settings_of(data)
    with opened(file) as (connection, manifest):
        encoder = Encoder(manifest.model or settings.embedding_model)
        with Library(settings.data_dir, encoder, settings.servers) as library, _progress("Restoring") as notify:
            restore_from(connection, manifest, library=library, replace=replace, notify=notify)
    if as_json:
        print_json({**asdict(manifest), "file": str(file)})
    else:
        console().print(printable(f"Restored {_content(manifest)} from {file}, made {_time(manifest.made)}"))
        _tell_of_model(manifest, settings)


def _tell_of_model(manifest: "Manifest", settings: "Settings") -> None:
    """Say so if questions will be refused because the settings name another model."""
    if manifest.model and manifest.model != settings.embedding_model:
        console().print(printable(f"Its embedding model is {manifest.model}: set FOOTNOTE_EMBEDDING_MODEL={manifest.model}"))


def _time(made: str) -> str:
    """A moment as people say it, in the time of this machine; as it is written if it is none, for all else is restored."""
    try:
        return f"at {datetime.datetime.fromisoformat(made).astimezone():%H:%M on %Y-%m-%d}"
    except ValueError:
        return made


def _content(manifest: "Manifest") -> str:
    names = {"article": "article", "chunk": "chunk", "exchange": "answer"}
    counts = [counted(manifest.counts[table], name) for table, name in names.items() if table in manifest.counts]
    if (people := manifest.counts.get("telegram_person")) is not None:
        counts.append(f"{people} {'person' if people == 1 else 'people'}")
    return f"{', '.join(counts[:-1])} and {counts[-1]}"


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar in a terminal, and a line now and then elsewhere."""
    errors = console(errors=True)
    if errors.is_terminal:
        from rich.progress import Progress

        with Progress(console=errors, transient=True) as bar:
            task = bar.add_task(words, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    told = time.monotonic()

    def notify(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            errors.print(f"{words}: {done} of {total} rows")

    yield notify
