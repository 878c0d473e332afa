"""What the model writes is read as it streams in, in whatever pieces, and in the many manners of small models."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import REFUSAL
from retrieval.answer.contract import ContractReader, Quoted, Unit, is_refusal

GOOD = """QUOTE 2: a fish ladder was opened
QUOTE 5: the eels go
SENTENCE: Otters follow the eels.

QUOTE 1: forty-eight otters were counted
SENTENCE: There are 48 otters.
"""
UNITS = [
    Unit("Otters follow the eels.", (Quoted(2, "a fish ladder was opened"), Quoted(5, "the eels go"))),
    Unit("There are 48 otters.", (Quoted(1, "forty-eight otters were counted"),)),
]


def read(text: str, *, whole: bool = True) -> list[Unit]:
    """The units of a text that comes in one piece."""
    reader = ContractReader()
    return [*reader.feed(text), *reader.end(whole=whole)]


@given(st.lists(st.integers(0, len(GOOD)), max_size=12))
def test_pieces(cuts: list[int]) -> None:
    """Where the stream is cut into pieces makes no difference."""
    places = sorted({0, len(GOOD), *cuts})
    reader = ContractReader()
    units = [unit for start, end in pairwise(places) for unit in reader.feed(GOOD[start:end])]

    assert UNITS == [*units, *reader.end(whole=True)]


def test_unit_is_complete_at_the_end_of_its_line() -> None:
    """A sentence is given as soon as its line ends, and not a piece later."""
    reader = ContractReader()

    assert [] == list(reader.feed("QUOTE 1: the eels go\nSENTENCE: Otters follow"))
    assert [Unit("Otters follow the eels.", (Quoted(1, "the eels go"),))] == list(reader.feed(" the eels.\nQUO"))


@pytest.mark.parametrize(
    "text",
    [
        "**QUOTE 1:** the eels go\n**SENTENCE:** Otters follow.",
        "- Quote [1]: the eels go\n- Sentence: Otters follow.",
        "QUOTE from passage 1: the eels go\nSENTENCE 1: Otters follow.",
        "quote (1) - the eels go\nsentence - Otters follow.",
        "> QUOTE #1: `the eels go`\n> SENTENCE: Otters follow.",
        "QUOTE 1: the\neels go\nSENTENCE: Otters follow.",
        "QUOTE 1:\nthe eels go\nSENTENCE:\nOtters follow.",
        "Sure, here is the answer:\n\nQUOTE 1: the eels go\r\nSENTENCE: Otters follow.\r\n\nI hope that this helps!",
        "```\nQUOTE 1: the eels go\n\nSENTENCE: Otters follow.\n```",
    ],
)
def test_manners(text: str) -> None:
    """Marks around the labels, broken lines and talk around the units are forgiven."""
    assert [Unit("Otters follow.", (Quoted(1, "the eels go"),))] == read(text)


@pytest.mark.parametrize(
    "text",
    ["", "Otters follow the eels [1].", '{"sentences": []}', "QUOTE 1: the eels go", "Q1: a\nS: b", "SENTENCES\n\n\n", "QUOTE"],
)
def test_broken_form(text: str) -> None:
    """What keeps to no contract is no unit."""
    assert [] == read(text)


def test_sentence_without_quotes() -> None:
    """One that quotes nothing is a unit that rests on nothing; a second one rests on the quotes of the first."""
    assert [Unit("Otters follow.", ())] == read("SENTENCE: Otters follow.")
    both = read("QUOTE 1: the eels go\nSENTENCE: Otters follow.\nSENTENCE: So they go.")
    assert [(Quoted(1, "the eels go"),)] * 2 == [unit.quotes for unit in both]


def test_half_a_line() -> None:
    """A line in which the model was cut off counts only if it ends like a sentence."""
    assert [] == read("QUOTE 1: the eels go\nSENTENCE: Otters foll", whole=False)
    assert 1 == len(read("QUOTE 1: the eels go\nSENTENCE: Otters follow.", whole=False))
    assert 1 == len(read("QUOTE 1: the eels go\nSENTENCE: Otters follow", whole=True))


@pytest.mark.parametrize("text", [REFUSAL, REFUSAL.upper(), f"**{REFUSAL}**\n", f"\n\n> {REFUSAL[:-1]}\n"])
def test_refusal(text: str) -> None:
    """The refusal phrase is known in any dress, and only alone in its line."""
    reader = ContractReader()

    assert [] == [*reader.feed(text), *reader.end(whole=True)]
    assert reader.refused
    assert not is_refusal(f"{REFUSAL} But I do.")


@given(st.text(max_size=300))
def test_anything(text: str) -> None:
    """Whatever a model writes, reading it ends without an error, and no unit has an empty sentence."""
    assert all(unit.sentence for unit in read(text))


def test_endless_line() -> None:
    """A line without an end does not fill the memory, and gives nothing."""
    reader = ContractReader()
    for _ in range(1000):
        assert [] == list(reader.feed("SENTENCE: " + "x" * 90))

    assert len(reader._line) < 5000
    assert [] == list(reader.end(whole=True))
