"""The library as admins change it from a chat: articles come in and go out through the same doors as at the command line."""

import asyncio
import glob
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from ingest import Progress, Report

UPLOADS = "uploads"
NAME_LENGTH = 80
NAME_BYTES = 200  # of the 255 that file systems take
Made = TypeVar("Made")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])\s*(?:\.|$)", re.IGNORECASE)  # on Windows, with any ending
_UNFIT = re.compile(r"[^\w .,()+-]|^[. ]+|[. ]+$")


class Changes(Protocol):
    """What changes the library; both take their time."""

    def sync(self, sources: list[str], notify: "Callable[[Progress], None]", stopped: Callable[[], bool]) -> "Report":
        """Bring sources in."""

    def remove(self, source: str) -> bool:
        """Take an article out; whether it was there."""


class Shelf:
    """Makes one change after the other, each in a thread."""

    def __init__(self, changes: Changes, folder: Path) -> None:
        self._changes, self._folder = changes, folder / UPLOADS
        # A thread of its own, which nothing waits for when the process ends: an article that is being read is read again.
        self._one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="shelf")

    async def sync(self, sources: list[str], notify: "Callable[[Progress], None]", stop: threading.Event) -> "Report":
        """Bring sources in; `notify` is called in the thread that does it."""
        return await self._call(lambda: self._changes.sync(sources, notify, stop.is_set))

    async def remove(self, source: str) -> bool:
        """Take an article out; whether it was there. A file that was sent in goes too."""
        removed = await self._call(lambda: self._changes.remove(source))
        await asyncio.to_thread(self.discard, source)
        return removed

    def keep(self, name: str, data: bytes) -> Path:
        """Keep a file that was sent in; the same bytes under the same name always lie in the same place.

        Its folder is named by its content, so that no file takes the place of another one. Of the name a person gave it only
        harmless characters of the last part are used.
        """
        folder = self._folder / hashlib.sha256(data).hexdigest()[:16]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / harmless(name)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        os.utime(part.name, (0, 0))  # else the day of its arrival would pass for the article's date
        Path(part.name).replace(path)
        return path

    def has_namesake(self, path: Path) -> bool:
        """Whether another file of the same name was sent in, and is kept."""
        return any(each != path for each in self._folder.glob(f"*/{glob.escape(path.name)}"))

    def discard(self, source: str) -> None:
        """Delete a file of ours, and its folder if it is empty then."""
        path = Path(os.path.normpath(source))
        if path.is_absolute() and path.is_relative_to(os.path.realpath(self._folder)):
            path.unlink(missing_ok=True)
            with suppress(OSError):  # it is gone already, or holds the same bytes under another name
                path.parent.rmdir()

    async def _call(self, change: Callable[[], Made]) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._one_at_a_time, change)


def harmless(name: str) -> str:
    """A file name made of what a stranger calls a file: no folder, no hidden file, nothing that a system reads in its own way."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem, dot, extension = last.rpartition(".")
    stem, extension = (stem, extension) if dot else (last, "")
    clean = " ".join(_UNFIT.sub("", stem).split())[:NAME_LENGTH].encode()[:NAME_BYTES].decode(errors="ignore").strip(" .")
    ending = re.sub(r"[^A-Za-z0-9]", "", extension)[:10].lower()
    clean = f"article {clean}" if _DEVICE.match(clean) else clean
    return (clean or "article") + (f".{ending}" if ending else "")
