"""The log: lines that programs can read, and no token in any of them."""

import io
import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.logs import Lines, begin_logging

TOKEN = "7654321:AAH-secret_secret_secret_secret_12345"  # noqa: S105 - it opens nothing
SECRET = TOKEN.partition(":")[2]
KNOWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
NAMES = st.from_regex("[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in KNOWN)
VALUES = st.none() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | st.binary(max_size=5)


def line(message: str = "", *args: object, people: bool = False, cause: BaseException | None = None, **fields: object) -> str:
    """What a record becomes."""
    info = None if cause is None else (type(cause), cause, cause.__traceback__)
    record = logging.LogRecord("bot.test", logging.WARNING, __file__, 1, message, args, info)
    vars(record).update(fields)
    return Lines(TOKEN, for_people=people).format(record)


def raised(text: str) -> BaseException:
    """An error with a traceback."""
    try:
        int(text + "x")
    except ValueError as error:
        return error
    raise AssertionError


@given(st.text(max_size=50), st.dictionaries(NAMES, VALUES, max_size=4), st.booleans())
def test_json_lines(message: str, fields: dict[str, Any], failed: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever is logged is one line and one JSON object with all of it."""
    written = line(message.replace("%", "%%"), cause=raised(message) if failed else None, **fields)
    read = json.loads(written)

    assert len(written.splitlines()) == 1
    assert (message.replace("%", "%%"), "warning", "bot.test") == (read["message"], read["level"], read["logger"])
    assert set(fields) <= set(read)
    assert ("traceback" in read) == failed


HIDING_PLACES: dict[str, dict[str, Any]] = {
    "message": {"message": f"POST https://api.telegram.org/bot{TOKEN}/getMe"},
    "file": {"message": f"GET https://api.telegram.org/file/bot{TOKEN}/documents/1"},
    "field": {"error": TOKEN},
    "list": {"error": [f"x{TOKEN}x"]},
    "name and value": {"urls": {f"https://h/bot{TOKEN}": TOKEN}},
    "object": {"error": ValueError(TOKEN)},
    "traceback": {"error": None, "raised": TOKEN},
    "another bot's": {"message": "POST https://api.telegram.org/bot99999:ABCDEFGHIJ_abcdefghij-12345/getMe"},
    "in an escaped address": {"message": f"https://h/bot{TOKEN.replace(':', '%3A')}/getMe".replace("%", "%%")},
    "the part behind the colon": {"bot": TOKEN.partition(":")[0], "key": SECRET},
}


@pytest.mark.parametrize("people", [False, True], ids=["programs", "people"])
@pytest.mark.parametrize("place", HIDING_PLACES)
def test_token(place: str, people: bool) -> None:  # noqa: FBT001 - which case it is
    """The token is hidden wherever it stands, and what stands around it is not."""
    fields = dict(HIDING_PLACES[place])
    cause = raised(fields.pop("raised")) if "raised" in fields else None
    written = line(fields.pop("message", "Something."), people=people, cause=cause, **fields)

    assert SECRET not in written
    assert "abcdefghij-12345" not in written
    assert "<token>" in written


def test_arguments() -> None:
    """A token that comes as an argument of a message is hidden, too."""
    assert json.loads(line("HTTP Request: %s %s", "POST", f"https://h/bot{TOKEN}/x"))["message"].endswith("/bot<token>/x")


def test_what_looks_like_nothing_secret_stays() -> None:
    """Times, addresses and numbers are not taken for tokens."""
    text = "at 12:30:15 from 127.0.0.1:8443, update 500001, error ABCDEF, [::1]:80"
    assert text == json.loads(line(text))["message"]


@pytest.mark.parametrize("people", [False, True], ids=["programs", "people"])
def test_begin(monkeypatch: pytest.MonkeyPatch, people: bool) -> None:  # noqa: FBT001 - which case it is
    """Our own news are logged, of the libraries only what is wrong; as JSON unless a person is looking."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: people)
    monkeypatch.setattr(sys, "stderr", stream)
    names = ["", "bot", "httpx", "httpcore", "telegram", "telegram.ext", "tornado", "apscheduler", "asyncio"]
    before = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)
    try:
        begin_logging(TOKEN)
        logging.getLogger("httpx").info("HTTP Request: %s", f"https://h/bot{TOKEN}/getMe")
        logging.getLogger("bot.telegram.x").info("News.", extra={"chat": 7})
        logging.getLogger("elsewhere").info("Chatter.")
        logging.getLogger("telegram.ext").error("Wrong.")
    finally:
        logging.getLogger().handlers[:] = handlers
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    lines = stream.getvalue().splitlines()

    assert len(lines) == 2
    if people:
        assert ["info: News. chat=7", "error: Wrong."] == lines
    else:
        assert [("News.", 7), ("Wrong.", None)] == [(each["message"], each.get("chat")) for each in map(json.loads, lines)]
