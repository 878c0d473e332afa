"""Chats that throw the bot out, or get another id, while it has something to say there."""

from collections.abc import Callable

import pytest
from botapi.chains import EchoChain, Held
from botapi.faults import status
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.watching import served

from bot.telegram import courier

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
GROUP, READERS = -7, -1_000_000_000_007
Start = Callable[..., Running]


@pytest.mark.parametrize("told", [True, False], ids=["told", "found out"])
def test_blocked(api: BotApi, start: Start, told: bool) -> None:  # noqa: FBT001 - which case it is
    """A chat that has thrown the bot out is left alone, also by the next process, until it lets the bot in again."""
    chat, other = api.private(ADA), api.private(BOB)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, ADA, QUESTION)
        held.begun()
        if told:
            api.membership(chat, ADA, "member", "kicked")
        else:
            api.world.statuses[chat.id] = "kicked"
        held.go()
        api.wait_for(lambda: not bot.left)
        api.world.statuses[chat.id] = "member"  # so that whatever is sent would arrive
        api.say(chat, ADA, QUESTION)
        api.say(other, BOB, QUESTION)
        served(api, bot, other)
    with start() as bot:
        before = len([call for call in api.calls if call.params.get("chat_id") == chat.id])
        api.say(chat, ADA, QUESTION)
        api.wait_for(lambda: not api.pending and not bot.left)
        assert before == len([call for call in api.calls if call.params.get("chat_id") == chat.id])
        assert not api.sent(chat)
        api.membership(chat, ADA, "kicked", "member")
        api.say(chat, ADA, QUESTION)
        assert len(served(api, bot, chat)) == 1


def test_found_again(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat that has refused a message is left alone for a while; then what is said there finds it again, or is refused once."""
    chat = api.private(ADA)
    refusing = api.fault("sendMessage", kind=status(403), chat=chat, times=None)

    def ask(bot: Running, text: str) -> int:
        before = len(api.called("sendMessage", chat))
        api.say(chat, ADA, text)
        api.wait_for(lambda: not bot.left)
        return len(api.called("sendMessage", chat)) - before

    with start(wrap=EchoChain()) as bot:
        assert [1, 0] == [ask(bot, text) for text in ("One?", "Two?")]
        monkeypatch.setattr(courier, "QUIET_SECONDS", 0.0)
        assert 1 == ask(bot, "Three?")
        refusing.stop()
        monkeypatch.setattr(courier, "QUIET_SECONDS", 60.0)
        assert 0 == ask(bot, "Four?")
        monkeypatch.setattr(courier, "QUIET_SECONDS", 0.0)
        assert [1, 1] == [ask(bot, text) for text in ("Five?", "Six?")]

    assert ["Five?", "Six?"] == [each.text.partition(": ")[2].splitlines()[0] for each in api.sent(chat)]


def test_start_finds_a_chat_again(api: BotApi, start: Start) -> None:
    """Who starts the bot anew is answered at once, however shortly before it was refused, also by the next process."""
    chat = api.private(ADA)
    refusing = api.fault("sendMessage", kind=status(403), chat=chat, times=None)
    with start(wrap=EchoChain()) as bot:
        api.say(chat, ADA, "Hello?")
        api.wait_for(lambda: api.called("sendMessage") and not bot.left)
    with start(wrap=EchoChain()):
        refusing.stop()
        api.say(chat, ADA, "/start")
        api.wait_sent(chat, 1)
        api.say(chat, ADA, "Hello again?")
        assert "Hello again?" in api.wait_sent(chat, 2)[1].text


def test_migrated_group(api: BotApi, start: Start) -> None:
    """An answer to a group that becomes a supergroup meanwhile stands there, once, and replies to no message of another id."""
    chat = api.group(GROUP)
    with start(wrap=(held := Held())) as bot, held:
        question = api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        held.begun()
        new = api.migrate(chat.id, READERS)
        held.go()
        (answer,) = served(api, bot, new)

    assert question.id in {each.id for each in api.messages(new)}
    assert answer.reply_to_message_id is None
    assert not api.sent(chat)


def test_button_of_a_migrated_group(api: BotApi, start: Start) -> None:
    """A button that edits a message which stays behind in the old group holds nothing up."""
    chat = api.group(GROUP)
    with start() as bot:
        api.say(chat, ADA, "/sources@footnote_bot")
        (listed,) = api.wait_sent(chat, 1)
        new = api.migrate(chat.id, READERS)
        (later,) = [each["callback_data"] for each in listed.buttons if each["callback_data"].endswith(":1")]
        press = api.press(chat, listed, ADA, later)
        api.wait_for(lambda: press in api.callback_answers)
        api.say(new, ADA, f"@footnote_bot {QUESTION}")
        assert len(served(api, bot, new)) == 1
