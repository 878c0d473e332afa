"""Whether the data folder can be used: whose it is, how much room is left, what lies in it for nothing, and who writes."""

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from rich.filesize import decimal

from retrieval.database import open_database
from retrieval.library.editions import CATALOGUE, EDITIONS, INDEXES, NEXT, Edition, left_in_root, other_schemas
from retrieval.library.following import folder_bytes
from retrieval.library.health.findings import REPAIR, Finding, Level
from retrieval.library.health.reading import is_writing
from retrieval.library.locks import Locks

FOLDER, DISK, EDITION, WRITER = "Folder", "Disk", "Editions", "Writer"
LEAST_FREE = 1_000_000_000  # bytes


def examine_folder(folder: Path) -> Iterator[Finding]:
    """Whether a folder that is there can be read and written, and only by the one who owns it."""
    named = shlex.quote(str(folder.absolute()))
    if not folder.is_dir():
        yield Finding(FOLDER, Level.WRONG, f"{folder} is no folder.", "Name another with --data or FOOTNOTE_DATA_DIR")
        return
    shut = _shut(folder)
    if shut:
        said = f"{shut} cannot be read and written by the user who runs this."
        yield Finding(FOLDER, Level.WRONG, said, f'sudo chown -R "$USER" {named} && chmod -R u+rwX {named}')
        return
    found = folder.stat()
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        said = f"{folder} belongs to another user (number {found.st_uid}), who is kept out of what is made in it now."
        yield Finding(FOLDER, Level.WARNING, said, f"Run it as that user, or take the folder over: sudo chown -R $USER {named}")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name == "posix":
        said = f"Other users of this machine may look into {folder}, where articles and questions lie."
        yield Finding(FOLDER, Level.WARNING, said, f"chmod 700 {named}")
        return
    yield Finding(FOLDER, Level.OK, f"{folder} can be read and written")


def _shut(folder: Path) -> Path | None:
    """The first of the folder and all that lies in it that cannot be used."""
    for path in (folder, *folder.rglob("*")):
        if not os.access(path, os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)) and os.path.lexists(path):
            return path
    return None


def examine_disk(folder: Path) -> Iterator[Finding]:
    """Whether there is room to fill an index anew or to build another edition beside this one."""
    free, size = shutil.disk_usage(folder).free, folder_bytes(folder)
    said = f"{decimal(free)} free, {decimal(size)} taken by the library"
    if free < max(LEAST_FREE, size):
        yield Finding(DISK, Level.WARNING, f"{said}.", f"Make room on the disk of {folder}")
    else:
        yield Finding(DISK, Level.OK, said)


def examine_editions(folder: Path, current: Edition, database_url: str) -> Iterator[Finding]:
    """What is left of editions that were replaced, and what has been built of a next one."""
    before, after = _left_over(folder, current.number, own_catalogue=not database_url)
    schemas = _schemas(database_url)
    if before or schemas - {NEXT}:
        said = f"An edition that was replaced still takes {_size(before)}."
        yield Finding(EDITION, Level.WARNING, said, REPAIR)
    if after or NEXT in schemas:
        doing = "is being built" if is_writing(folder) else "was begun and is not finished"
        yield Finding(EDITION, Level.WARNING, f"Another edition {doing}; it takes {_size(after)}.", "footnote rebuild")
    if not (before or after or schemas):
        yield Finding(EDITION, Level.OK, f"nothing is left over beside edition {current.number}")


def _left_over(folder: Path, number: int, *, own_catalogue: bool) -> tuple[list[Path], list[Path]]:
    """What lies in a data folder of the editions before and after one."""
    before = [path for path in left_in_root(folder, own_catalogue=own_catalogue) if path.exists()] if number > 0 else []
    others = [path for path in folder.glob(f"{EDITIONS}/*") if path.name.isdecimal() and (own_catalogue or _goes(path))]
    before += [path for path in others if int(path.name) < number]
    return before, [path for path in others if int(path.name) > number]


def _goes(path: Path) -> bool:
    """Whether an edition's folder goes with it; a catalogue in a file is none of a library whose catalogue is on a server."""
    return not (path / CATALOGUE).exists() or any((path / name).exists() for name in INDEXES)


def _size(paths: list[Path]) -> str:
    files = sum(path.stat().st_size for path in paths if path.is_file())
    return decimal(files + sum(folder_bytes(path) for path in paths if path.is_dir()))


def _schemas(database_url: str) -> set[str]:
    """The schemas of other editions on a server."""
    if not database_url:
        return set()
    engine = open_database(Path(), called="The catalogue", url=database_url)
    try:
        return set(other_schemas(engine, following=True))
    finally:
        engine.dispose()


def examine_writer(folder: Path) -> Iterator[Finding]:
    """Who is changing the library."""
    if is_writing(folder):
        said = f"{Locks(folder).holder()} is changing the library".replace(", is", " is")
        yield Finding(WRITER, Level.OK, said[0].lower() + said[1:])
    else:
        yield Finding(WRITER, Level.OK, "nobody is changing the library")
