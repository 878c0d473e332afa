"""A question as terms, and how much each of them tells."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.search.query import MAX_WORDS, Analyst, weights
from retrieval.search.rarity import background, rarity


def nothing(_: Sequence[str]) -> int:
    """The frequency of any word in an empty library."""
    return 0


def terms(text: str, *languages: str) -> dict[str, tuple[str, ...]]:
    """Each term's word and its stems, in an empty library of some languages."""
    return {term.word: term.stems for term in Analyst(languages, 0, nothing).terms(text)}


def test_each_language_adds_its_stem() -> None:
    """A word has one alternative for each language that reads it differently, and counts once."""
    assert terms("Running LIGHTS, light", "en", "de") == {"running": ("run", "running"), "lights": ("light",)}
    assert terms("lights light", "en") == {"lights": ("light",)}


def test_stop_words_are_no_terms() -> None:
    """What a language skips is no term, unless another language of the library reads it as a word."""
    assert terms("Is the tide with it?", "en") == {"tide": ("tide",)}
    assert "die" not in terms("Wann stieg die Flut?", "de")
    assert terms("the die", "en", "de") == {"the": ("the",), "die": ("die",)}


def test_unspaced_script_gives_characters() -> None:
    """A run of Chinese is one term a character, as it is indexed."""
    assert terms("灯塔 tower", "en", "zh") == {"灯": ("灯",), "塔": ("塔",), "tower": ("tower",)}
    assert background("的", ["zh"]) > background("塔", ["zh"]) > 0


def test_long_questions_are_bounded() -> None:
    """Of ten thousand words a few hundred are looked up."""
    asked: list[Sequence[str]] = []
    found = Analyst(["en"], 0, lambda stems: bool(asked.append(stems))).terms(
        " ".join(f"word{number}" for number in range(10_000))
    )

    assert len(found) == len(asked) == MAX_WORDS


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.lists(st.sampled_from(["en", "de", "zh", "ja", "ko", "", "xx", "ru"]), max_size=3))
def test_any_text_has_terms(text: str, languages: list[str]) -> None:
    """No text is an error; terms differ in their stems, tell something, and together are what is searched for."""
    found = Analyst(languages, 3, nothing).terms(text)

    assert len(weights(found)) == len(found)
    assert all(term.stems and term.rarity > 0 and term.weight == 1 for term in found)


@pytest.mark.parametrize(
    ("common", "rare", "language"),
    [("people", "temperature", "en"), ("haus", "temperatur", "de"), ("folk", "temperatur", "no"), ("人", "灯", "ja")],
)
def test_common_words_weigh_less_without_a_library(common: str, rare: str, language: str) -> None:
    """With no article at all, how common a word is in its language decides."""
    assert background(common, [language]) > background(rare, [language]) > background("zyxwvu", [language]) == 0
    assert rarity(0, 0, background(common, [language])) < rarity(0, 0, background(rare, [language]))


def test_large_library_knows_better() -> None:
    """In a library of many chunks its own counts decide, in one of a few they hardly matter."""
    share = background("people", ["en"])

    assert rarity(2, 4, share) == pytest.approx(rarity(0, 4, share), abs=0.05)
    assert rarity(10, 100_000, share) > rarity(50_000, 100_000, background("zyxwvu", ["en"]))


@pytest.mark.parametrize("languages", [["xx"], [""], [], ["xx", "en"]])
def test_unknown_languages_are_no_error(languages: list[str]) -> None:
    """A language without word counts is passed over."""
    assert background("people", languages) == (background("people", ["en"]) if "en" in languages else 0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_rarity_is_positive_and_falls(frequency: int, more: int, share: float) -> None:
    """Every word tells something, and less the more chunks hold it."""
    chunks = frequency + more

    assert rarity(frequency, chunks, share) > 0
    assert rarity(chunks, chunks, share) <= rarity(frequency, chunks, share)
