"""Conversations as people have them: what a question goes on from, within a process and after it."""

from collections.abc import Callable
from pathlib import Path

from botapi.records import Message, Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import exchanges
from botapi.talking import Talk, button

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
OTTERS = "How many otters did the census find?"
TRAM = "How many stops does tram line 7 have?"
FOLLOW_UP = "Read as a follow-up to: "
Start = Callable[..., Running]


def carried(answer: Message) -> str:
    """What an answer has carried over from the conversation; nothing if it stands alone."""
    _, mark, terms = answer.text.partition(f"\n\n{FOLLOW_UP}")
    assert [FOLLOW_UP + terms] * bool(mark) == answer.marked("italic")
    return terms


def test_a_follow_up_is_understood(api: BotApi, start: Start) -> None:
    """A question that leans on the one before is read in its light, and says so; after /new it is read alone."""
    with start():
        talk = Talk(api, ADA)
        assert "" == carried(talk.ask(OTTERS))
        follow_up = talk.ask("Who counted them?")
        assert "A new conversation." == talk.ask("/new").text
        alone = talk.ask("Who counted them?")

    assert "otters" in carried(follow_up)
    assert "otters by looking at them" in follow_up.text
    assert "" == carried(alone)


def test_a_follow_up_is_understood_by_a_new_process(api: BotApi, start: Start) -> None:
    """What was said before a restart is remembered after it, and so is that it was done with."""
    talk, other = Talk(api, ADA), Talk(api, BOB)
    with start():
        talk.ask(OTTERS)
        other.ask(OTTERS)
        other.ask("/new")
    with start():
        assert "otters" in carried(talk.ask("Who counted them?"))
        assert "" == carried(other.ask("Who counted them?"))


def test_a_reply_goes_on_from_the_answer_that_it_replies_to(api: BotApi, start: Start, data: Path) -> None:
    """Conversations are trees: a reply to an older answer, or to the question, goes on from there and not from the newest."""
    with start():
        talk = Talk(api, ADA)
        otters = talk.ask(OTTERS)
        talk.ask("/new")
        talk.ask(TRAM)
        branch = talk.ask("Who counted them?", reply_to=otters)
        question = api.messages(talk.chat)[0]
        assert OTTERS == question.text
        beside = talk.ask("When did it start?", reply_to=question)
        after = talk.ask("Who leads the census?")
        unknown = talk.ask("Who leads it?", reply_to=next(each for each in talk.heard if each.text.startswith("A new")))

    assert "otters" in carried(branch)
    assert {"otters", "census"} & set(carried(beside).split(", "))
    assert after
    assert unknown
    kept = {each["id"]: each["parent"] for each in exchanges(data)}
    assert {1: None, 2: None, 3: 1, 4: 1, 5: 4, 6: 5} == kept


def test_people_do_not_share_a_conversation(api: BotApi, start: Start) -> None:
    """What one person asks in a group is not what the next one's question goes on from, unless that replies to it."""
    group = api.group(-5)
    with start():
        ada, bob = Talk(api, ADA, group), Talk(api, BOB, group)
        answer = ada.ask(f"@footnote_bot {OTTERS}")
        alone = bob.ask("@footnote_bot Who counted them?")
        replying = bob.ask("Who counted them?", reply_to=answer)

    assert "" == carried(alone)
    assert "otters" in carried(replying)


def test_a_whole_conversation(api: BotApi, start: Start) -> None:
    """Ingest by upload, ask, follow up, tap a source, restart, tap again."""
    page = (
        b"# The bakers of Quelling\n\nThe bakers of Quelling bake 612 loaves of bread each night. They sell them at the weir.\n"
    )
    talk = Talk(api, ADA)
    with start(access="paired") as running:
        talk.ask(running.code)
        api.upload(talk.chat, ADA, "bakers.md", page, "text/markdown")
        api.wait_for(lambda: "Added 1" in talk.heard[-1].text)
        answer = talk.ask("How many loaves do the bakers of Quelling bake?")
        assert "612 loaves" in answer.text
        follow_up = talk.ask("Where do they sell them?")
        assert "at the weir" in follow_up.text
        talk.tap(answer, button(answer, "[1]"))
        view = talk.heard[-1]
    with start(access="paired"):
        talk.tap(answer, button(answer, "[1]"))
        again = talk.heard[-1]

    assert ["The bakers of Quelling bake 612 loaves of bread each night."] == view.marked("bold")
    assert (view.text, view.entities) == (again.text, again.entities)
    assert view.id != again.id
