"""One bot at a time: of the hosts that share a database one answers, for Telegram gives each message to one of them only."""

import asyncio
import logging
import time

import sqlalchemy as sa

from retrieval import LibraryError, ServerDown
from retrieval.database import on_server

LOCK = 7_203_614  # any number, of the advisory lock that the running bot holds
WAIT_SECONDS = 3.0  # for a bot that has just ended to be known to have
LOOK_SECONDS = 5.0  # between two looks whether the lock is still held
_log = logging.getLogger(__name__)


class Alone:
    """Holds the lock of a database on a server as long as the connection lasts; a file's is held otherwise."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    def hold(self) -> None:
        """Take the lock, or see that it is still held, and else take it again; raises LibraryError if another bot has it."""
        if not on_server(self._engine):
            return
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
            except LibraryError:
                self.release()
            else:
                return
        self._take()

    async def keep(self) -> None:
        """Take the lock again whenever the server was down; raises LibraryError if another host's bot was faster."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.hold)
            except ServerDown as error:
                _log.warning("The database could not be reached.", extra={"error": str(error)})

    def release(self) -> None:
        """Let another bot run."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take(self) -> None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # when it is closed, it is closed and its lock let go of
        try:
            taken = _taken(connection)
        except BaseException:
            connection.close()
            raise
        if not taken:
            connection.close()
            message = "Another bot is running on the database of FOOTNOTE_DATABASE_URL."
            raise LibraryError(message, help="Stop it first; of the hosts that share a database one alone runs the bot.")
        self._connection = connection


def alone_on(engine: sa.Engine) -> Alone:
    """The lock of a database, held; where it cannot be, the database is closed. Raises LibraryError."""
    alone = Alone(engine)
    try:
        alone.hold()
    except BaseException:
        engine.dispose()
        raise
    return alone


def _taken(connection: sa.Connection) -> bool:
    """Whether the lock is ours, now or as soon as a bot that has just ended is known to have."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK))):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
