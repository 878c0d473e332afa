"""What names a chunk and its vectors."""

from dataclasses import replace

import pytest
from support import HashEncoder, indexed

from retrieval import Article, ChunkInput, Span
from retrieval.library.records import chunk_ids

INPUT = ChunkInput("Title\n", "One. Two.", (Span(0, 4), Span(5, 9)))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(INPUT, prefix="Other\n"), id="prefix"),
        pytest.param(replace(INPUT, body="One. Six."), id="body"),
        pytest.param(replace(INPUT, sentences=(Span(0, 9),)), id="sentences"),
        pytest.param(ChunkInput("Title\nOne. ", "Two.", (Span(0, 4),)), id="border"),
    ],
)
def test_key_changes_with_what_is_embedded(other: ChunkInput) -> None:
    """Whatever changes a vector changes the key under which it is kept, and so do the model's weights."""
    assert INPUT.key("a") != other.key("a")
    assert INPUT.key("a") != INPUT.key("b")
    assert INPUT.key("a") == replace(INPUT).key("a")


def test_chunks_keep_their_names_when_they_move() -> None:
    """The same content has the same ids wherever in the article it stands."""
    sections = [f"## Part {number}\n" + f"Something about number {number} is told here. " * 12 for number in range(4)]
    before, after = (
        indexed(Article("a", "", "\n\n".join(texts), "Title"), HashEncoder()).keys
        for texts in (sections, ["## New\nA new beginning.", *reversed(sections)])
    )

    assert set(chunk_ids(1, before)) < set(chunk_ids(1, after))
    assert set(chunk_ids(1, before)).isdisjoint(chunk_ids(2, before))


def test_repeats_are_numbered() -> None:
    """Chunks of the same content in one article have ids of their own."""
    ids = chunk_ids(7, ("same", "other", "same", "same"))

    assert len(set(ids)) == 4
    assert chunk_ids(7, ("other", "same", "same", "same")) == [ids[1], ids[0], ids[2], ids[3]]


def test_model_reads_title_heading_and_sentences() -> None:
    """The model reads the title and the nearest heading once, then the text from its first sentence on."""
    item = indexed(Article("a", "", "# Tides\n## Tides\n- High  water.\nLow water.", "Tides"), HashEncoder())

    assert [ChunkInput("Tides\n", "High  water.\nLow water.", (Span(0, 12), Span(13, 23)))] == list(item.inputs)
