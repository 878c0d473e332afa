"""What was decided just before the process ended is told by the next one, once."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Never

import pytest
from botapi.acting import pair, press, reply, settled
from botapi.chains import EchoChain
from botapi.faults import Rule, retry_after
from botapi.records import Chat, Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import DATABASE

from bot.telegram import service, texts
from bot.telegram.members import Standing
from bot.telegram.outbox import Outbox

ADA, BOB, EVE = Person(7, "Ada", username="ada"), Person(8, "Bob"), Person(10, "Eve")
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is broken off at the end is so soon."""
    monkeypatch.setattr(service, "STOP_SECONDS", 0.05)


def held_up(api: BotApi, chat: Chat, act: Callable[[], object]) -> Rule:
    """Do what leads to a message in a chat, and wait until that is on its way; it does not arrive before the rule is stopped."""
    rule, before = api.fault("sendMessage", kind=retry_after(1), chat=chat, times=None), len(api.called("sendMessage", chat))
    act()
    api.wait_for(lambda: len(api.called("sendMessage", chat)) > before)
    return rule


def come_again(api: BotApi, folder: Path, update_id: int) -> None:
    """Let an update be as if the process had died before it was noted to be done."""
    payload = json.dumps(api.world.updates[update_id])
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        changed = database.execute(
            "UPDATE telegram_incoming SET state = 'waiting', payload = ? WHERE update_id = ? AND state = 'done'",
            [payload, update_id],
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize("group", [False, True])
def test_letting_in(api: BotApi, start: Start, data: Path, group: bool) -> None:  # noqa: FBT001 - pytest's
    """Whoever is let in by a tap that is broken off before the welcome is welcomed by the next process, once."""
    chat = api.group(-500) if group else api.private(BOB)
    with start(access="paired") as bot:
        ada = pair(api, bot, ADA)
        api.say(chat, BOB, "@footnote_bot Hello")
        request = api.wait_for(lambda: next((each for each in api.sent(ada) if each.buttons), None))
        api.wait_sent(chat, 1)
        rule = held_up(api, chat, lambda: api.press(ada, request, ADA, texts.ADMIT))
    assert [texts.ASKED] == [each.text for each in api.sent(chat)]
    rule.stop()
    for _ in range(2):
        with start(access="paired") as again:
            settled(api, data)
            assert again.service._parts.members.standing(chat.id) == Standing.MEMBER
        come_again(api, data, api.last_update)

    assert [texts.ASKED, texts.WELCOME_GROUP if group else texts.WELCOME] == [each.text for each in api.sent(chat)]
    assert next(each for each in api.sent(ada) if each.id == request.id).text.startswith("Let in: ")


@pytest.mark.parametrize("form", ["{code}", "/start {code}"])
def test_pairing(api: BotApi, start: Start, data: Path, form: str) -> None:
    """Whoever has become admin by a code whose reply was broken off is told so by the next process; the code is no question."""
    ada, chain = api.private(ADA), EchoChain()
    with start(access="paired") as bot:
        rule = held_up(api, ada, lambda: api.say(ada, ADA, form.format(code=bot.code)))
    assert [] == api.sent(ada)
    rule.stop()
    for _ in range(2):
        with start(access="paired", wrap=chain) as again:
            settled(api, data)
            assert again.service._parts.members.admins() == [ADA.id]
        come_again(api, data, api.last_update)

    assert [texts.PAIRED] == [each.text for each in api.sent(ada)]
    assert [] == chain.asked


def test_forgetting(api: BotApi, start: Start, data: Path) -> None:
    """A wish to be forgotten that comes again is fulfilled, and said to be so, once; so is one that was broken off."""
    bob = api.private(BOB)
    with start():
        rule = held_up(api, bob, lambda: api.say(bob, BOB, "/forget"))
    rule.stop()
    wish = api.last_update
    for _ in range(2):
        with start():
            settled(api, data)
        assert [texts.FORGOTTEN] == [each.text for each in api.sent(bob)]
        come_again(api, data, wish)
    with start():
        settled(api, data)
        assert reply(api, bob, BOB, "/forget").text == texts.FORGOTTEN, "another wish is another"

    assert len(api.sent(bob)) == 2


def test_both_or_neither(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision, or a pairing, whose news cannot be written down has not been made, and can be made again."""
    ada, bob = api.private(ADA), api.private(BOB)

    def fail(*_: object) -> Never:
        message = "The disk is full."
        raise OSError(message)

    with start(access="paired") as bot:
        members = bot.service._parts.members
        with monkeypatch.context() as full:
            full.setattr(Outbox, "add", fail)
            api.say(ada, ADA, bot.code)
            settled(api, data)
        assert [] == members.admins()
        assert texts.PAIRED == reply(api, ada, ADA, bot.code).text
        reply(api, bob, BOB, "Hello")
        request = api.wait_sent(ada, 2)[-1]
        with monkeypatch.context() as full:
            full.setattr(Outbox, "add", fail)
            api.press(ada, request, ADA, texts.ADMIT)
            settled(api, data)
        assert members.standing(BOB.id) == Standing.ASKED
        press(api, ada, request, ADA, texts.ADMIT)
        assert [texts.ASKED, texts.WELCOME] == [each.text for each in api.sent(bob)]
