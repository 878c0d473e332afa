"""Each answer stands in its chat exactly once, whatever befalls the calls that bring it there."""

import logging
import time
from collections.abc import Callable

import pytest
from botapi.chains import EchoChain, Held
from botapi.faults import (
    Fault,
    delay_after,
    delay_before,
    garbled,
    reset_after,
    reset_before,
    retry_after,
    status,
    truncated,
)
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.watching import served
from telegram.error import BadRequest

from bot.telegram import client, courier, dispatcher, pacing, previews, service
from bot.telegram.outbox import Content

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
READERS = -1_000_000_000_007
Start = Callable[..., Running]

FAULTS = {
    "502 html": status(502),
    "500": status(500),
    "429": retry_after(1),
    "reset before": reset_before(),
    "reset after": reset_after(),
    "truncated": truncated(),
    "garbled": garbled(),
    "too slow": delay_after(0.4),
}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other soon, and a call may take a third of a second."""
    monkeypatch.setattr(courier, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(courier, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(service, "ANSWER_SECONDS", 0.3)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_failed_send(api: BotApi, start: Start, fault: Fault) -> None:
    """Whether or not a message has arrived when its sending fails, it stands once, whole, and nothing else beside it."""
    chat, group = api.private(ADA), api.supergroup(READERS)
    with start() as bot:
        for each, text in ((chat, QUESTION), (group, f"@footnote_bot {QUESTION}")):
            api.fault("sendMessage", kind=fault, chat=each)
            api.say(each, ADA, text)
        (private,), (public,) = served(api, bot, chat), served(api, bot, group)

    assert "27 animals" in private.text
    assert private.marked("expandable_blockquote")
    assert (private.text, len(private.buttons)) == (public.text, len(public.buttons))
    assert public.reply_to_message_id == 1


def test_late_arrival(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that arrives when its sender has given up waiting, and before it looks again, stands once."""
    monkeypatch.setattr(courier, "UNSURE_PAUSE", 0.3)
    chat = api.private(ADA)
    api.fault("sendMessage", kind=delay_before(0.4), chat=chat)
    with start() as bot:
        api.say(chat, ADA, QUESTION)
        assert len(served(api, bot, chat)) == 1


def test_failed_probes(api: BotApi, start: Start) -> None:
    """What is sent to find out whether an answer has arrived may fail as often as it likes, and leaves nothing behind."""
    chat = api.private(ADA)
    for fault in (reset_after(), truncated(), status(502), garbled(), retry_after(1), reset_before()):
        api.fault("sendMessage", kind=fault, chat=chat)
    for method in ("editMessageText", "deleteMessage"):
        api.fault(method, kind=reset_after(), chat=chat)
    with start() as bot:
        api.say(chat, ADA, QUESTION)
        (answer,) = served(api, bot, chat)

    assert "27 animals" in answer.text


def test_long_answer(api: BotApi, start: Start) -> None:
    """An answer in several messages keeps their order, and each stands once, when one of them fails."""
    chat = api.private(ADA)
    api.fault("sendMessage", kind=reset_after(), chat=chat, after=1)
    with start(wrap=EchoChain(sentences=400)) as bot:
        api.say(chat, ADA, "How long is it?")
        parts = served(api, bot, chat)

    assert len(parts) > 1
    numbers = [int(word.removesuffix(":")) for part in parts for word in part.text.split() if word.endswith(":")]
    assert list(range(400)) == numbers


def test_many_questions_wait(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many questions wait behind one, an answer that has to be looked for is found, and each question has one answer."""
    monkeypatch.setattr(pacing, "PRIVATE", (1000, 20.0))
    monkeypatch.setattr(dispatcher, "PATIENCE", 60.0)
    chat, questions = api.private(ADA), [f"Question {number}?" for number in range(70)]
    held = Held()
    with start(wrap=lambda chain: held(EchoChain()(chain)), streaming=False) as bot, held:
        for each in questions:
            api.say(chat, ADA, each)
        held.begun()
        api.wait_for(lambda: not api.pending)
        api.fault("sendMessage", kind=reset_after(), chat=chat)
        held.go()
        answers = api.wait_for(lambda: [] if bot.left else api.sent(chat), 30)

    assert questions == [each.text.partition(": ")[2].splitlines()[0] for each in answers]


def test_held_chat(api: BotApi, start: Start) -> None:
    """A chat that Telegram tells to wait gets its answer after that time, and no other chat waits with it."""
    chat, other = api.private(ADA), api.private(BOB)
    api.fault("sendMessage", kind=retry_after(1), chat=chat)
    with start(wrap=EchoChain()):
        api.say(other, BOB, "Hello?")
        api.wait_sent(other, 1)
        api.say(chat, ADA, "Hello?")
        (refused,) = api.wait_for(lambda: [call for call in api.called("sendMessage", chat) if call.status == 429])
        begun = time.monotonic()
        api.say(other, BOB, "Hello again?")
        api.wait_sent(other, 2)
        took = time.monotonic() - begun
        api.wait_sent(chat, 1)

    assert took < 0.3
    assert 1 <= api.called("sendMessage", chat)[1].time - refused.time < 2


def test_refused_entities(api: BotApi, start: Start) -> None:
    """A message that Telegram refuses for its entities goes out as the same text without them."""
    chat = api.private(ADA)
    api.fault("sendMessage", kind=status(400, "Bad Request: can't parse entities"), chat=chat)
    with start() as bot:
        api.say(chat, ADA, QUESTION)
        (answer,) = served(api, bot, chat)

    refused, accepted = api.called("sendMessage")
    assert refused.params["text"] == accepted.params["text"] == answer.text
    assert answer.entities == []  # it has no strangers' addresses in it
    assert answer.buttons


def test_what_keeps_strangers_words_from_being_links_goes_last() -> None:
    """After each refusal a message is tried in a plainer form; an address of a stranger is code as long as it can be."""
    marks = ({"type": "code", "offset": 0, "length": 8}, {"type": "italic", "offset": 9, "length": 1})
    content, tried = Content("evil.com x", marks, (({"text": "!", "callback_data": "x"},),), reply_to=5), []
    while (plainer := client.plainer(content, BadRequest("no"))) is not None:
        tried.append(([each["type"] for each in plainer.entities], bool(plainer.buttons)))
        content = plainer

    assert [(["code"], True), (["code"], False), ([], False)] == tried


def test_refused_for_good(api: BotApi, start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Where Telegram takes no form of an answer nothing hangs: it is logged, and the next question is answered."""
    chat = api.private(ADA)
    rule = api.fault("sendMessage", kind=status(400, "Bad Request: no"), chat=chat, times=None)
    with start() as bot, caplog.at_level(logging.WARNING, "bot"):
        api.say(chat, ADA, QUESTION)
        api.wait_for(lambda: api.called("sendMessage") and not bot.left)
        rule.stop()
        api.say(chat, ADA, QUESTION)
        (answer,) = served(api, bot, chat)

    assert "27 animals" in answer.text
    assert "Telegram refused a message." in caplog.messages


def test_lost_topic(api: BotApi, start: Start) -> None:
    """An answer whose topic is closed for good meanwhile goes to the general one."""
    chat = api.supergroup(READERS, forum=True)
    topic = api.topic(chat)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}", topic=topic)
        held.begun()
        api.world.topics[chat.id].discard(topic)
        held.go()
        (answer,) = served(api, bot, chat)

    assert answer.message_thread_id is None
    assert "27 animals" in answer.text


def test_lost_question(api: BotApi, start: Start) -> None:
    """An answer whose question is deleted meanwhile comes without a reply to it."""
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())) as bot, held:
        question = api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        held.begun()
        api.remove(chat, question)
        held.go()
        (answer,) = served(api, bot, chat)

    assert answer.reply_to_message_id is None
    assert "27 animals" in answer.text


def test_lost_placeholder(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """That somebody deletes what shows an answer's making holds nothing up; the answer stands once, though looked for."""
    monkeypatch.setattr(previews, "PATIENCE", 0.02)
    chat = api.supergroup(READERS)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        (shown,) = api.wait_sent(chat, 1)
        api.fault("sendMessage", kind=reset_after(), chat=chat)
        api.remove(chat, shown)
        held.go()
        (answer,) = served(api, bot, chat)

    assert "27 animals" in answer.text
    assert answer.buttons
