"""The connections to a Postgres server: tried again when it is down, given up when it hangs, and with text that it takes.

The driver waits for an answer for as long as it takes. Here a silent server is asked, over a connection of its own, whether it
is still at work, so that a statement may take long, but a server that was stopped or cut off keeps nobody waiting.
"""

import os
import re
import socket
import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Dumper

from retrieval.errors import SettingsError

SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")
NAME = "FOOTNOTE_DATABASE_URL"
CONNECT_SECONDS = 5  # that one attempt may take
TRYING_SECONDS = 10.0  # after which no other attempt is begun
RETRIES = (0.2, 1.0, 3.0)  # seconds before connecting to a server once more
SILENT_SECONDS = 10.0  # after which a server is asked whether it is still at work
GRACE_SECONDS = 1.0  # for an answer that is on its way, when the server says that it has none to give any more
LONGEST_SECONDS = 1800.0  # of one statement that it is at work on
LOCK_SECONDS = 30  # for another connection to end its transaction
KEEPALIVE = {"idle": 10, "interval": 5, "count": 3}  # seconds and times: either side soon sees that the other is gone

_WHATEVER = re.compile("[\0\ud800-\udfff]")
_WRONG = re.compile(r"authentication failed|does not exist|not permitted|permission denied|pg_hba|no password|sslmode|invalid")
_FINAL = re.compile(rf"FATAL: |{_WRONG.pattern}")
_STARTING = re.compile(r"starting up|shutting down|recovery mode|too many|remaining connection slots")
Made = TypeVar("Made")


def server_engine(url: str, schema: str) -> sa.Engine:
    """The engine of a schema on the server at an address; raises SettingsError if it is none."""
    engine = sa.create_engine(
        _address(url),
        pool_pre_ping=True,  # a server that was restarted is noticed before a statement is lost on it
        max_overflow=-1,  # as many connections as there are threads, so that none waits for another's
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": f"footnote@{socket.gethostname()}:{os.getpid()}"[:63],
            "client_encoding": "utf8",
            "prepare_threshold": None,  # prepared statements name tables that an edition may have replaced since
            "options": _options(schema),
            **{f"keepalives_{name}": value for name, value in KEEPALIVE.items()},
            "tcp_user_timeout": LOCK_SECONDS * 1000,
        },
    )
    sa.event.listen(engine, "do_connect", _connect)
    return engine


def reason_of(error: BaseException) -> str:
    """What the driver or the server says is wrong, in one line without the address."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    line = next((line for line in reversed(lines) if line.startswith("- ")), lines[0])  # where several addresses were tried
    return re.split(r"failed: |FATAL: |ERROR: ", line)[-1].strip().rstrip(".")


def is_of_address(error: BaseException) -> bool:
    """Whether connecting fails for the address: a server that is up lets nobody in with it, or it has an option that is none."""
    return _WRONG.search(str(error)) is not None


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever."""

    known: dict[str, Any]

    def wait(self, gen: Generator[Any, Any, Made], *arguments: Any, **named: Any) -> Made:
        """Wait as the driver does, but not for a server that hangs."""
        return super().wait(self._watched(gen), *arguments, **named)

    def _watched(self, steps: Generator[Any, Any, Made]) -> Generator[Any, Any, Made]:
        """The same steps; between them the driver says now and then that nothing has come."""
        begun = heard = time.monotonic()
        doubted = False
        try:
            waits_for = steps.send(None)
            while True:
                ready = yield waits_for
                now = time.monotonic()
                if ready:
                    heard, doubted = now, False
                elif now - heard > (GRACE_SECONDS if doubted else self._patience()):
                    if doubted or now - begun > LONGEST_SECONDS:
                        self.pgconn.finish()
                        message = "it does not answer any more"
                        raise psycopg.OperationalError(message)
                    doubted, heard = not self._is_at_work(), time.monotonic()  # if not, the answer may be on its way
                waits_for = steps.send(ready)
        except StopIteration as end:
            made: Made = end.value
            return made

    def _patience(self) -> float:
        return SILENT_SECONDS

    def _is_at_work(self) -> bool:
        """Whether the server answers another connection, and says that it is busy with this one's statement."""
        query = "SELECT state FROM pg_stat_activity WHERE pid = %s"
        try:
            with _Asking.connect(**{**self.known, "connect_timeout": CONNECT_SECONDS}) as asking:
                row = asking.execute(query, [self.info.backend_pid]).fetchone()
                return row is not None and row[0] == "active"
        except psycopg.OperationalError as error:
            return "too many" in str(error) or "remaining connection slots" in str(error)
        except psycopg.Error:
            return False


class _Asking(Connection):
    """The connection that asks; a server that does not answer it hangs."""

    def _is_at_work(self) -> bool:
        return False

    def _patience(self) -> float:
        return CONNECT_SECONDS


class _Text(Dumper):
    """Text as Postgres takes it: a character that it cannot hold is replaced by one, so that places in the text stay right."""

    oid = psycopg.adapters.types["text"].oid

    def dump(self, obj: str) -> bytes:
        """The bytes that are sent."""
        return _WHATEVER.sub("\ufffd", obj).encode()


def _connect(_dialect: object, _record: object, arguments: tuple[Any, ...], named: dict[str, Any]) -> Connection:
    """Connect, again after a while if the server cannot be reached."""
    deadline = time.monotonic() + TRYING_SECONDS
    for pause in (*RETRIES, None):
        try:
            connection = Connection.connect(*arguments, **named)
        except psycopg.OperationalError as error:
            final = _FINAL.search(str(error)) and not _STARTING.search(str(error))
            if final or pause is None or time.monotonic() + pause > deadline:
                raise
            time.sleep(pause)
        else:
            connection.known = {name: value for name, value in named.items() if name not in {"context", "cursor_factory"}}
            connection.adapters.register_dumper(str, _Text)
            return connection
    raise AssertionError  # the last attempt has returned or raised


def _options(schema: str) -> str:
    """What the server is told at the beginning; that it looks after the connection frees the locks of a host that is gone."""
    alive = (f"tcp_keepalives_{name}={value}" for name, value in KEEPALIVE.items())
    return " ".join(f"-c {each}" for each in (f"search_path={schema}", f"lock_timeout={LOCK_SECONDS}s", *alive))


def _address(url: str) -> sa.URL:
    address = _read(url)
    if address is None or address.drivername not in SCHEMES:
        message = f"{NAME} is not the address of a Postgres database."
        raise SettingsError(message, help="It looks like postgresql://USER:PASSWORD@HOST/DATABASE.")
    if "@" in f"{address.host}{address.database}":
        message = f"{NAME} has a password with signs in it that an address cannot hold as they are."
        raise SettingsError(message, help="Write them in hexadecimal: %40 for @, %2F for / and so on.")
    password = address.query.get("password")
    if isinstance(password, str):  # it goes where it is never shown
        address = address.set(password=password).difference_update_query(["password"])
    return address.set(drivername="postgresql+psycopg")


def _read(url: str) -> sa.URL | None:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        return None
