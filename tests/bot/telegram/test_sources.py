"""Buttons under an answer: the quote in its surroundings, votes, closing; and what strangers make of them."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.talking import Talk, button

from bot.telegram import texts

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
OTTERS = "How many otters did the census find?"
SEEDS = "How many packets does the seed library have?"
Start = Callable[..., Running]


def test_a_source_opens_in_its_surroundings(api: BotApi, start: Start) -> None:
    """A tap shows the quotes in bold where they stand, what comes before and after them, and a way to the page."""
    with start():
        talk = Talk(api, ADA)
        answer = talk.ask(OTTERS)
        assert "" == talk.tap(answer, answer.buttons[0]["text"])
        view = talk.wait(2)[-1]

    assert answer.id == view.reply_to_message_id
    assert view.text.startswith(
        "Otters return to the Lenn: what the winter census found · Lenn Valley Naturalist · 2025-02-18\n\n"
    )
    quotes = [line.partition(" ")[2].strip("“”") for line in answer.marked("expandable_blockquote")[0].splitlines()[:-1]]
    assert quotes == [" ".join(each.split()) for each in view.marked("bold")]
    assert "Nobody counts otters by looking at them." in view.text  # between two quotes
    assert "The strongest growth is above Tarn Mill" in view.text  # in the chunk behind them
    page, close = view.buttons
    address, _, fragment = page["url"].partition("#:~:text=")
    assert "https://naturalist.example/lenn-otter-census" == address
    assert "For the third winter" in unquote(fragment)
    assert texts.CLOSE == close["text"]
    assert view.link_preview_disabled


def test_an_article_without_a_page_has_no_way_there(api: BotApi, start: Start) -> None:
    """What is a file only opens in its surroundings like any other, without a button to a page."""
    with start():
        talk = Talk(api, ADA)
        talk.tap(talk.ask(SEEDS), "s:1:0")
        view = talk.wait(2)[-1]

    assert "1,830 packets of 212 varieties" in " ".join(view.marked("bold"))
    assert [texts.CLOSE] == [each["text"] for each in view.buttons]
    assert [] == view.marked("text_link")


def test_buttons_outlive_the_process(api: BotApi, start: Start) -> None:
    """Each button of an answer does after a restart what it did before."""
    talk = Talk(api, ADA)
    with start():
        answer = talk.ask(OTTERS)
        talk.tap(answer, "s:1:0")
        before = talk.wait(2)[-1]
    with start():
        assert "" == talk.tap(answer, "s:1:0")
        after = talk.wait(3)[-1]
        assert texts.THANKS == talk.tap(answer, "👎")
        assert "" == talk.tap(before, texts.CLOSE)
        api.wait_for(lambda: len(talk.heard) == 2)

    assert (before.text, before.entities, before.buttons) == (after.text, after.entities, after.buttons)


def test_a_source_that_is_gone_is_said_to_be(api: BotApi, start: Start, bring: Callable[[Path], None], tmp_path: Path) -> None:
    """When the article has been taken out, or says something else by now, a tap says so in one sentence."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("heron", "crane"):
        (folder / f"{name}.md").write_text(f"# The {name}\n\nThe {name} of Quelling eats nineteen frogs a day.\n")
    bring(folder)
    talk = Talk(api, ADA)
    with start():
        answers = [talk.ask("How many frogs does the heron of Quelling eat?")]
        talk.ask("/new")
        answers.append(talk.ask("How many frogs does the crane of Quelling eat?"))
    assert ["[1] The heron", "[1] The crane"] == [each.buttons[0]["text"][:13] for each in answers]
    (folder / "heron.md").unlink()
    (folder / "crane.md").write_text("# The crane\n\nIt has left for the south.\n")
    bring(folder)
    with start():
        said = [talk.tap(each, each.buttons[0]["callback_data"]) for each in answers]
        assert texts.THANKS == talk.tap(answers[0], "👍")

    assert [texts.SOURCE_GONE] * 2 == said
    assert 3 == len(talk.heard)


def test_foreign_buttons_do_nothing(api: BotApi, start: Start) -> None:
    """What was never a button of this message, names another chat's answer or is no number is answered, and does nothing."""
    huge = "9" * 50
    with start():
        ada, bob = Talk(api, ADA), Talk(api, BOB)
        private = ada.ask(OTTERS)
        ada.ask("/sources otters")
        own = bob.ask(SEEDS)
        strange = [
            *(button(private, label) for label in ("[1]", "👍", "👎")),
            *(
                "?",
                "s",
                "v",
                "s:",
                "s::",
                "s:-1:0",
                "s:2",
                "s:2:",
                "s:2:9",
                "s:2:-1",
                "s:1e3:0",
                "s:٣:٣",
                "v:2",
                "v:2:2",
                "v:2:1:1",
            ),
            *(f"s:{huge}:0", f"s:2:{huge}", f"v:{huge}:1", "a:7:1", "r:1", f"d:{huge}"),
        ]
        for data in strange:
            said = [bob.forge(own, data), bob.forge(own, data, under=True), bob.forge(own, data, old=True)]
            assert set(said) <= {texts.OLD_BUTTON, texts.NOT_ALLOWED}, data
        for data in ("", ":", "p", "p:0:0", "p:1:0", f"p:{huge}:{huge}"):
            said = [bob.forge(own, data), bob.forge(own, data, under=True), bob.forge(own, data, old=True)]
            assert [texts.OLD_BUTTON] * 3 == said, data
        assert [texts.OLD_BUTTON, "", ""] == [bob.forge(own, "x"), bob.forge(own, "x", under=True), bob.forge(own, "x", old=True)]

        assert [own] == bob.heard
        assert [] == api.called("editMessageText") == api.called("deleteMessage")
        assert texts.THANKS == bob.forge(own, button(own, "👍"), old=True)
        assert texts.VOTED_ALREADY == bob.tap(own, "👍")
        assert texts.THANKS == ada.tap(private, "👍")


def test_close_takes_away_only_what_a_tap_has_opened(api: BotApi, start: Start) -> None:
    """A view goes when it is closed, once; an answer stays even if a button under it said that it was to be closed."""
    with start():
        talk = Talk(api, ADA)
        answer = talk.ask(OTTERS)
        talk.tap(answer, "s:1:0")
        view = talk.wait(2)[-1]
        assert "" == talk.forge(answer, "x", under=True)
        assert "" == talk.tap(view, texts.CLOSE)
        api.wait_for(lambda: view not in talk.heard)
        assert "" == talk.forge(view, "x", under=True)

    assert [answer] == talk.heard


def test_votes_are_kept_once_per_person(api: BotApi, start: Start, data: Path) -> None:
    """Each person has one vote about an answer and may change it; it lies beside the question, the answer and its citations."""
    group = api.group(-4)
    with start():
        talk, bob = Talk(api, ADA, group), Talk(api, BOB, group)
        answer = talk.ask(f"@footnote_bot {OTTERS}")
        assert [texts.THANKS, texts.VOTED_ALREADY, texts.THANKS] == [talk.tap(answer, each) for each in "👍👍👎"]
        assert [texts.THANKS, texts.VOTED_ALREADY] == [bob.tap(answer, each) for each in "👍👍"]

    query = (
        "SELECT person, liked, question, answer, citations FROM vote JOIN exchange ON exchange.id = vote.exchange ORDER BY person"
    )
    rows = sqlite3.connect(data / "conversations.sqlite3").execute(query).fetchall()
    assert [(7, 0), (8, 1)] == [row[:2] for row in rows]
    assert {OTTERS} == {row[2] for row in rows}
    assert all("27 animals" in row[3] for row in rows)
    assert all("27 animals" in citations(row)[1]["quote"] for row in rows)


def citations(row: tuple[str, ...]) -> list[dict[str, str]]:
    """The citations of a row."""
    found: list[dict[str, str]] = json.loads(row[4])
    return found
