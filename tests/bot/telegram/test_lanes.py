"""Lanes as people meet them: whoever has to wait is told so, and no chat waits for another."""

from collections.abc import Callable

import pytest
from botapi.chains import EchoChain, Held
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi

from bot.telegram import dispatcher as module
from bot.telegram import pacing, serving, texts

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
Start = Callable[..., Running]


def test_one_moment(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks again while an answer takes long is asked for patience once, with a place in the queue; commands are not."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    chat, other = api.private(ADA), api.private(BOB)
    with start(wrap=(held := Held()), streaming=False) as bot, held:
        monkeypatch.setattr("bot.telegram.previews.PATIENCE", 60)
        for text in ("How many otters?", "/help", "Who pays for the lighthouse?", "And the flood?"):
            api.say(chat, ADA, text)
        held.begun()
        api.say(other, BOB, "/help")
        api.wait_sent(other, 1)
        (moment,) = api.wait_sent(chat, 1)
        held.go()
        api.wait_for(lambda: not bot.left)

    assert moment.text in {texts.ONE_MOMENT.format(number=number) for number in (2, 3)}
    assert 5 == len(api.sent(chat))
    assert serving.MOMENT_SECONDS >= 10


def test_many_chats(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three questions in each of twenty-five chats at once are answered in order, each once, and none is lost."""
    monkeypatch.setattr(pacing, "ALL", (10_000, 1.0))
    monkeypatch.setattr(module, "PATIENCE", 60)
    people = [Person(number, f"Person {number}") for number in range(100, 125)]
    chats = [api.private(person) for person in people]
    questions = [f"Question {number}" for number in range(3)]
    with start(wrap=EchoChain(), streaming=False) as bot:
        for text in questions:
            for chat, person in zip(chats, people, strict=True):
                api.say(chat, person, text)
        api.wait_for(lambda: not bot.left, 30)

    for chat in chats:
        assert [f"0: {text}" for text in questions] == [each.text for each in api.sent(chat)]
