"""A citation's quote in its surroundings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import open_library, put

from retrieval import Library
from retrieval.library.surroundings import locate, widened
from retrieval.passages import Span

PARTS = [f"# Part {number}\nThis is what part {number} has to say. It is so. " * 6 for number in range(5)]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of one article of several chunks."""
    with open_library(tmp_path_factory.mktemp("shelf")) as library:
        put(library, "a", "\n".join(PARTS), title="Parts")
        yield library


def text_of(library: Library, source: str) -> str:
    """The whole text of an article."""
    (record,) = [record for record in library.articles() if record.source == source]
    return library.catalogue.text(1, 0, record.characters)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_quote_stands_in_its_surroundings(shelf: Library, data: st.DataObject) -> None:
    """Whatever span is quoted: it is marked exactly, the text is a piece of the article, and holds the chunks on both sides."""
    whole = text_of(shelf, "a")
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start + 1, min(len(whole), start + 600)))
    found = shelf.surroundings("a", start, end, quote=whole[start:end])
    assert found is not None

    assert found.text[found.quote.start : found.quote.end] == whole[start:end]
    assert found.start + found.quote.start == start
    assert whole[found.start : found.end] == found.text
    assert found.goes_on == bool(whole[found.end :].strip())
    chunks = sorted(shelf.catalogue.chunks(shelf.catalogue.live_ids()).values(), key=lambda chunk: chunk.start)
    touched = [number for number, chunk in enumerate(chunks) if chunk.start < end and start < chunk.end]
    near = chunks[max(0, touched[0] - 1) : touched[-1] + 2] if touched else []
    assert all(found.start <= chunk.start and chunk.end <= found.end for chunk in near)
    assert not near or len(found.text) <= near[-1].end - near[0].start + (end - start)


def test_surroundings_tell_of_their_article(shelf: Library) -> None:
    """Without a quote it is what stands at the span; title and source come along."""
    found = shelf.surroundings("a", 9, 13)

    assert found is not None
    assert (found.source, found.title, found.text[found.quote.start : found.quote.end]) == ("a", "Parts", "This")


def test_moved_quotes_are_found_again(tmp_path: Path) -> None:
    """A quote that has moved within its article is found where it stands now, and one that is gone is not."""
    with open_library(tmp_path) as library:
        put(library, "a", "The tide came. Nobody saw it.")
        put(library, "a", "A new beginning. " * 50 + "The tide came. Nobody saw it.")
        found = library.surroundings("a", 0, 14, quote="The tide came.")

        assert found is not None
        assert found.text[found.quote.start : found.quote.end] == "The tide came."
        assert library.surroundings("a", 0, 14, quote="The tide went.") is None
        assert library.surroundings("b", 0, 14, quote="The tide came.") is None
        assert library.surroundings("a", 5000, 5014) is None
        library.remove("a")
        assert library.surroundings("a", 0, 14, quote="The tide came.") is None


@given(st.text("ab", max_size=30), st.text("ab", min_size=1, max_size=4), st.integers(0, 40))
def test_nearest_place_is_taken(text: str, quote: str, start: int) -> None:
    """Of several places the nearest to the old one is taken, and that itself if it still holds the quote."""
    places = [at for at in range(len(text)) if text.startswith(quote, at)]
    found = locate(text, quote, start)

    assert (found is None) == (not places)
    if found is not None:
        assert text[found.start : found.end] == quote
        assert abs(found.start - start) == min(abs(at - start) for at in places)


def test_a_place_without_chunks_is_itself() -> None:
    """Where no chunk is, the quote is its own surroundings."""
    assert widened(Span(3, 9), []) == Span(3, 9)
