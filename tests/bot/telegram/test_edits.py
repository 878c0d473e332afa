"""Questions that are edited, and questions that a client has cut in two."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.chains import Held
from botapi.faults import hang
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import exchanges, rows
from botapi.talking import Talk, button
from botapi.wordy import Wordy

from bot.telegram import texts

ADA = Person(7, "Ada", username="ada")
OTTERS = "How many otters did the census find?"
TRAM = "How many stops does tram line 7 have?"
Start = Callable[..., Running]


def test_an_edited_question_replaces_its_answer(api: BotApi, start: Start, data: Path) -> None:
    """The same message holds the new answer, with its own sources and no votes; what follows goes on from that."""
    with start():
        talk = Talk(api, ADA)
        answer = talk.ask(OTTERS)
        talk.tap(answer, "👍")
        question = api.messages(talk.chat)[0]
        talk.edit(question, TRAM)
        assert [answer.id] == [each.id for each in talk.heard]
        edited = talk.heard[0]
        talk.tap(edited, button(edited, "[1]"))
        assert "eleven stops" in talk.heard[1].text
        assert texts.THANKS == talk.tap(edited, "👍")

    assert "eleven stops" in edited.text
    assert "otters" not in edited.text
    (kept,) = exchanges(data)
    assert (TRAM, None) == (kept["question"], kept["parent"])
    assert 1 == len(rows(data, "vote"))


def test_an_edit_keeps_its_place_in_the_conversation(api: BotApi, start: Start, data: Path) -> None:
    """An older question that is edited still goes on from what it went on from, and the newest one stays the newest."""
    with start():
        talk = Talk(api, ADA)
        talk.ask(OTTERS)
        talk.ask("Who counts them?")
        follow_up = next(each for each in api.messages(talk.chat) if each.text == "Who counts them?")
        talk.ask(TRAM)
        api.edit(talk.chat, follow_up, "Who counted them?")
        edited = api.wait_for(lambda: next((each for each in talk.heard if each.edited), None))
        talk.ask("When does it run?")

    assert "Read as a follow-up to: " in edited.text
    assert [None, 1, 2, 3] == [each["parent"] for each in exchanges(data)]
    assert "Who counted them?" == exchanges(data)[1]["question"]


def test_an_edit_that_changes_nothing_does_nothing(api: BotApi, start: Start) -> None:
    """A link preview that appears, or white space at the ends, is no new question."""
    with start():
        talk = Talk(api, ADA)
        answer = talk.ask(OTTERS)
        talk.tap(answer, "👍")
        talk.edit(api.messages(talk.chat)[0], OTTERS)

        assert [answer] == talk.heard
        assert texts.VOTED_ALREADY == talk.tap(answer, "👍")
    assert [] == api.called("editMessageText")


def test_an_edited_answer_takes_as_many_messages_as_it_needs(api: BotApi, start: Start, data: Path) -> None:
    """A longer answer gets more messages, a shorter one leaves none of the old behind, and the buttons are under the last one."""
    with start(wrap=Wordy):
        talk = Talk(api, ADA)
        first = talk.ask(OTTERS)
        question = api.messages(talk.chat)[0]
        talk.edit(question, f"{OTTERS}×24")
        longer = talk.heard
        talk.edit(question, f"{OTTERS}×12")
        middle = talk.heard
        talk.edit(question, OTTERS)
        shorter = talk.heard

    assert [3, 2, 1] == [len(longer), len(middle), len(shorter)]
    assert [first.id] * 3 == [each[0].id for each in (longer, middle, shorter)]
    for messages in (longer, middle, shorter):
        assert [True] == [bool(each.buttons) for each in messages][-1:]
        assert not any(each.buttons for each in messages[:-1])
    assert (first.text, first.entities, first.buttons) == (shorter[0].text, shorter[0].entities, shorter[0].buttons)
    assert [first.id] == [each["message"] for each in rows(data, "exchange_message") if each["from_bot"]]


def test_an_edit_before_the_answer_gives_one_right_answer(api: BotApi, start: Start, data: Path) -> None:
    """Whoever corrects a question while it is being answered sees one answer in the end, to what the question says now."""
    with Held() as held, start(wrap=held, streaming=False):
        talk = Talk(api, ADA)
        question = talk.say(OTTERS)
        held.begun()
        api.edit(talk.chat, question, TRAM)
        held.go()
        answer = api.wait_for(lambda: next((each for each in talk.heard if "eleven stops" in each.text), None))
        talk.settle()

        assert [answer] == talk.heard
    assert [TRAM] == [each["question"] for each in exchanges(data)]


def test_what_is_shown_while_an_edit_is_answered_goes_again(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that says that an answer is being looked for does not stay when the answer has come elsewhere."""
    monkeypatch.setattr("bot.telegram.previews.PATIENCE", 0.1)
    with Held() as held, start(wrap=held, streaming=False):
        talk = Talk(api, ADA)
        question = talk.say(OTTERS)
        held.begun()
        held.go(4)
        answer = talk.wait(1)[0]
        api.edit(talk.chat, question, TRAM)
        held.begun()
        api.wait_for(lambda: len(api.sent(talk.chat)) == 2)
        held.go()
        talk.settle()

        assert [answer.id] == [each.id for each in api.sent(talk.chat)]
        assert "eleven stops" in talk.heard[0].text


def test_an_edit_outlives_the_process(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new answer that was made but not shown when the process ended is shown by the next one."""
    monkeypatch.setattr("bot.telegram.service.STOP_SECONDS", 0.1)
    talk = Talk(api, ADA)
    with start():
        answer = talk.ask(OTTERS)
        api.fault("editMessageText", kind=hang())
        api.edit(talk.chat, api.messages(talk.chat)[0], TRAM)
        api.wait_for(lambda: api.called("editMessageText"))
    assert [answer] == talk.heard
    with start():
        talk.settle()

    assert [answer.id] == [each.id for each in talk.heard]
    assert "eleven stops" in talk.heard[0].text


def test_what_was_no_question_may_become_one(api: BotApi, start: Start) -> None:
    """A message that got no answer is answered when it is edited into a question; a caption is a question like any other."""
    photo = [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]
    with start():
        talk = Talk(api, ADA)
        assert texts.ONLY_TEXT == talk.ask("", photo=photo).text
        picture = api.messages(talk.chat)[0]
        api.edit(talk.chat, picture, "", caption=OTTERS)
        answer = talk.wait(2)[1]
        api.edit(talk.chat, picture, "", caption=TRAM)
        api.wait_for(lambda: "eleven stops" in talk.heard[1].text)
        talk.settle()

        assert [answer.id] == [each.id for each in talk.heard[1:]]


def test_a_question_in_two_messages_is_one(api: BotApi, start: Start, data: Path) -> None:
    """What the client has cut at its limit is answered once; editing the second message answers the whole anew."""
    now = int(time.time())
    story = ("I have walked along the river for many years. " * 100)[:4090].strip()
    with start():
        talk = Talk(api, ADA)
        talk.say(story, date=now)
        rest = talk.say(OTTERS, date=now + 1)
        (answer,) = talk.wait(1)
        talk.edit(rest, TRAM)
        assert [answer.id] == [each.id for each in talk.heard]

    (kept,) = exchanges(data)
    assert f"{story} {TRAM}" == kept["question"]
    assert 2 == sum(not each["from_bot"] for each in rows(data, "exchange_message"))


def test_a_malformed_update_after_a_long_question_does_not_spoil_it(api: BotApi, start: Start) -> None:
    """What may be the rest of a question and cannot be read is none: the question is answered, and so is the next one."""
    story = ("I have walked along the river for many years. " * 100)[:4090].strip()
    with start() as bot:
        talk = Talk(api, ADA)
        asked = talk.say(story)
        broken = {"message_id": asked.id + 1, "date": "never", "chat": talk.chat.wire(), "from": ADA.wire(), "text": ["?"]}
        api.push({"message": broken})
        talk.wait(1)
        assert "27 animals" in talk.ask(OTTERS).text
        api.wait_for(lambda: not bot.left)
        assert {"quarantined": 1} == {each: count for each, count in bot.service._parts.inbox.counts().items() if each != "done"}


def test_two_questions_stay_two(api: BotApi, start: Start, data: Path) -> None:
    """Two ordinary questions are answered one after the other, however fast they come."""
    now = int(time.time())
    with start():
        talk = Talk(api, ADA)
        talk.say(OTTERS, date=now)
        talk.say(TRAM, date=now)
        first, second = talk.wait(2)

    assert ("27 animals" in first.text, "eleven stops" in second.text) == (True, True)
    assert [OTTERS, TRAM] == [each["question"] for each in exchanges(data)]
