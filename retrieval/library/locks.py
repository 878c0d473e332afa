"""Who may do what to a library when: one lock between the threads that share it, and two between libraries of one folder.

They are taken in one order: the writer's, the threads', the indexes'. A thread that already has a later one asks for the writer's
without waiting, and none waits for another library's threads: so no two can wait for each other.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import filelock

from retrieval.errors import LibraryBusy

LOCK_SECONDS = 60.0


class Locks:
    """The locks of one library; those in files hold between processes and between the libraries that one process opens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = filelock.FileLock(folder / "writer.lock", poll_interval=0.05)
        self._indexes = filelock.FileLock(folder / "index.lock", timeout=LOCK_SECONDS, poll_interval=0.01)
        self.threads = RLock()

    @contextmanager
    def indexes(self) -> Iterator[None]:
        """Hold both indexes: around writing one and around opening one, never around embedding chunks."""
        try:
            with self.threads, self._indexes:
                yield
        except filelock.Timeout as error:
            raise self._busy() from error

    @contextmanager
    def writing(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Be the only one that changes articles; a second one waits a little, unless it is stopped, and is then refused."""
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                self._writer.acquire(timeout=0.2)
                break
            except filelock.Timeout as error:
                if stopped() or time.monotonic() > deadline:
                    raise self._busy() from error
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def if_nobody_writes(self) -> Iterator[bool]:
        """Be the one that writes if nobody else does, and say whether that is so."""
        try:
            self._writer.acquire(timeout=0)
        except filelock.Timeout:
            yield False
            return
        try:
            yield True
        finally:
            self._writer.release()

    def _busy(self) -> LibraryBusy:
        message = f"Another process is changing the library in {self._folder} and has not let go for {LOCK_SECONDS:.0f} seconds."
        return LibraryBusy(message, help="Wait until it is done, or stop it, and try again.")
