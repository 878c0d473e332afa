"""How an answer that is being made is stopped."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.chains import EchoChain, Held
from botapi.people import ANONYMOUS
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import exchanges
from botapi.talking import Talk
from botapi.watching import alone, answered, stoppable, stopped

from bot.telegram import previews, texts
from bot.telegram.handlers.answers import Ledger
from retrieval import Answer

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
NEXT = "When did the tram line reopen?"
READERS = -1_000_000_000_007
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown soon."""
    for name in ("PATIENCE", "DRAFT_SECONDS", "EDIT_SECONDS"):
        monkeypatch.setattr(previews, name, 0.02)


def test_stop_button(api: BotApi, start: Start) -> None:
    """Who has asked can stop the answer, nobody else can; the next question is answered."""
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        shown = stoppable(api, bot, chat.id)
        press = api.press(chat, shown, BOB, texts.STOP)
        assert api.wait_for(lambda: api.callback_answers.get(press, {})).get("text") == texts.NOTHING_TO_STOP
        assert texts.STOPPED_ANSWER not in {each.text for each in api.sent(chat)}
        press = api.press(chat, shown, ADA, texts.STOP)
        (said,) = stopped(api, chat.id)
        api.wait_for(lambda: press in api.callback_answers)
        held.go()
        api.say(chat, ADA, f"@footnote_bot {NEXT}")
        answered(api, chat.id, "tram")

    assert shown.id < said.id
    assert [texts.STOPPED_ANSWER, True] == [api.sent(chat)[0].text, "tram" in api.sent(chat)[1].text]
    assert len(api.sent(chat)) == 2


def test_stopped_draft(api: BotApi, start: Start) -> None:
    """The button of a draft stops its answer, and no other person's; the next question is answered."""
    chat, other = api.private(ADA), api.private(BOB)
    with start(wrap=(held := Held())), held:
        for each, person in ((chat, ADA), (other, BOB)):
            api.say(each, person, QUESTION)
        api.wait_for(lambda: {each.chat_id for each in api.drafts} == {chat.id, other.id})
        api.stop_draft(chat, next(each.draft_id for each in api.drafts if each.chat_id == chat.id))
        stopped(api, chat.id)
        held.go()
        answered(api, other.id, "27 animals")
        api.say(chat, ADA, NEXT)
        answered(api, chat.id, "tram")

    assert len(api.sent(chat)) == 2
    assert len(api.sent(other)) == 1


def test_cancel(api: BotApi, start: Start) -> None:
    """/cancel stops the answer and forgets what its sender has asked besides, also for the next start, but nobody else's."""
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())), held:
        for person, text in ((ADA, QUESTION), (ADA, "Who pays for the lighthouse?"), (BOB, NEXT), (ADA, "And the flood?")):
            api.say(chat, person, f"@footnote_bot {text}")
        held.begun()
        api.wait_for(lambda: not api.pending)
        api.say(chat, ADA, "/cancel@footnote_bot")
        stopped(api, chat.id)
        held.go()
        answered(api, chat.id, "tram")
    with start():
        api.say(chat, ADA, "/cancel@footnote_bot")
        api.wait_sent(chat, 3)

    assert [texts.STOPPED_ANSWER, texts.NOTHING_TO_STOP] == [api.sent(chat)[place].text for place in (0, 2)]


def test_stop_button_stops_its_own_answer(api: BotApi, start: Start) -> None:
    """A Stop button stops the answer whose making its message shows, and no other one of the same person."""
    chat, group = api.private(ADA), api.supergroup(READERS)
    with start(wrap=(held := Held()), streaming=False) as bot, held:
        for where in (chat, group):
            api.say(where, ADA, f"@footnote_bot {QUESTION}")
        shown, other = stoppable(api, bot, group.id), stoppable(api, bot, chat.id)
        api.press(group, shown, ADA, texts.STOP)
        alone(api, *stopped(api, group.id))
        assert [other] == api.sent(chat)
        assert texts.NOTHING_TO_STOP == Talk(api, ADA, group).forge(shown, "stop")
        held.go()
        alone(api, answered(api, chat.id, "27 animals"))


def test_what_a_group_asks_anybody_may_stop(api: BotApi, start: Start) -> None:
    """Who writes in the name of a group has no name: what is asked so anybody in the group may stop."""
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, ANONYMOUS, f"@footnote_bot {QUESTION}", sender_chat=chat.wire())
        api.press(chat, stoppable(api, bot, chat.id), BOB, texts.STOP)
        alone(api, *stopped(api, chat.id))


@pytest.mark.parametrize("first", ["stop", "answer"])
def test_stop_at_the_moment_of_storing(
    api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Whichever comes first stands alone: the answer whole and kept, or "Stopped." and nothing kept."""
    chat, remember, done = api.supergroup(READERS), Ledger.remember, threading.Event()

    def stop() -> None:
        press = api.press(chat, stoppable(api, bot, chat.id, "How long"), ADA, texts.STOP)
        api.wait_for(lambda: press in api.callback_answers)

    def both(ledger: Ledger, answer: Answer) -> None:
        try:
            if first == "stop":
                stop()
                stopped(api, chat.id)
            remember(ledger, answer)
            if first == "answer":
                stop()
        finally:
            done.set()

    monkeypatch.setattr(Ledger, "remember", both)
    with start(wrap=EchoChain(sentences=400)) as bot:
        api.say(chat, ADA, "@footnote_bot How long is it?")
        assert done.wait(10)
        api.wait_for(lambda: not bot.left)

    said = " ".join(each.text for each in api.sent(chat)).split()
    assert [word for word in said if word.endswith(":")] == ([f"{number}:" for number in range(400)] if first == "answer" else [])
    assert texts.STOP not in {button["text"] for each in api.sent(chat) for button in each.buttons}
    assert (texts.STOPPED_ANSWER in said, len(exchanges(data))) == ((True, 0) if first == "stop" else (False, 1))
