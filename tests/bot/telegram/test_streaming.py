"""What a person sees while an answer is made."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from botapi.chains import EchoChain, Held
from botapi.faults import delay_before, retry_after, status
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.watching import alone, answered, placeholder

from bot.telegram import previews, texts

ADA = Person(7, "Ada", username="ada")
QUESTION = "How many otters did the census find?"
TYPING_SECONDS, DRAFT_LIFE = previews.TYPING_SECONDS, previews.DRAFT_LIFE
READERS = -1_000_000_000_007
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown soon."""
    for name, seconds in {"TYPING_SECONDS": 0.05, "PATIENCE": 0.02, "DRAFT_SECONDS": 0.02, "EDIT_SECONDS": 0.03}.items():
        monkeypatch.setattr(previews, name, seconds)


def test_typing_is_renewed_before_it_fades() -> None:
    """Telegram shows the sign for five seconds, and a draft for thirty."""
    assert 3 < TYPING_SECONDS < 5
    assert DRAFT_LIFE < 30


@pytest.mark.parametrize("where", ["private", "group", "topic", "general"])
def test_typing(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The sign is there at once, stays as long as the work does, in the topic of the question, and ends before the answer."""
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
    """In a group a message with a Stop button, a silent reply in the right topic, grows, and goes when the answer has come."""
    chat = api.supergroup(READERS, forum=True)
    topic = api.topic(chat)
    with start(wrap=(held := Held())), held:
        question = api.say(chat, ADA, f"@footnote_bot {QUESTION}", topic=topic)
        first = placeholder(api, chat.id)
        held.go(1)
        second = placeholder(api, chat.id, "[1]")
        held.go()
        answer = answered(api, chat.id, "27 animals")

    assert first.id == second.id < answer.id
    for each in (first, answer):
        assert (question.id, topic) == (each.reply_to_message_id, each.message_thread_id)
    assert [answer] == api.sent(chat)
    assert not api.drafts


def test_people_are_notified_of_the_answer(api: BotApi, start: Start) -> None:
    """The answer is a new message with a sound, and is there before what has shown its making, without a sound, goes."""
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        first = placeholder(api, chat.id)
        held.go()
        answer = alone(api, answered(api, chat.id, "27 animals"))

    shown, sent = api.called("sendMessage")
    assert [True, None] == [each.params.get("disable_notification") for each in (shown, sent)]
    assert sent.params["text"] == answer.text
    assert not answer.edited
    (gone,) = api.called("deleteMessage")
    assert gone.params["message_id"] == first.id
    assert sent.ended is not None
    assert sent.ended <= gone.time


def test_edits_are_throttled(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast the sentences come, the message of a group is edited only now and then, and ends whole."""
    monkeypatch.setattr(previews, "EDIT_SECONDS", 0.2)
    chat = api.supergroup(READERS)
    with start(wrap=EchoChain(sentences=30, seconds=0.02)):
        api.say(chat, ADA, "@footnote_bot What?")
        (answer,) = api.wait_for(lambda: [each for each in api.sent(chat) if "29: What?" in each.text and len(each.buttons) != 1])

    assert [answer] == api.sent(chat)
    frames = api.called("editMessageText", chat)
    assert 1 <= len(frames) <= 5
    assert all(second.time - first.time > 0.15 for first, second in pairwise(frames))


@pytest.mark.parametrize(
    "fault", [status(404), status(400), status(500), status(502), retry_after(1)], ids=lambda each: each.code
)
def test_drafts_are_refused(api: BotApi, start: Start, fault: object) -> None:
    """Where drafts cannot be had, a private chat gets the message that grows, and no further draft."""
    api.fault("sendMessageDraft", kind=fault, times=None)
    chat = api.private(ADA)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, QUESTION)
        first = placeholder(api, chat.id)
        held.go()
        answer = answered(api, chat.id, "27 animals")

    assert first.id < answer.id
    assert [answer] == api.sent(chat)
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
        answer = answered(api, chat.id, "27 animals")

    assert [answer] == api.sent(chat)
    assert not api.drafts
    assert not api.called("editMessageText")


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


def test_news_while_a_frame_is_sent(api: BotApi, start: Start) -> None:
    """What is settled while a frame is on its way is shown by the next one."""
    api.fault("sendMessage", kind=delay_before(0.2))
    chat = api.supergroup(READERS)
    held = Held()
    with start(wrap=lambda chain: held(EchoChain()(chain))), held:
        api.say(chat, ADA, "@footnote_bot What?")
        held.begun()
        api.wait_for(lambda: api.called("sendMessage"))
        held.go(1)
        placeholder(api, chat.id, "0: What?")
