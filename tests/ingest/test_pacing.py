"""How often a host is asked, and for how long one waits for it."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.pacing import MANY_HOSTS, Pace, seconds_to_wait
from retrieval.errors import SourceError


def test_gap() -> None:
    """Between two requests to one host lies the gap, whatever the spelling of its name; other hosts do not wait."""
    pace, begun = Pace(0.1, lambda: False), time.monotonic()

    assert [pace.take_turn(host) for host in ("a.example", "b.example")] == [0, 0]
    assert pace.take_turn("A.example.") > 0
    assert pace.take_turn("a.example") > 0
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.0.0.1", "::1", "[::1]"])
def test_this_computer_does_not_wait(host: str) -> None:
    """Loopback is asked at once."""
    pace = Pace(60, lambda: False)

    assert [pace.take_turn(host), pace.take_turn(host)] == [0, 0]


def test_stopped() -> None:
    """A wait ends as soon as the person stops."""
    pace = Pace(60, lambda: True)
    pace.take_turn("a.example")

    with pytest.raises(SourceError, match="stopped"):
        pace.take_turn("a.example")


def test_many_hosts() -> None:
    """Hosts whose turn has come are forgotten."""
    pace = Pace(0.0, lambda: False)
    for number in range(MANY_HOSTS * 3):
        pace.take_turn(f"{number}.example")

    assert len(pace._next) <= MANY_HOSTS + 1


def test_what_a_busy_site_asks_for() -> None:
    """A time is asked for in seconds or as a date, by busy sites only; what is no time is none."""
    soon = format_datetime(datetime.now(tz=UTC) + timedelta(seconds=20), usegmt=True)

    assert seconds_to_wait(429, {"retry-after": "3"}) == 3
    assert 10 < (seconds_to_wait(503, {"retry-after": soon}) or 0) <= 20
    assert seconds_to_wait(503, {"retry-after": "Mon, 03 Mar 2025 10:00:00 GMT"}) == 0
    for status, asked in ((200, "3"), (503, ""), (503, "-1"), (503, "soon"), (503, "1e9"), (503, "٣")):
        assert seconds_to_wait(status, {"retry-after": asked}) is None


@pytest.mark.parametrize("asked", ["31", "999999999", "Fri, 31 Dec 2999 00:00:00 GMT"])
def test_too_long(asked: str) -> None:
    """A site that asks for a long time is given up."""
    with pytest.raises(SourceError, match="asks to be left alone for"):
        seconds_to_wait(429, {"retry-after": asked})
