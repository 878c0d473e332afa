"""What is forgotten: everything of a person when they say so, and of everyone what is older than a conversation may be."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.chains import Held
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import exchanges, rows, stored_bytes
from botapi.talking import Talk, button
from botapi.watching import stopped

from bot.telegram import texts
from bot.telegram.outbox import Outbox, Owed

ADA = Person(7, "Adalberta", username="adalberta_of_quelling")
BOB = Person(8, "Bobrovnik")
OTTERS = "How many otters did the census find, asks zanzibarine?"
Start = Callable[..., Running]


def test_forget_erases_a_person(api: BotApi, start: Start, data: Path) -> None:
    """Afterwards no byte of the database has the person's words, their answers, their name; others keep theirs."""
    group = api.group(-6)
    ada, bob = Talk(api, ADA), Talk(api, BOB)
    with start():
        answer = ada.ask(OTTERS)
        ada.tap(answer, "👍")
        ada.ask("/sources quizzical")
        ada.ask("/search quadrangular weir")
        ada.say("/sources marsupial", entities=[{"type": "bot_command", "offset": "?", "length": 8}])  # cannot be read
        in_group = Talk(api, ADA, group).ask("@footnote_bot How many stops has the zeppeline tram?")
        kept = bob.ask("How many packets does the bumblebine seed library have?")
        bob.tap(kept, "👎")
        Talk(api, BOB, group).tap(in_group, "👎")
        before = stored_bytes(data)

        assert texts.FORGOTTEN == ada.ask("/forget").text
        assert texts.OLD_BUTTON == ada.tap(answer, "👎")
        assert "Read as a follow-up" not in ada.ask("Who counted them?").text
        assert texts.VOTED_ALREADY == bob.tap(kept, "👎")
    after = stored_bytes(data)

    hers = (b"zanzibarine", b"zeppeline", b"27 animals", b"quizzical", b"marsupial")
    assert [True] * len(hers) == [word in before for word in hers]
    assert [False] * (len(hers) + 3) == [word in after for word in (*hers, b"Adalberta", b"adalberta", b"quadrangular")]
    assert b"bumblebine" in after
    assert [(8, 0)] == [(each["person"], each["liked"]) for each in rows(data, "vote")]
    assert {"Who counted them?": 7, "How many packets does the bumblebine seed library have?": 8} == {
        each["question"]: each["asker"] for each in exchanges(data)
    }


def test_forget_needs_no_restart(api: BotApi, start: Start, data: Path) -> None:
    """The words are gone from the disk when the bot says so, its log included; whoever was let in still is."""
    with start(access="paired") as running:
        talk = Talk(api, ADA)
        talk.ask(running.code)
        talk.ask(OTTERS)
        assert texts.FORGOTTEN == talk.ask("/forget").text
        disk = stored_bytes(data)
        assert "27 animals" in talk.ask(OTTERS).text

    assert (False, False) == (b"zanzibarine" in disk, b"27 animals" in disk)


def test_forget_what_is_in_the_making(api: BotApi, start: Start, data: Path) -> None:
    """Their questions in another chat, in the making or waiting, are called off; no byte of them is kept, nor of answers."""
    group = api.group(-6)
    ada, bob = Talk(api, ADA), Talk(api, BOB, group)
    with start(wrap=(held := Held())) as running, held:
        api.say(group, ADA, f"@footnote_bot {OTTERS}")
        held.begun()
        api.say(group, ADA, "@footnote_bot How many stops has the zeppeline tram?")
        api.wait_for(lambda: not api.pending)
        before = stored_bytes(data)
        assert texts.FORGOTTEN == ada.ask("/forget").text
        held.go()
        stopped(api, group.id)
        assert "packets" in bob.ask("@footnote_bot How many packets does the bumblebine seed library have?").text
        api.wait_for(lambda: not running.left)
    after = stored_bytes(data)

    hers = (b"zanzibarine", b"zeppeline")
    assert [(True, False)] * 2 == [(word in before, word in after) for word in hers]
    assert (b"27 animals" in after, b"Adalberta" in after) == (False, False)
    assert [8] == [each["asker"] for each in exchanges(data)]
    assert [] == [each for each in rows(data, "telegram_incoming") if each["person"] == 7]
    assert {""} == {each["payload"] for each in rows(data, "telegram_outgoing")}


def test_an_answer_that_is_kept_meanwhile(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is erased between being kept and being delivered is not delivered, and nothing is said of a failure."""
    group = api.group(-6)
    reached, go_on = threading.Event(), threading.Event()
    of_update = Outbox.of_update

    def late(outbox: Outbox, update_id: int) -> list[Owed]:
        if not reached.is_set():
            reached.set()
            assert go_on.wait(10)
        return of_update(outbox, update_id)

    monkeypatch.setattr(Outbox, "of_update", late)
    with start() as running:
        api.say(group, ADA, f"@footnote_bot {OTTERS}")
        assert reached.wait(10)
        assert texts.FORGOTTEN == Talk(api, ADA).ask("/forget").text
        go_on.set()
        api.wait_for(lambda: not running.left)

    assert [] == api.sent(group)
    assert [] == exchanges(data)


def test_conversations_are_bounded(api: BotApi, start: Start, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a conversation only the newest exchanges are kept; a button of an older one says that it is too old."""
    monkeypatch.setattr("bot.conversations.KEPT", 2)
    with start():
        talk, other = Talk(api, ADA), Talk(api, BOB)
        kept = other.ask(OTTERS)
        answers = [talk.ask(OTTERS) for _ in range(3)]
        said = [talk.tap(each, "👍") for each in answers]
        assert texts.THANKS == other.tap(kept, "👍")
        assert texts.OLD_BUTTON == talk.tap(answers[0], button(answers[0], "[1]"))
        orphan = talk.ask("Who counted them?", reply_to=answers[0])

    assert [texts.OLD_BUTTON, texts.THANKS, texts.THANKS] == said
    assert "27 animals" in orphan.text
    assert [1, 4, 5] == [each["id"] for each in exchanges(data)]
    assert {1, 4, 5} == {each["exchange"] for each in rows(data, "exchange_message")}
