"""What a sentence takes from a paragraph that it does not quote is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.copying import Origins, paragraphs
from retrieval.passages import Passage, Span

TEXT = """The new roof is made of slates and did cost a fortune. It was paid by the town.

The old roof was made of pure silver and was stolen at night.

Nobody saw the thieves."""
PASSAGE = Passage("1.a.0", "a.md", "A new roof", TEXT, 0, len(TEXT), 1.0, language="en")
FIRST, SECOND = Span(0, 27), Span(TEXT.index("The old"), TEXT.index("Nobody") - 2)


def test_words_from_elsewhere() -> None:
    """A clause that stands in another paragraph is not borne by a quote of this one; quoted as well, it is."""
    origins = Origins("What is the roof made of?", [PASSAGE])
    sentence = "The new roof is made of slates, and it was made of pure silver."

    assert origins.elsewhere(sentence, [(PASSAGE, FIRST)])
    assert not origins.elsewhere(sentence, [(PASSAGE, FIRST), (PASSAGE, SECOND)])


def test_own_words() -> None:
    """Words of the model's own, of the quote's paragraph, of the title and of the question are free."""
    origins = Origins("Who saw the thieves stealing pure silver at night?", [PASSAGE])

    assert not origins.elsewhere("The town bought a roof of slates.", [(PASSAGE, FIRST)])
    assert not origins.elsewhere("The new roof was paid by the town.", [(PASSAGE, FIRST)])
    assert not origins.elsewhere("Pure silver stolen at night: thieves.", [(PASSAGE, SECOND)])


def test_paragraphs() -> None:
    """A quote stands in its own paragraph, or in all that it touches."""
    assert ["The old roof was made of pure silver and was stolen at night."] == paragraphs(TEXT, SECOND)
    assert 2 == len(paragraphs(TEXT, Span(FIRST.start, SECOND.end)))
    assert TEXT.split("\n\n") == paragraphs(TEXT, Span(0, len(TEXT)))


@given(st.integers(0, len(TEXT) - 1), st.integers(1, len(TEXT)))
def test_quote_is_never_elsewhere(start: int, length: int) -> None:
    """Whatever is quoted word for word has its words from the quote."""
    span = Span(start, min(len(TEXT), start + length))

    assert not Origins("?", [PASSAGE]).elsewhere(" ".join(paragraphs(TEXT, span)[:1]), [(PASSAGE, span)])
