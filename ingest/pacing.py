"""Politeness: a gap between two requests to the same host, and a wait of its own choice when it asks for one."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS

from ingest.addresses import is_loopback_name
from retrieval.errors import SourceError

GAP_SECONDS = 1.0
LONGEST_WAIT = 30.0  # that a site may ask for
LOOK_SECONDS = 0.2  # between two looks at whether to stop
MANY_HOSTS = 1000


class Pace:
    """When each host may be asked again; this computer may be at once. `stopped` ends a wait as a SourceError."""

    def __init__(self, gap_seconds: float, stopped: Callable[[], bool]) -> None:
        self._gap = gap_seconds
        self._stopped = stopped
        self._next: dict[str, float] = {}

    def take_turn(self, host: str) -> float:
        """Wait for the host's turn, and return for how many seconds."""
        host = host.lower().rstrip(".")
        if is_loopback_name(host):
            return 0.0
        now = time.monotonic()
        if len(self._next) > MANY_HOSTS:
            self._next = {name: moment for name, moment in self._next.items() if moment > now}
        waited = max(0.0, self._next.get(host, now) - now)
        self._next[host] = now + waited + self._gap
        self.wait(waited)
        return waited

    def wait(self, seconds: float) -> None:
        """Wait, but not for longer than the person does; raises SourceError when they stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._stopped():
                message = "It was not fetched, for you have stopped."
                raise SourceError(message, help="Run it again to go on.")
            time.sleep(min(left, LOOK_SECONDS))


def seconds_to_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """For how long a busy site asks us to wait, None when it does not ask; raises SourceError when that is too long."""
    asked = headers.get("retry-after", "").strip()
    if status not in {TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE} or not asked:
        return None
    if re.fullmatch(r"[0-9]{1,9}", asked):
        seconds = float(asked)
    else:
        try:
            moment = parsedate_to_datetime(asked[:60])
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - datetime.now(tz=UTC)).total_seconds())
    if seconds > LONGEST_WAIT:
        message = f"The site is busy and asks to be left alone for {_long(seconds)}."
        raise SourceError(message, help="Try again then.")
    return seconds


def _long(seconds: float) -> str:
    """A time in words: minutes up to two hours, then hours."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"  # noqa: PLR2004 - two hours
