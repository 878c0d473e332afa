"""Zip archives from strangers: nothing is written to disk, and nothing is unpacked that would fill the memory."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.errors import SourceError

MAX_UNPACKED = 200 * 1024 * 1024
MAX_MARKUP = 50 * 1024 * 1024  # a tree of it takes ten times as much
MARKUP = (".xml", ".xhtml", ".html", ".htm", ".opf", ".rels")
MAX_MEMBERS = 20_000
MAX_RATIO = 200
LOCKED = 1  # the bit of a member that is encrypted
HELP = "Save the text that matters as a new file."
SMALL = 10 * 1024 * 1024  # below this a high ratio is just a repetitive document


@contextmanager
def open_archive(data: bytes, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose members together stay below the limits; zipfile itself never unpacks more than they declare."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        message = f"It cannot be read as {kind}: the file is damaged or of another kind."
        raise SourceError(message, help="Save or download it again.") from None
    with archive:
        _check(archive.infolist(), len(data))
        yield archive


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    """Raise SourceError when the members are locked, too many, or too large."""
    if any(member.flag_bits & LOCKED for member in members):
        message = "It is protected by a password."
        raise SourceError(message, help="Save an unprotected copy and give that.")
    if len(members) > MAX_MEMBERS:
        message = f"It is made of {len(members)} files, which no article needs, so it was not opened."
        raise SourceError(message, help=HELP)
    unpacked = sum(member.file_size for member in members)
    markup = sum(member.file_size for member in members if member.filename.lower().endswith(MARKUP))
    if markup > MAX_MARKUP or unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > MAX_RATIO * packed):
        message = f"It unpacks to {unpacked // 2**20} MB, which no article needs, so it was not opened."
        raise SourceError(message, help=HELP)
