"""What is shown of texts that strangers wrote."""

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from bot.terminal import MARK, show_answer, show_articles, show_events, show_explanation, show_passages
from ingest.console import json_line, printable
from retrieval import Answer, AnswerSentence, ArticleRecord, Citation, Passage
from retrieval.passages import Dropped, Shortfall, Usage

NASTY = "\x1b[31m[bold]red[/bold]\x1b]0;title\x07\x9b1m\u202eevil\u2066\r\n\t\x00:smile: [link=x]\ud800"
TEXTS = (
    st.text(max_size=60)
    | st.text(alphabet="ab [/]\\:\x1b\x9b\u061c\u200f\u202e\n\r\x00\u2028\ud800é中😀", max_size=60)
    | st.just(NASTY)
)
REORDERING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(show: Callable[..., None], *values: object, terminal: bool) -> str:
    """The output of one rendering function."""
    stream = io.StringIO()
    show(*values, console_on(stream, terminal=terminal))
    return stream.getvalue()


def console_on(stream: io.StringIO, *, terminal: bool, width: int = 40) -> Console:
    """A console as every command has it."""
    console = Console(
        file=stream, force_terminal=terminal, width=width, markup=False, highlight=False, emoji=False, legacy_windows=False
    )
    console.soft_wrap = not terminal
    return console


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers and refusals with arbitrary texts."""
    texts = draw(st.lists(TEXTS, max_size=3))
    return Answer(
        question=draw(TEXTS),
        standalone=draw(TEXTS),
        passages=tuple(Passage("c", draw(TEXTS), draw(TEXTS), text, 0, len(text), 1.0, draw(TEXTS)) for text in texts),
        sentences=tuple(AnswerSentence(text, (number,)) for number, text in enumerate(texts, start=1))
        if draw(st.booleans())
        else (),
        citations=tuple(
            Citation(number, draw(TEXTS), draw(TEXTS), text, 0, len(text)) for number, text in enumerate(texts, start=1)
        ),
        confidence=0.5,
        seconds=0.1,
        model=draw(st.none() | TEXTS.map(lambda text: f"openai:{text}")),
        carried=tuple(draw(st.lists(TEXTS, max_size=2))),
        written=draw(st.booleans()),
        shortfall=draw(st.none() | st.sampled_from(Shortfall)),
        usage=draw(st.none() | st.builds(Usage)),
        dropped=tuple(Dropped(text, "it quotes nothing") for text in texts),
    )


@settings(deadline=None)  # the first answer of a chat model loads what knows of providers
@given(answer=answers(), terminal=st.booleans())
def test_nothing_controls_the_terminal(answer: Answer, *, terminal: bool) -> None:
    """Whatever the texts hold, only our own colours and line ends reach the terminal."""
    shows = [(show_answer, answer), (show_explanation, answer), (show_passages, answer.passages)]
    for output in [shown(show, what, terminal=terminal) for show, what in shows]:
        rest = COLOUR.sub("", output) if terminal else output
        assert {"\n"} >= {character for character in rest if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}}
        assert not set(REORDERING) & set(rest)


@settings(deadline=None)  # as above
@given(answers())
def test_nothing_of_answer_and_quotes_is_lost(answer: Answer) -> None:
    """Every word of the answer and of its quotes is shown, with white space folded."""
    output = shown(show_answer, answer, terminal=False)

    paragraph = " ".join(f"{printable(sentence.text)}[{sentence.citations[0]}]" for sentence in answer.sentences)
    assert output.startswith(f"{paragraph}\n\n" if answer.sentences else f"{printable(answer.text)}\n")
    for sentence in answer.sentences:
        assert printable(sentence.text) in output
        assert f"[{sentence.citations[0]}] “{printable(sentence.text)}”" in output


@given(
    st.lists(st.text(alphabet="ab 中é😀-[", max_size=30), min_size=1, max_size=4),  # rich loses some of what has no width
    st.integers(min_value=2, max_value=30),
    st.booleans(),
)
def test_growing_paragraph(texts: list[str], width: int, terminal: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """Sentence by sentence the same is shown as at once, and what is shown already is never taken back."""
    sentences = [AnswerSentence(text, (number, 10 * number)) for number, text in enumerate(texts, start=1)]
    stream, whole = io.StringIO(), io.StringIO()
    seen = [""]

    def events() -> Iterator[AnswerSentence | Answer]:
        for sentence in sentences:
            yield sentence
            seen.append(stream.getvalue())
        yield Answer("q", "q", (), tuple(sentences), (), confidence=1, seconds=0)

    show_events(events(), console_on(stream, terminal=terminal, width=width))
    paragraph = Text()
    for sentence in sentences:
        paragraph.append(" " if paragraph else "").append(printable(sentence.text))
        paragraph.append("".join(f"[{number}]" for number in sentence.citations), style=MARK)
    console_on(whole, terminal=terminal, width=width).print(paragraph)

    assert COLOUR.sub("", f"{whole.getvalue()}\n") == COLOUR.sub("", stream.getvalue())
    for sentence, (before, after) in zip(sentences, pairwise(seen), strict=True):
        assert after.startswith(before)
        assert COLOUR.sub("", after).replace("\n", "").endswith(f"[{sentence.citations[0]}][{sentence.citations[1]}]")


def test_broken_off() -> None:
    """What breaks off an answer ends its line, so that the next words stand on one of their own."""
    stream = io.StringIO()

    def events() -> Iterator[AnswerSentence | Answer]:
        yield AnswerSentence("One.", (1,))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        show_events(events(), console_on(stream, terminal=False))

    assert "One.[1]\n" == stream.getvalue()


def test_unsupported() -> None:
    """A sentence that is not supported is shown with a mark and without a number, even if it brings one along."""
    sentences = (AnswerSentence("True.", (1,)), AnswerSentence("Doubtful [1, 2].", (), supported=False))
    answer = Answer("q", "q", (), sentences, (Citation(1, "/s", "T", "True.", 0, 5),), confidence=1, seconds=0)

    assert shown(show_answer, answer, terminal=False).startswith("True.[1] Doubtful. [not in the articles]\n\n[1] “True.”\n")


@given(TEXTS)
def test_printable_is_one_stable_line(text: str) -> None:
    """Cleaning folds white space, drops what controls, keeps all else in order, and doing it twice changes nothing."""
    kept = [character for character in text if not character.isspace() and unicodedata.category(character) not in {"Cc", "Cs"}]

    once = printable(text)

    assert once == printable(once)
    assert [each for each in kept if each not in REORDERING] == [*once.replace(" ", "")]


def test_markup_is_shown_as_it_stands() -> None:
    """Square brackets, emoji codes and links in a text are its own."""
    sentence = AnswerSentence("Use [bold]a[0][/bold] :smile: [link=http://x]y[/link].", (1,))
    answer = Answer("q", "q", (), (sentence,), (Citation(1, "/s", "[red]T", sentence.text, 0, 9),), confidence=1, seconds=0)

    output = shown(show_answer, answer, terminal=False)

    assert f"{sentence.text}[1]\n\n[1] “{sentence.text}”\n    [red]T\n    /s\n" == output


def test_terminal_wraps_and_indents() -> None:
    """In a terminal no line is wider than it, and what is indented stays so."""
    record = ArticleRecord("/s/" + "x" * 60, "A title of many words " * 4, "", "Site", "2024", "en", "", "", 1, 1)

    lines = COLOUR.sub("", shown(show_articles, [record], terminal=True)).splitlines()

    assert max(map(len, lines)) <= 40
    assert sum(line.startswith("    ") for line in lines) == 3
    assert "    Site · 2024 · en · 1 chunk" in [line.rstrip() for line in lines]


def test_json_survives_a_narrow_encoding() -> None:
    """Characters that a stream cannot carry are escaped, so nothing is lost."""
    assert '{"a": "é"}' == json_line({"a": "é"}, "cp1252")
    assert r'{"a": "\u044f"}' == json_line({"a": "я"}, "cp1252")
    assert r'{"a": "\ud800"}' == json_line({"a": "\ud800"}, "utf-8")


@given(TEXTS)
def test_json_controls_no_terminal(text: str) -> None:
    """A line of JSON is one line, holds nothing that controls a terminal or reorders what is read, and says the same."""
    line = json_line({"a": text}, "utf-8")

    assert {"a": text} == json.loads(line)
    assert [line] == line.splitlines()
    assert not [each for each in line if unicodedata.category(each) in {"Cc", "Cs"} or each in REORDERING]
