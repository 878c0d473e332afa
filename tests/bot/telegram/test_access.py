"""Only those who were let in are answered: by the pairing code, by an admin, or because the setting lets everyone in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest
from botapi.acting import forge, let_in, pair, press, reply, settled, silence
from botapi.records import Chat, Message, Person
from botapi.running import Running
from botapi.server import BotApi

from bot.telegram import members, texts
from bot.telegram.members import Members

ADA, BOB, CY, EVE = Person(7, "Ada", username="ada"), Person(8, "Bob"), Person(9, "Cy"), Person(10, "Eve\u202e\n")
QUESTION = "How many otters did the census find?"
Start = Callable[..., Running]


def tomorrow(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Let it be another day."""
    monkeypatch.setattr(members, "_today", lambda: day)


def test_pairing(api: BotApi, start: Start) -> None:
    """The printed code is the same after a restart, makes its first sender admin however it is typed, and works once."""
    ada, bob = api.private(ADA), api.private(BOB)
    with start(access="paired") as first:
        assert len(first.code) == 8
        assert reply(api, ada, ADA, QUESTION).text == texts.NO_ADMIN
    with start(access="paired") as bot:
        assert bot.code == first.code
        typed = f" {bot.code[:4].lower()}-{bot.code[4:]} "
        assert reply(api, ada, ADA, typed).text == texts.PAIRED
        assert "27 animals" in reply(api, ada, ADA, QUESTION).text
        assert {each["command"] for each in api.commands["chat:7"]} >= {"add", "remove"}
        assert reply(api, bob, BOB, bot.code).text == texts.ASKED
        code = bot.code
    with start(access="paired") as again:
        assert not [text for text in again.said if "airing" in text]
        with silence(api, ada, ADA):
            api.say(bob, BOB, f"/start {code}")


def test_pairing_link(api: BotApi, start: Start) -> None:
    """The code behind /start pairs, as a link to the bot sends it; a group is no place for it."""
    ada, group = api.private(ADA), api.group(-500)
    with start(access="paired") as bot:
        assert reply(api, group, ADA, f"@footnote_bot {bot.code}").text == texts.NO_ADMIN
        api.say(group, ADA, bot.code)
        assert reply(api, ada, ADA, f"/start {bot.code}").text == texts.PAIRED
        assert texts.START_ADMIN in reply(api, ada, ADA, "/start").text


@pytest.mark.parametrize("access", ["paired", "open"])
def test_guessing(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch, access: str) -> None:
    """After five wrong codes even the right one is refused that day; others' tries, and another day's, are their own."""
    eve, ada = api.private(EVE), api.private(ADA)
    tomorrow(monkeypatch, "2031-01-01")
    with start(access=access) as bot:
        for letter in "ABCDE":
            api.say(eve, EVE, letter * 8)
        api.say(eve, EVE, bot.code)
        api.say(eve, EVE, "Привет12")
        settled(api, data)
        if access == "paired":
            assert reply(api, ada, ADA, "ZZZZZZZZ").text == texts.NO_ADMIN
            assert [each.text for each in api.sent(eve)] == [texts.NO_ADMIN]
        else:
            assert texts.PAIRED not in [each.text for each in api.sent(eve)]
            assert len(api.sent(eve)) == 7
        tomorrow(monkeypatch, "2031-01-02")
        assert reply(api, eve, EVE, bot.code).text == texts.PAIRED


def test_stranger(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger gets one sentence a day, whatever they send; the admin gets the request, decides by button, and undoes."""
    eve = api.private(EVE)
    with start(access="paired") as bot:
        ada = pair(api, bot, ADA)
        assert reply(api, eve, EVE, QUESTION).text == texts.ASKED
        request = api.wait_sent(ada, 2)[-1]
        assert request.text == texts.REQUEST.format(name="Eve", id=10)
        for text in (QUESTION, "/start", "/help", "/status", "/search otters", "/forget", "https://a.example/", "/unknown"):
            api.say(eve, EVE, text)
        api.upload(eve, EVE, "a.txt", b"An article.", "text/plain")
        settled(api, data)
        assert reply(api, ada, ADA, "/status").buttons[0]["text"] == texts.ADMIT_NAMED.format(name="Eve")
        press(api, ada, request, ADA, texts.ADMIT)
        assert api.wait_sent(eve, 2)[1].text == texts.WELCOME
        assert "27 animals" in reply(api, eve, EVE, QUESTION).text
        changed = next(each for each in api.sent(ada) if each.id == request.id)
        assert changed.text == texts.LET_IN.format(name="Eve")
        press(api, ada, changed, ADA, texts.REFUSE)
        with silence(api, ada, ADA):
            api.say(eve, EVE, QUESTION)
            tomorrow(monkeypatch, "2031-01-01")
            assert reply(api, eve, EVE, QUESTION).text == texts.TURNED_AWAY
            api.say(eve, EVE, QUESTION)
        assert len(api.sent(eve)) == 4
        changed = next(each for each in api.sent(ada) if each.id == request.id)
        press(api, ada, changed, ADA, texts.ADMIT)
        assert api.wait_sent(eve, 5)[-1].text == texts.WELCOME
        assert "27 animals" in reply(api, eve, EVE, QUESTION).text


def test_group_is_let_in(api: BotApi, start: Start, data: Path) -> None:
    """A group is quiet until an admin has let it in, but for one sentence to whoever speaks to the bot there."""
    group, refused = api.group(-500, "Readers"), api.group(-600, "Others")
    with start(access="paired") as bot:
        ada = pair(api, bot, ADA)
        for each in (group, refused):
            api.membership(each, ADA, "left", "member")
        assert texts.REQUEST_GROUP.format(name="Readers", id=-500) in [each.text for each in api.wait_sent(ada, 3)]
        for text in ("Hello", "/weather", "/help@weather_bot", "/weather@footnote_bot"):
            api.say(group, BOB, text)
        assert reply(api, group, BOB, f"@footnote_bot {QUESTION}").text == texts.ASKED
        for text in ("/help", f"@footnote_bot {QUESTION}"):
            api.say(group, ADA, text)
        settled(api, data)
        let_in(api, ada, group, "Readers")
        assert [each.text for each in api.sent(group)] == [texts.ASKED, texts.WELCOME_GROUP]
        assert "27 animals" in reply(api, group, BOB, f"@footnote_bot {QUESTION}").text
        press(api, ada, next(each for each in api.sent(ada) if "Others" in each.text), ADA, texts.REFUSE)
        assert reply(api, refused, BOB, f"@footnote_bot {QUESTION}").text == texts.TURNED_AWAY
        bob = api.private(BOB)
        assert reply(api, bob, BOB, QUESTION).text == texts.ASKED, "who is in a group is not let in elsewhere"


def test_taps(api: BotApi, start: Start) -> None:
    """Only an admin's tap in their own chat decides, and a tap of somebody who is not let in does nothing."""
    group, eve = api.group(-500, "Readers"), api.private(EVE)
    with start(access="paired") as bot:
        ada = pair(api, bot, ADA)
        bob = api.private(BOB)
        api.say(bob, BOB, "Hello")
        let_in(api, ada, BOB, "Bob")
        api.membership(group, ADA, "left", "member")
        let_in(api, ada, group, "Readers")
        told = reply(api, eve, EVE, "Hello")
        request = api.wait_for(lambda: next((each for each in api.sent(ada) if "Eve" in each.text), None))
        library = reply(api, ada, ADA, "/remove otters").buttons[0]["callback_data"]
        own, shared = reply(api, bob, BOB, QUESTION), reply(api, group, BOB, f"@footnote_bot {QUESTION}")
        row = request.buttons + [{"text": "x", "callback_data": data} for data in (library, library.replace("r:", "d:"))]
        for chat, message, person in ((bob, own, BOB), (group, shared, ADA), (group, shared, BOB), (eve, told, EVE)):
            forged = _with_buttons(api, chat, message.id, row)
            for each in row:
                assert forge(api, chat, forged, person, each["callback_data"]) in {texts.NOT_ALLOWED, texts.OLD_BUTTON}
        assert "Eve" in reply(api, ada, ADA, "/status").buttons[0]["text"]
        assert "Otters" in reply(api, ada, ADA, "/sources otters").text
        for data in ("a:7:0", "a:404:1", "a:--8:1", "a:8", "a", "a:" + "9" * 40 + ":1", "r:" + "9" * 40, "d:404", "p:404:1", "?"):
            forged = _with_buttons(api, ada, request.id, [{"text": "x", "callback_data": data}])
            assert forge(api, ada, forged, ADA, data) in {texts.NOT_ALLOWED, texts.OLD_BUTTON}
        assert texts.HELP_ADMIN in reply(api, ada, ADA, "/help").text
        assert len(api.sent(eve)) == 1


def _with_buttons(api: BotApi, chat: Chat, number: int, row: list[dict[str, str]]) -> Message:
    """A message of the bot's as a client shows it that was made to show other buttons."""
    (message,) = [each for each in api.messages(chat) if each.id == number]
    return replace(message, reply_markup={"inline_keyboard": [row]})


@pytest.mark.parametrize("broken", ["standing", "current", "is_due", "pair"])
def test_gate_fails_closed(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """When it cannot be known who somebody is, they get nothing, and no handler sees what they have sent."""
    ada, eve, group = api.private(ADA), api.private(EVE), api.group(-500)

    def fail(*_: object) -> Never:
        message = "The disk is full."
        raise OSError(message)

    with start(access="paired") as bot:
        pair(api, bot, ADA)
        monkeypatch.setattr(Members, broken, fail)
        for text in ("ABCDEFGH", "/start ABCDEFGH", *(() if broken == "pair" else (QUESTION, "/search otters", "/help"))):
            api.say(eve, EVE, text)
        if broken == "standing":
            api.say(ada, ADA, QUESTION)
        if broken != "pair":  # which is asked of what may be a code only
            api.say(group, EVE, QUESTION)
            api.say(group, EVE, f"@footnote_bot {QUESTION}")
            api.upload(eve, EVE, "a.txt", b"An article.", "text/plain")
        settled(api, data)
    assert api.sent(eve) == api.sent(group) == []
    assert len(api.sent(ada)) == 1
    assert not (data / "uploads").exists()


def test_open(api: BotApi, start: Start) -> None:
    """With the setting everyone is answered, and the code still makes an admin, who alone may change the articles."""
    eve, group = api.private(EVE), api.group(-500)
    with start(access="open") as bot:
        api.membership(group, EVE, "left", "member")
        assert "27 animals" in reply(api, eve, EVE, QUESTION).text
        assert "27 animals" in reply(api, group, EVE, f"@footnote_bot {QUESTION}").text
        assert reply(api, eve, EVE, "/add https://a.example/").text == texts.ADMINS_ONLY
        ada = pair(api, bot, ADA)
        assert reply(api, ada, ADA, "/add").text == texts.HOW_TO_ADD
        with silence(api, ada, ADA):
            pass
