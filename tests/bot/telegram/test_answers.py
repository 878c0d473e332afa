"""Answers as people get them: sentences with numbers, the quotes they rest on, their sources; and questions that are none."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.talking import Talk
from botapi.wordy import Wordy
from lxml.html import fromstring

from bot.telegram import texts
from bot.telegram.handlers.questions import LONGEST

ARTICLES = Path(__file__).parents[2] / "articles"
ADA = Person(7, "Ada", username="ada")
Start = Callable[..., Running]


def written(name: str) -> str:
    """What an article's file says, its white space folded."""
    text = (ARTICLES / name).read_text()
    return " ".join((str(fromstring(text.encode()).text_content()) if name.endswith(".html") else text).split())


def numbers(text: str) -> list[int]:
    """The numbers in a text, in order."""
    return [int(number) for number in re.findall(r"\[(\d+)\]", text)]


def assert_sent_as_text(api: BotApi) -> None:
    """Nothing was ever sent as markup, and no link opens a preview."""
    calls = [*api.called("sendMessage"), *api.called("editMessageText")]
    assert calls
    assert all("parse_mode" not in call.params and call.params["link_preview_options"] == {"is_disabled": True} for call in calls)


@pytest.mark.parametrize(
    ("question", "article"),
    [
        (
            "How many otters did the census find?",
            (
                "river-otter-census.md",
                "Otters return to the Lenn: what the winter census found · Lenn Valley Naturalist · 2025-02-18",
                "https://naturalist.example/lenn-otter-census",
            ),
        ),
        (
            "How many stops does tram line 7 have?",
            (
                "tram-line-reopening.html",
                "Tram line 7 runs again after 58 years · Brennick Courier · 2025-04-07",
                "https://courier.example/news/tram-line-7",
            ),
        ),
        (
            "How many packets does the seed library have?",
            ("seed-library.txt", "The seed library of Ashcombe · 2024-05-03", ""),
        ),
    ],
    ids=["front_matter", "web_page", "no_address"],
)
def test_an_answer_shows_what_it_rests_on(api: BotApi, start: Start, question: str, article: tuple[str, str, str]) -> None:
    """Every sentence has numbers, every number a quote as it stands in the file, and the source is named and linked once."""
    name, known, address = article
    with start():
        answer = Talk(api, ADA).ask(question)

    sentences, _, notes = answer.text.partition("\n\n")
    (quoted,) = answer.marked("expandable_blockquote")
    quotes = re.findall(r"\[(\d+)\] “(.+)”\n", quoted)
    assert list(range(1, len(quotes) + 1)) == numbers(sentences) == [int(number) for number, _ in quotes]
    assert quotes
    assert re.search(r"\[\d+\]$", sentences)
    assert all(quote in written(name) for _, quote in quotes)
    assert notes == quoted
    assert known == quoted.splitlines()[-1]
    links = [each["url"] for each in answer.entities if each["type"] == "text_link"]
    assert [address] * bool(address) == links
    assert [known.partition(" · ")[0]] * bool(address) == answer.marked("text_link")
    marks = "".join(f"[{number}] " for number, _ in quotes)
    source, *votes = answer.buttons
    assert source["text"].startswith(marks)
    assert ["👍", "👎"] == [each["text"] for each in votes]
    assert_sent_as_text(api)


def test_each_source_is_named_once(api: BotApi, start: Start, tmp_path: Path, bring: Callable[[Path], None]) -> None:
    """An answer from two articles has the quotes of each together, and a button for each."""
    ferries = {
        "north": "The Quelling ferry carries forty-one goats in summer.",
        "south": "In winter the Quelling ferry carries ninety-three goats.",
    }
    for name, text in ferries.items():
        head = f"---\ntitle: Quelling {name}\nurl: https://quelling.example/{name}\n---\n\n"
        (tmp_path / f"{name}.md").write_text(head + text)
    bring(tmp_path)
    with start():
        answer = Talk(api, ADA).ask("What does the Quelling ferry carry?")

    assert [1, 2] == numbers(answer.text.partition("\n\n")[0])
    assert {"Quelling north", "Quelling south"} == set(answer.marked("text_link"))
    assert 2 == len(answer.marked("text_link"))
    assert ["[1] Quelling", "[2] Quelling"] == [each["text"].rpartition(" ")[0] for each in answer.buttons[:2]]
    assert 4 == len(answer.buttons)


def test_a_refusal_names_the_closest(api: BotApi, start: Start) -> None:
    """What the articles do not say is said to be so; the closest passages come without numbers and without source buttons."""
    with start():
        answer = Talk(api, ADA).ask("What is the capital of Peru?")

    assert answer.text.startswith(f"The articles do not say.\n\n{texts.CLOSEST}\n\n")
    assert [] == numbers(answer.text)
    assert 1 <= len(answer.marked("expandable_blockquote")) <= 3
    assert len(set(answer.marked("text_link"))) == len(answer.marked("text_link"))
    assert ["👍", "👎"] == [each["text"] for each in answer.buttons]
    assert_sent_as_text(api)


def test_a_long_answer_arrives_whole(api: BotApi, start: Start) -> None:
    """An answer longer than a message comes in parts, nothing of it is lost, and its buttons are under the last one and work."""
    with start(wrap=Wordy):
        talk = Talk(api, ADA)
        short = talk.ask("How many otters did the census find?")
        talk.ask("/new")
        last = talk.ask("How many otters did the census find?×24", parts=3)
        parts = talk.heard[2:]

        sentences, _, notes = short.text.partition("\n\n")
        assert " ".join([*[sentences] * 24, notes]).split() == " ".join(part.text for part in parts).split()
        assert [[], []] == [part.buttons for part in parts[:-1]]
        assert "" == talk.tap(last, last.buttons[0]["text"])
        assert texts.THANKS == talk.tap(last, "👍")
        talk.wait(6)
    assert_sent_as_text(api)


def test_what_is_no_question_is_told_so(api: BotApi, start: Start) -> None:
    """White space, what is not seen and a picture get one plain sentence, and none of it breaks what comes after."""
    with start():
        talk = Talk(api, ADA)
        for blank in ("   \n ", "\u200f\u202e", "\u2800\u200b"):
            assert texts.EMPTY_QUESTION == talk.ask(blank).text
        photo = [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]
        assert texts.ONLY_TEXT == talk.ask("", photo=photo).text
        assert "eleven stops" in talk.ask("", photo=photo, caption="How many stops does tram line 7 have?").text


def test_strange_questions_are_answered(api: BotApi, start: Start) -> None:
    """Emoji, control characters, marks that turn the writing, halves of characters: there is an answer to each."""
    with start():
        talk = Talk(api, ADA)
        for text in (
            "😀👨‍👩‍👧‍👦",
            "\x00\x07\x1b[31m?",
            "\ud83d?",
            "?",
            "' OR 1=1; --",
            "**_`<b>&amp;[x](http://y.z)",
            "e\u0301" * 900,
        ):
            assert talk.ask(text).text.startswith("The articles do not say.")
            talk.ask("/new")
        assert "27 animals" in talk.ask("How many \u202eotters\u202c did \x07the census\u200f find?\x00").text


def test_a_question_that_is_too_long_is_refused(api: BotApi, start: Start) -> None:
    """What is longer than a question can be gets one sentence with the limit, however many messages it came in."""
    with start():
        talk = Talk(api, ADA)
        for number in range(3):
            talk.say(f"{number} {'otter ' * 682}"[:4096].strip())
        talk.say("otter " * 50)

        assert texts.TOO_LONG.format(most=LONGEST) == talk.wait(1)[0].text
        assert "27 animals" in talk.ask("How many otters did the census find?").text
