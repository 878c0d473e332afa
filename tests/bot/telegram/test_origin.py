"""An answer says whose words it is in, and what the articles do not bear out is never shown as if they did."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sendable import check_shown

from bot.telegram import texts
from bot.telegram.render import show_answer, show_preview
from bot.telegram.richtext import RichText
from bot.telegram.splitting import split
from retrieval import Answer, AnswerSentence, Citation, Passage, Shortfall, Usage

MODEL = "openai:gpt-5-mini"
CITATION = Citation(1, "/a/otters", "Otters", "27 otters", 5, 14)
PASSAGE = Passage("c", "/a/otters", "Otters", "There are 27 otters.", 0, 20, 1.0)
TRUE = AnswerSentence("There are 27 otters.", (1,))
DOUBTFUL = AnswerSentence("They like jazz.", (), supported=False)
KEYLESS = Answer("q", "q", (PASSAGE,), (TRUE,), (CITATION,), 0.9, 0.1)
WRITTEN = replace(KEYLESS, model=MODEL, written=True, usage=Usage(900, 80))
REFUSAL = replace(KEYLESS, sentences=(), citations=())


def last_line(answer: Answer) -> str:
    """The last line of an answer, which is all in italics."""
    shown = show_answer(answer, "k").text
    line = shown.text.rpartition("\n\n")[2]
    assert line in [shown.text[mark.start : mark.end] for mark in shown.marks if mark.kind == "italic"]
    return line


def test_written() -> None:
    """Under an answer in the model's words stands that it is, and if it broke off, that too."""
    assert "In the words of openai:gpt-5-mini, checked against the quotes." == last_line(WRITTEN)
    assert f"{texts.WRITTEN.format(model=MODEL)} {texts.ENDS_EARLY}" == last_line(replace(WRITTEN, shortfall=Shortfall.CUT))


@pytest.mark.parametrize("shortfall", Shortfall)
def test_every_shortfall_is_told(shortfall: Shortfall) -> None:
    """Whatever kept the model from answering is said in one plain sentence, and what there is instead."""
    quoted = last_line(replace(KEYLESS, model=MODEL, shortfall=shortfall))
    refused = last_line(replace(REFUSAL, model=MODEL, shortfall=shortfall))

    assert quoted.endswith("so these are the articles’ own sentences.")
    assert refused.endswith("and the articles’ own sentences do not answer it.")
    for line in (quoted, refused):
        assert MODEL in line
        assert 1 == len(re.findall(r"[.!?](?:\s|$)", line))
        assert not re.search(r"token|context|key|429|setting|FOOTNOTE", line.replace(MODEL, "")), "words for whoever runs it"


@pytest.mark.parametrize(
    "answer", [KEYLESS, REFUSAL, replace(REFUSAL, model=MODEL)], ids=["answer", "refusal", "model's refusal"]
)
def test_nothing_is_said_where_no_model_spoke(answer: Answer) -> None:
    """Without a chat model, and where it has nothing to say, an answer is what it always was."""
    shown = show_answer(answer, "k").text

    assert [] == [mark for mark in shown.marks if mark.kind == "italic"]
    assert MODEL not in shown.text


def test_unsupported_sentences_are_marked() -> None:
    """A sentence that rests on nothing has the mark behind it, and no number, in the answer and on the way to it."""
    answer = replace(WRITTEN, sentences=(TRUE, replace(DOUBTFUL, text="They like jazz [2], [1, 3] and\n[12].")))

    paragraph = "There are 27 otters. [1] They like jazz, and. (not in the articles)"
    assert paragraph == show_preview(answer.sentences).text
    assert paragraph == show_answer(answer, "k").text.text.partition("\n\n")[0]
    check_shown(show_answer(answer, "k"))


@given(st.lists(st.sampled_from([TRUE, DOUBTFUL]), min_size=1, max_size=30), st.integers(60, 200))
def test_the_mark_stays_with_its_sentence(sentences: list[AnswerSentence], limit: int) -> None:
    """However long the answer, no message begins with the mark of a sentence in the one before it, or with a part of it."""
    paragraph = show_answer(replace(WRITTEN, sentences=tuple(sentences)), "k").text.text.partition("\n\n")[0]

    for part in split(RichText(paragraph), limit):
        assert part.text.count("jazz.") == part.text.count(texts.UNSUPPORTED) == part.text.count(")")
