"""How a found chunk grows into a passage."""

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import Span
from retrieval.library.records import ChunkRecord
from retrieval.search.grow import PASSAGE_LENGTH, widened


@st.composite
def articles(draw: st.DrawFn) -> list[ChunkRecord]:
    """The chunks of an article, in order, each of a few sentences and under one of three headings."""
    chunks, at = [], 0
    for number in range(draw(st.integers(1, 8))):
        lengths = draw(st.lists(st.integers(1, 400), min_size=1, max_size=5))
        starts = [sum(lengths[:place]) + place for place in range(len(lengths))]
        sentences = tuple(Span(start, start + length) for start, length in zip(starts, lengths, strict=True))
        heading = draw(st.sampled_from("ABC"))
        end = at + sentences[-1].end
        chunks.append(ChunkRecord(str(number), 1, at, end, "", "", (heading,), sentences, "en", ""))
        at = end + 1
    return chunks


@settings(max_examples=80, deadline=None)
@given(articles(), st.data())
def test_passage_is_a_readable_piece(chunks: list[ChunkRecord], data: st.DataObject) -> None:
    """It holds its chunk, is at most 1,200 characters, ends at sentence bounds, and stays apart from what is shown already."""
    chunk = data.draw(st.sampled_from(chunks))
    taken = [Span(one.start, one.end) for one in data.draw(st.lists(st.sampled_from(chunks), max_size=3))]
    span = widened(chunk, chunks, taken)

    assert span.start <= chunk.start
    assert chunk.end <= span.end
    assert span.end - span.start <= max(PASSAGE_LENGTH, chunk.end - chunk.start)
    assert span.start in {item.start + inside.start for item in chunks for inside in item.sentences}
    assert span.end in {item.start + inside.end for item in chunks for inside in item.sentences}
    for other in taken:
        assert min(span.end, other.end) <= max(span.start, other.start) or (other.start < chunk.end and chunk.start < other.end)


@settings(max_examples=80, deadline=None)
@given(articles(), st.data())
def test_passage_stays_under_its_heading(chunks: list[ChunkRecord], data: st.DataObject) -> None:
    """A passage never reaches into or across a part of the article under another heading, even if the same heading returns."""
    chunk = data.draw(st.sampled_from(chunks))
    span = widened(chunk, chunks, [])

    touched = [item for item in chunks if item.start < span.end and span.start < item.end]
    assert {item.headings for item in touched} == {chunk.headings}
