"""How an answer that is being made is stopped."""

from collections.abc import Callable

import pytest
from botapi.chains import Held
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.watching import answered, placeholder, stopped

from bot.telegram import previews, texts

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
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        shown = placeholder(api, chat.id)
        press = api.press(chat, shown, BOB, texts.STOP)
        assert api.wait_for(lambda: api.callback_answers.get(press, {})).get("text") == texts.NOTHING_TO_STOP
        assert texts.STOPPED_ANSWER not in {each.text for each in api.sent(chat)}
        press = api.press(chat, shown, ADA, texts.STOP)
        (said,) = stopped(api, chat.id)
        api.wait_for(lambda: press in api.callback_answers)
        held.go()
        api.say(chat, ADA, f"@footnote_bot {NEXT}")
        answered(api, chat.id, "tram")

    assert shown.id == said.id
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
