"""Opening files: regular ones of a reasonable size, and a sentence for all others."""

import os
import stat
from datetime import UTC, datetime

from ingest import kinds
from ingest.documents import Document
from retrieval.errors import SourceError

MEGABYTE = 1024 * 1024
MAX_BYTES = 50 * MEGABYTE


def load_file(path: str) -> Document:
    """Read a file; raise SourceError when that cannot be done."""
    try:
        data, modified = read_file(path)
    except (OSError, ValueError) as error:
        raise SourceError(why_closed(error)) from None
    return Document(source=path, media_type=kinds.from_name(path), data=data, modified=modified)


def read_file(path: str) -> tuple[bytes, str]:
    """Read a regular file that is not too large, and the day on which it was changed."""
    # Opened without waiting, for a pipe may have taken the place of the file; the size is asked before a byte is read.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            message = "It is neither a file nor a folder, so nothing is read from it."
            raise SourceError(message)
        data = b"" if status.st_size > MAX_BYTES else file.read(MAX_BYTES + 1)
    if max(status.st_size, len(data)) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // MEGABYTE} MB."
        raise SourceError(message, help="Save the part that matters as a new file.")
    return data, _day(status.st_mtime)


def beginning(path: str) -> bytes:
    """Return the first bytes of a regular file, or none."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return b""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(kinds.BEGINNING)
    except OSError:
        return b""


def why_closed(error: OSError | ValueError) -> str:
    """Say in one sentence why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "There is no such file or folder. Check the name."
    if isinstance(error, PermissionError):
        return "You may not open it. Check its permissions."
    return f"It cannot be opened ({getattr(error, 'strerror', None) or 'not a usable name'})."


def _day(seconds: float) -> str:
    """The day of a time; none for 0, with which programs say that they do not know."""
    if not seconds:
        return ""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
