"""Who may do what to a library when: one lock between the threads that share it, and three between libraries.

Two are files: the writer's is the data folder's, the indexes' is the edition's. The third is an advisory lock on the server of
the catalogue, around writing vectors that several hosts share.

They are taken in one order: the writer's, the threads', the indexes'. A thread that already has a later one asks for the writer's
without waiting, and none waits for another library's threads: so no two can wait for each other.
"""

import datetime
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

import filelock
import sqlalchemy as sa

from retrieval.errors import LibraryBusy, LibraryError

LOCK_SECONDS = 60.0
SHARED_LOCK = 7_203_612  # any number, of the advisory lock around vectors on a server
REBUILD_LOCK = 7_203_613  # and of the one around an edition that is being built
HOLDER = "writer"  # the file in which the one that holds the writer's lock says who it is
NOT_YET = sys.maxsize  # a generation that no index has reached


class Locks:
    """The locks of one library; those in files hold between processes and between the libraries that one process opens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = filelock.FileLock(folder / "writer.lock", poll_interval=0.05)
        self.threads = RLock()
        self.move_to(folder)

    def move_to(self, folder: Path) -> None:
        """Let the indexes be those of another edition."""
        self._indexes = filelock.FileLock(folder / "index.lock", timeout=LOCK_SECONDS, poll_interval=0.01)

    @contextmanager
    def indexes(self, *, wait: bool = True) -> Iterator[bool]:
        """Hold both indexes: around writing one and around opening one, never around embedding chunks.

        Whether they are held: without `wait` they are not while somebody else has them.
        """
        with self.threads:
            try:
                with self._usable():
                    self._indexes.acquire(timeout=None if wait else 0)
            except filelock.Timeout as error:
                if wait:
                    raise self._busy() from error
                yield False
                return
            try:
                yield True
            finally:
                self._indexes.release()

    @contextmanager
    def on_server(self, engine: sa.Engine, number: int = SHARED_LOCK) -> Iterator[sa.Connection]:
        """Hold an advisory lock of a Postgres server, which is let go when the connection ends, however it ends."""
        deadline = time.monotonic() + LOCK_SECONDS
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
                if time.monotonic() > deadline:
                    message = f"Another host that shares the library has held it for more than {LOCK_SECONDS:.0f} seconds."
                    raise LibraryBusy(message, help="Wait until its ingest or rebuild is done, and try again.")
                time.sleep(0.05)
            try:
                yield connection
            finally:
                with suppress(LibraryError):  # a connection that has ended meanwhile has let go of it
                    connection.scalar(sa.select(sa.func.pg_advisory_unlock(number)))

    @contextmanager
    def writing(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Be the only one that changes articles; a second one waits a little, unless it is stopped, and is then refused."""
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                with self._usable():
                    self._writer.acquire(timeout=0.2)
                break
            except filelock.Timeout as error:
                if stopped() or time.monotonic() > deadline:
                    raise self._busy() from error
        try:
            self.sign(NOT_YET)
            yield
        finally:
            self.sign(NOT_YET)  # what was done is seen by all from now on, also before the next one has signed
            self._writer.release()

    @contextmanager
    def if_nobody_writes(self) -> Iterator[bool]:
        """Be the one that writes if nobody else does, and say whether that is so."""
        try:
            with self._usable():
                self._writer.acquire(timeout=0)
        except filelock.Timeout:
            yield False
            return
        try:
            yield True
        finally:
            self._writer.release()

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """Say in a sentence that the file of a lock cannot be made or opened."""
        try:
            yield
        except filelock.Timeout:
            raise
        except OSError as error:
            message = f"The library in {self._folder} cannot be locked: {error.strerror}."
            raise LibraryError(message, help="Check the data folder's permissions and free space.") from error

    def _busy(self) -> LibraryBusy:
        message = f"{self.holder()} is changing the library in {self._folder} and has not let go for {LOCK_SECONDS:.0f} seconds."
        return LibraryBusy(message, help="Wait until it is done, or stop it, and try again.")

    def sign(self, generation: int) -> None:
        """Leave word of who holds the writer's lock, for those who wait, and at which generation the work began."""
        since = datetime.datetime.now().astimezone().isoformat(timespec="minutes")
        with suppress(OSError):
            (self._folder / HOLDER).write_text(f"{os.getpid()} {since} {generation}", "ascii")

    def began(self) -> int:
        """The generation at which the one that holds the writer's lock began; what was done before has to be seen by all."""
        try:
            return int((self._folder / HOLDER).read_text("ascii").split()[2])
        except (OSError, ValueError, IndexError):
            return NOT_YET

    def holder(self) -> str:
        """Who holds the writer's lock, as far as it has left word."""
        try:
            number, since, *_ = (self._folder / HOLDER).read_text("ascii").split()
            return f"The process {int(number)}, at work since {datetime.datetime.fromisoformat(since):%H:%M on %Y-%m-%d},"
        except (OSError, ValueError):
            return "Another process"
