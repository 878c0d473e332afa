"""What a person sees while an answer is made, and how it is stopped."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from botapi.chains import EchoChain, Held
from botapi.faults import delay_before, retry_after, status
from botapi.records import Message, Person
from botapi.running import Running
from botapi.server import BotApi

from bot.telegram import previews, texts

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
NEXT = "When did the tram line reopen?"
TYPING_SECONDS, DRAFT_LIFE = previews.TYPING_SECONDS, previews.DRAFT_LIFE
READERS = -1_000_000_000_007
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown soon."""
    for name, seconds in {"TYPING_SECONDS": 0.05, "PATIENCE": 0.02, "DRAFT_SECONDS": 0.02, "EDIT_SECONDS": 0.03}.items():
        monkeypatch.setattr(previews, name, seconds)


def placeholder(api: BotApi, chat: int, part: str = texts.LOOKING_FOR_ANSWER) -> Message:
    """The message with the Stop button, once it has these words in it."""
    found = api.wait_for(lambda: [each for each in api.sent(chat) if part in each.text and each.buttons])
    assert [texts.STOP] == [button["text"] for button in found[-1].buttons]
    return found[-1]


def stopped(api: BotApi, chat: int, count: int = 1) -> list[Message]:
    """The messages that say that an answer was stopped, once there are so many."""
    said = api.wait_for(
        lambda: found if len(found := [each for each in api.sent(chat) if each.text == texts.STOPPED_ANSWER]) >= count else []
    )
    assert not any(each.buttons for each in said)
    return said


def answered(api: BotApi, chat: int, words: str) -> Message:
    """The answer with these words, whole: with its marks and its votes, and no Stop button."""
    (found,) = api.wait_for(lambda: [each for each in api.sent(chat) if words in each.text and len(each.buttons) > 2])
    assert "[1]" in found.text
    assert texts.STOP not in {button["text"] for button in found.buttons}
    return found


def test_typing_is_renewed_before_it_fades() -> None:
    """Telegram shows the sign for five seconds, and a draft for thirty."""
    assert 3 < TYPING_SECONDS < 5
    assert DRAFT_LIFE < 30


@pytest.mark.parametrize("where", ["private", "group", "topic", "general"])
def test_typing(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The sign is there at once, stays as long as the work does, in the topic of the question only, and ends before the answer."""
    monkeypatch.setattr(previews, "PATIENCE", 60)
    chat = api.private(ADA) if where == "private" else api.supergroup(READERS, forum=where in {"topic", "general"})
    topic = api.topic(chat) if where == "topic" else None
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}", topic=topic)
        held.begun()
        api.wait_for(lambda: len(api.actions) >= 3)
        held.go()
        api.wait_sent(chat, 1)
        time.sleep(0.15)  # three signs would come in it

    (sent,) = api.called("sendMessage")
    assert {(chat.id, "typing", topic)} == {(each.chat_id, each.action, each.message_thread_id) for each in api.actions}
    assert all(each.time <= sent.time for each in api.actions)
    assert topic == sent.params.get("message_thread_id")


def test_draft(api: BotApi, start: Start) -> None:
    """In a private chat a draft that can be stopped grows while the answer is made; then one message has all of it."""
    chat = api.private(ADA)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, QUESTION)
        held.begun()
        api.wait_for(lambda: api.drafts)
        held.go(1)
        api.wait_for(lambda: "[1]" in api.drafts[-1].text)
        assert not api.sent(chat)
        held.go()
        answer = answered(api, chat, "27 animals")

    assert not api.drafts[0].text
    assert api.drafts[-1].text in answer.text
    assert len({each.draft_id for each in api.drafts}) == 1
    assert all(each.can_stop and each.chat_id == chat.id and each.draft_id for each in api.drafts)
    assert max(each.time for each in api.drafts) < api.called("sendMessage")[0].time
    assert [answer] == api.sent(chat)


def test_draft_is_kept_alive(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft with nothing new in it is sent again before it fades, and not oftener."""
    monkeypatch.setattr(previews, "DRAFT_LIFE", 0.15)
    chat = api.private(ADA)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, QUESTION)
        api.wait_for(lambda: len(api.drafts) >= 3)

    frames = [each for each in api.drafts if not each.text]
    assert all(0.1 < second.time - first.time for first, second in pairwise(frames))


def test_placeholder(api: BotApi, start: Start) -> None:
    """In a group one message with a Stop button, a silent reply in the right topic, grows and becomes the answer."""
    chat = api.supergroup(READERS, forum=True)
    topic = api.topic(chat)
    with start(wrap=(held := Held())), held:
        question = api.say(chat, ADA, f"@footnote_bot {QUESTION}", topic=topic)
        first = placeholder(api, chat.id)
        held.go(1)
        second = placeholder(api, chat.id, "[1]")
        held.go()
        answer = answered(api, chat.id, "27 animals")

    assert first.id == second.id == answer.id
    assert (question.id, topic) == (answer.reply_to_message_id, answer.message_thread_id)
    assert [answer] == api.sent(chat)
    assert api.called("sendMessage")[0].params["disable_notification"] is True
    assert not api.drafts


def test_edits_are_throttled(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast the sentences come, the message of a group is edited only now and then, and ends whole."""
    monkeypatch.setattr(previews, "EDIT_SECONDS", 0.2)
    chat = api.supergroup(READERS)
    with start(wrap=EchoChain(sentences=40, seconds=0.02)):
        api.say(chat, ADA, "@footnote_bot What?")
        api.wait_for(lambda: [each for each in api.sent(chat) if "39: What?" in each.text and len(each.buttons) != 1])

    *frames, _ = api.called("editMessageText", chat)
    assert 1 <= len(frames) <= 5
    assert all(second.time - first.time > 0.15 for first, second in pairwise(frames))


@pytest.mark.parametrize("fault", [status(404), status(400), status(500), status(502), retry_after(1)], ids=lambda each: each.code)
def test_drafts_are_refused(api: BotApi, start: Start, fault: object) -> None:
    """Where drafts cannot be had, a private chat gets the message that grows, and no further draft."""
    api.fault("sendMessageDraft", kind=fault, times=None)
    chat = api.private(ADA)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, QUESTION)
        first = placeholder(api, chat.id)
        held.go()
        answer = answered(api, chat.id, "27 animals")

    assert [answer.id] == [first.id] == [each.id for each in api.sent(chat)]
    assert len(api.called("sendMessageDraft")) == 1


@pytest.mark.parametrize("private", [True, False], ids=["private", "group"])
def test_streaming_off(api: BotApi, start: Start, private: bool) -> None:  # noqa: FBT001 - which case it is
    """Without streaming nothing of an answer is shown before it is whole, but it can be stopped."""
    chat = api.private(ADA) if private else api.supergroup(READERS)
    with start(wrap=(held := Held()), streaming=False), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        placeholder(api, chat.id)
        held.go(1)
        time.sleep(0.1)  # edits would come in it
        assert [texts.LOOKING_FOR_ANSWER] == [each.text for each in api.sent(chat)]
        held.go()
        answered(api, chat.id, "27 animals")

    assert not api.drafts
    assert len(api.called("editMessageText")) == 1


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


def test_broken_previews(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong with what is shown on the way, the answer comes whole and once."""
    for method in ("sendMessageDraft", "sendChatAction"):
        api.fault(method, kind=status(500), times=None)
    monkeypatch.setattr(previews.Preview, "_write", lambda _: 1 / 0)
    chat, group = api.private(ADA), api.supergroup(READERS)
    with start(wrap=EchoChain(sentences=5, seconds=0.03)):
        api.say(chat, ADA, "What?")
        api.say(group, ADA, "@footnote_bot What?")
        assert all("4: What?" in api.wait_sent(each, 1)[0].text for each in (chat, group))


def test_slow_previews(api: BotApi, start: Start) -> None:
    """An edit on the way that is slow or refused does not come after the answer, and does not keep it from coming."""
    api.fault("editMessageText", kind=delay_before(0.2), times=1)
    api.fault("editMessageText", kind=retry_after(1), times=1)
    chat = api.supergroup(READERS)
    with start(wrap=EchoChain(sentences=12, seconds=0.03)):
        api.say(chat, ADA, "@footnote_bot What?")
        (answer,) = api.wait_for(lambda: [each for each in api.sent(chat) if "11: What?" in each.text and len(each.buttons) != 1])

    assert [answer] == api.sent(chat)
