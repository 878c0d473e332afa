"""How much one person may ask in a minute."""

import time
from collections.abc import Callable

import pytest
from botapi.acting import pair, press, reply
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram import texts
from bot.telegram.limits import MINUTE, RateLimit

ADA, BOB, CY = Person(7, "Ada", username="ada"), Person(8, "Bob"), Person(9, "Cy")
QUESTION = "How many otters did the census find?"
NOON = 1_000_000
Start = Callable[..., Running]
STEPS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40)), max_size=60)  # who, and how long after the one before


@given(most=st.integers(1, 5), steps=STEPS)
def test_the_law(most: int, steps: list[tuple[int, int]]) -> None:
    """No minute holds more than the limit, nothing below it is refused, and whoever waits as long as they are told is let in."""
    limit, now, asked = RateLimit(most), 1_000_000.0, list[tuple[int, float]]()
    told: dict[int, float] = {}
    for person, later in steps:
        now += later
        within = [sent for who, sent in asked if who == person and sent > now - MINUTE]
        verdict = limit.ask(person, now)
        assert verdict.allowed == (len(within) < most)
        if verdict.allowed:
            asked.append((person, now))
            assert (verdict.seconds, verdict.told) == (0, False)
            continue
        assert 1 <= verdict.seconds <= MINUTE
        assert now + verdict.seconds >= within[0] + MINUTE, "the wait is long enough"
        assert verdict.told == (told.get(person) != within[0]), "once for each time"
        told[person] = within[0]


def test_waiting_helps() -> None:
    """After the seconds that were named the next question is let in."""
    limit = RateLimit(2)
    assert [limit.ask(7, sent).allowed for sent in (0.0, 10.5, 20.0)] == [True, True, False]
    assert limit.ask(7, 20.0 + limit.ask(7, 20.0).seconds).allowed


def test_others_are_not_concerned() -> None:
    """One person's haste costs nobody else anything."""
    limit = RateLimit(1)
    assert limit.ask(7, 0).allowed
    assert not limit.ask(7, 1).allowed
    assert limit.ask(8, 1).allowed


def test_late_messages() -> None:
    """Questions that come in after later ones, as after an outage, are counted and raise nothing."""
    limit = RateLimit(2)
    assert [limit.ask(7, sent).allowed for sent in (500, 100, 50, 400, 561)] == [True, True, False, False, True]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has been quiet for a minute is forgotten once there are many."""
    monkeypatch.setattr("bot.telegram.limits.MANY", 50)
    limit = RateLimit(1)
    for person in range(1, 53):
        limit.ask(person, 0.0)
        limit.ask(person, 0.0)
    limit.ask(1, 1000.0)
    assert len(limit._sent) == 1
    assert len(limit._told) <= 1


def test_rate(api: BotApi, start: Start) -> None:
    """More questions a minute than the setting allows get one clear sentence; the minute is that of the messages' own dates."""
    bob, cy = api.private(BOB), api.private(CY)
    with start(rate=2):
        for second in (0, 1):
            assert "27 animals" in reply(api, bob, BOB, QUESTION, date=NOON + second).text
        assert reply(api, bob, BOB, QUESTION, date=NOON + 10).text == texts.TOO_MANY.format(most=2, seconds=50)
        for second, text in ((11, QUESTION), (30, "/help"), (59, "/status")):
            api.say(bob, BOB, text, date=NOON + second)
        assert reply(api, cy, CY, "/help", date=NOON + 12).text == texts.HELP
        assert "27 animals" in reply(api, bob, BOB, QUESTION, date=NOON + 60).text
        assert reply(api, bob, BOB, QUESTION, date=NOON + 60).text == texts.TOO_MANY.format(most=2, seconds=1)
        assert len(api.sent(bob)) == 5


@pytest.mark.parametrize(
    "text", [QUESTION, "/search otters", "/sources otters", "/status", "/start", "/nothing", "/help", "https://a.example/"]
)
def test_everything_counts(api: BotApi, start: Start, text: str) -> None:
    """Whatever is said to the bot counts."""
    bob = api.private(BOB)
    with start(rate=1):
        assert "That is more" not in reply(api, bob, BOB, text).text
        assert "That is more" in reply(api, bob, BOB, "/help").text


def test_what_does_not_count(api: BotApi, start: Start) -> None:
    """What is said to others in a group, stopping something, and what an admin brings in do not count, and are free beyond it."""
    group = api.group(-500)
    with start(rate=1) as bot:
        ada = pair(api, bot, ADA)
        for text in ("Hello", "/help@another_bot", "/nothing"):
            api.say(group, ADA, text)
        assert reply(api, ada, ADA, "/add").text == texts.HOW_TO_ADD
        assert reply(api, ada, ADA, "/cancel").text == texts.NOTHING_TO_STOP
        assert "27 animals" in reply(api, group, ADA, f"@footnote_bot {QUESTION}").text
        assert "That is more" in reply(api, ada, ADA, "/help").text
        assert reply(api, ada, ADA, "/cancel").text == texts.NOTHING_TO_STOP
        assert reply(api, ada, ADA, "/add").text == texts.HOW_TO_ADD
        assert reply(api, ada, ADA, "/new").text == texts.NEW
        assert reply(api, ada, ADA, "/forget").text == texts.FORGOTTEN


def test_taps(api: BotApi, start: Start) -> None:
    """Taps have a limit of their own; whoever taps too much is told so at each tap, and may ask still."""
    bob = api.private(BOB)
    with start(rate=2):
        answer = reply(api, bob, BOB, QUESTION)
        assert texts.THANKS == press(api, bob, answer, BOB, texts.GOOD)
        assert [texts.VOTED_ALREADY] * 5 == [press(api, bob, answer, BOB, texts.GOOD) for _ in range(5)]
        assert ["That is too "] * 2 == [press(api, bob, answer, BOB, texts.BAD)[:12] for _ in range(2)]
        assert reply(api, bob, BOB, "/help").text == texts.HELP


def test_flood(api: BotApi, start: Start) -> None:
    """A flood from one person gets one sentence and delays nobody else's answer."""
    bob, cy = api.private(BOB), api.private(CY)
    with start(rate=10) as bot:
        assert "27 animals" in reply(api, cy, CY, QUESTION).text  # nothing is waited for that is slow once only
        for _ in range(200):
            api.say(bob, BOB, "/help", date=NOON)
        begun = time.monotonic()
        assert "27 animals" in reply(api, cy, CY, QUESTION).text
        assert time.monotonic() - begun < 3
        api.wait_for(lambda: not bot.left)

    assert [texts.HELP] * 10 + [texts.TOO_MANY.format(most=10, seconds=60)] == [each.text for each in api.sent(bob)]
