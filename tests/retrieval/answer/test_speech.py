"""What a model says is shown clean, whole, and in whole sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.speech import bearers, breaks_off, parts, sentences
from retrieval.passages import Passage, Span

TEXT = "The roof is made of slates. It was paid by the town."
PASSAGE = Passage("1.a.0", "a.md", "", TEXT, 0, len(TEXT), 1.0, language="en")
FIRST, SECOND = (PASSAGE, Span(0, 27)), (PASSAGE, Span(28, len(TEXT)))


def spoken(text: str, language: str) -> list[str]:
    """The sentences that are shown."""
    return sentences(parts(text, language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Am 17. November 2019 stimmten 58 Prozent dafür.", "de"),
        ("Sie wurde im 19. Jahrhundert gebaut.", "de"),
        ("La Sra. López llegó en mayo.", "es"),
        ("It will not cost approx. 48,000 euros.", "en"),
        ("J. R. Smith was born there.", "en"),
    ],
)
def test_one_sentence(text: str, language: str) -> None:
    """A date, an abbreviation or an initial does not part a sentence."""
    assert [text] == spoken(text, language)


def test_several_sentences() -> None:
    """Sentences that end are parted."""
    assert ["The roof is new.", "The town paid."] == spoken("The roof is new.  The town paid.", "en")


@pytest.mark.parametrize(
    "text",
    ["The roof is new [1].", "The roof is new.[1, 2]", "The roof is new【3】.", "The roof is new. [¹]", "The roof is new.①"],
)
def test_only_our_numbers_look_like_footnotes(text: str) -> None:
    """Numbers that a model has set like footnotes are taken out; powers and years stay."""
    assert ["The roof is new."] == spoken(text, "en")
    assert ["It has 10 m² (2022)."] == spoken("It has 10 m² (2022).", "en")


@given(st.text(max_size=200), st.sampled_from(["en", "de", "zh", "", "xx"]))
def test_nothing_hidden(text: str, language: str) -> None:
    """Whatever a model says, nothing invisible is left in it, nothing empty, and no error comes of it."""
    hidden = "\u200b\u202e\U000e0073\u00ad"

    assert all(set(hidden).isdisjoint(each) and each.strip() for each in spoken(hidden.join(text), language))


def test_breaking_off() -> None:
    """Without an end mark the last word has to be one that the paragraph knows; some scripts have no marks."""
    assert not breaks_off("The roof is made of slates", [FIRST])
    assert breaks_off("The roof is made of sla", [FIRST])
    assert not breaks_off("The roof is made of sla.", [FIRST])
    assert not breaks_off("หลังคาใหม่", [FIRST])


def test_bystanders() -> None:
    """A quote that has no word of the sentence gets no number; if none has, all stay."""
    assert [FIRST] == bearers("Slates make the roof.", [FIRST, SECOND])
    assert [FIRST, SECOND] == bearers("Xyz.", [FIRST, SECOND])
