"""How articles are cut."""

import re
from random import Random
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.chunking import CHUNK_LENGTH, chunk_article
from ingest.sentences import SENTENCE_LENGTH, rules
from retrieval import Article, Chunk

MARK = re.compile(r"#{1,6}[ \t]|\s*([-*+•]|\d{1,3}[.)])[\W_]*$|\s*(```|~~~)")
WORDS = st.one_of(
    st.sampled_from(
        ["the", "Mr.", "3.5", "tide", "e.g.", "No!", "Who?", "河流", "。", "naïve", "😀", "|", "#", "-", "1.", "\u200b", "\u00a0"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=12),
    st.integers(400, 1500).map(lambda length: "x" * length),
)
LINES = st.one_of(
    st.lists(WORDS, max_size=25).map(" ".join),
    st.tuples(st.integers(1, 6), WORDS).map(lambda heading: f"{'#' * heading[0]} {heading[1]}"),
    st.tuples(st.sampled_from(["- ", "1. ", "  - ", "12) "]), WORDS).map("".join),
    st.lists(WORDS, min_size=2, max_size=5).map(" | ".join),
    st.sampled_from(["", "```", "```sh", "~~~", "---", "===", "|---|---|", "***"]),
    st.integers(1, 60).map(lambda count: "So the tide rose again. " * count),
)
TEXTS = st.lists(LINES, max_size=30).map("\n".join)


def cut(text: str, language: str = "en") -> tuple[Chunk, ...]:
    """The chunks of an article of this text."""
    return chunk_article(Article("source", "digest", text, "Title", language=language))


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of a text, one after the other."""
    return [chunk.text[span.start : span.end] for chunk in cut(text, language) for span in chunk.sentences]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("# A\n\n## B\n")
@example("\u200b\n- \n1. \n|\n")
def test_chunks_are_the_article(text: str) -> None:
    """Chunks are slices of the text, in order, without overlap, and hold all of it but white space."""
    chunks, at = cut(text), 0
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert chunk.start >= at
        assert not text[at : chunk.start].strip()
        assert chunk.text
        at = chunk.end
    assert not chunks or not text[at:].strip()


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_sentences_lie_in_their_chunk(text: str) -> None:
    """Sentence spans are in order, apart, stripped and at most 500 characters; only a single one makes a chunk too long."""
    for chunk in cut(text):
        at = 0
        for span in chunk.sentences:
            words = chunk.text[span.start : span.end]
            assert at <= span.start < span.end <= len(chunk.text)
            assert words == words.strip()
            assert len(words) <= SENTENCE_LENGTH
            at = span.end
        assert chunk.sentences
        assert at - chunk.sentences[0].start <= CHUNK_LENGTH


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_all_words_are_in_sentences(text: str) -> None:
    """Outside of its sentences a chunk has only headings, list marks, fences, heads of tables and lines without words."""
    for chunk in cut(text):
        at = 0
        for span in (*chunk.sentences, None):
            lines = chunk.text[at : span.start if span else None].split("\n")
            for line, following in zip(lines, [*lines[1:], "x"], strict=True):
                assert MARK.match(line) or not any(map(str.isalnum, line)) or re.fullmatch(r"[ \t|:=-]+", following)
            at = span.end if span else at


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_cutting_is_repeatable(text: str) -> None:
    """The same text gives the same chunks."""
    assert cut(text) == cut(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 40)), min_size=1, max_size=8))
def test_chunks_never_mix_headings(parts: list[tuple[int, int]]) -> None:
    """A chunk stands under one heading, the last of its path, and has no words of another section."""
    text = "\n\n".join(
        f"{'#' * level} H{number}\n{f'Section{number} word. ' * count}" for number, (level, count) in enumerate(parts)
    )
    for chunk in cut(text):
        numbers = {word for word in chunk.text.split() if word.startswith("Section")}
        assert numbers == {f"Section{chunk.headings[-1][1:]}"}


def test_headings_are_a_path() -> None:
    """A chunk knows the headings above it, and a heading of the same level ends the one before."""
    chunks = cut("Before.\n# One #\nFirst.\n## Two\nSecond.\n### Three\n## C#\nThird.\n# Last\nFourth.")

    assert [(), ("One",), ("One", "Two"), ("One", "C#"), ("Last",)] == [chunk.headings for chunk in chunks]
    assert chunks[3].text == "### Three\n## C#\nThird."


def test_code_has_no_headings() -> None:
    """A comment inside a fence is no heading, every line of code is a sentence, and the fences are none."""
    text = "# Tool\nHow to set it up:\n```sh\n# install\npip install tool\n---\n```\n\nThat is all.\n"
    (chunk,) = cut(text)

    assert chunk.headings == ("Tool",)
    assert sentences(text) == ["How to set it up:", "# install", "pip install tool", "That is all."]
    assert [("Later",)] == [part.headings for part in cut("~~~\n# Later\nA fence that is never closed is none.")]


def test_underlined_headings() -> None:
    """An underlined line is a heading; a paragraph above a rule is not."""
    chunks = cut("Whole\n=====\nFirst.\n\nPart\n-----\nSecond.\n\nThe tide rose.\n---\nThird.")

    assert [("Whole",), ("Whole", "Part")] == [chunk.headings for chunk in chunks]
    assert chunks[1].text == "Part\n-----\nSecond.\n\nThe tide rose.\n---\nThird."


def test_lines_without_words_are_no_sentences() -> None:
    """Rules and the head of a table answer nothing; they stay in the chunk."""
    text = "Ships of the harbour\n\n***\n\n| Year | Ships |\n|---|:-:|\n| 1901 | 12 |\n\n!!!"
    (chunk,) = cut(text)

    assert chunk.text == text
    assert sentences(text) == ["Ships of the harbour", "| 1901 | 12 |"]
    assert cut("***\n---\n!!!") == ()


def test_list_marks_are_no_words() -> None:
    """Every list item is a sentence of its own, without its mark."""
    assert sentences("Bring:\n- two oars\n* a lamp.\n1. rope\n  2) bread, and salt") == [
        "Bring:", "two oars", "a lamp.", "rope", "bread, and salt",
    ]  # fmt: skip


def test_table_rows_are_sentences() -> None:
    """A row of a table is read as one sentence."""
    table = "Year | Ships | Remarks\n1901 | 12 | A mild winter\n1902 | 7 | Ice in the harbour until the end of March"

    assert sentences(table) == table.split("\n")


def test_wrapped_lines_are_joined() -> None:
    """A hard-wrapped sentence is one sentence, and a short line ends a paragraph."""
    wrapped = "The keeper of the lighthouse wrote down every ship\nthat passed the point in the winter of 1901. Then he slept."

    assert sentences(wrapped) == [wrapped[:95], "Then he slept."]
    assert sentences("A short line\nAnother short line") == ["A short line", "Another short line"]


def test_text_without_punctuation_is_cut_between_words() -> None:
    """Where no sentence ends, the cut is made at white space."""
    text = " ".join(["word"] * 1000)

    assert " ".join(sentences(text)).split() == text.split()


@pytest.mark.parametrize("language", ["zh", "ja", "", "xx"])
def test_unspaced_scripts_are_cut(language: str) -> None:
    """Chinese sentences end at their own full stop, in any language's rules."""
    assert sentences("灯塔建于一九〇一年。守塔人每天记录船只。", language)[0].startswith("灯塔建于一九〇一年。")
    assert all(len(sentence) <= SENTENCE_LENGTH for sentence in sentences("船" * 3000, language))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 100_000, id="one_word"),
        pytest.param("word " * 20_000, id="one_line"),
        pytest.param(("word " * 11 + "more\n") * 5_000, id="wrapped_without_a_full_stop"),
        pytest.param("# a" + " " * 50_000 + "b\nText.", id="spaces_in_a_heading"),
        pytest.param("| " * 50_000, id="bars"),
        pytest.param("." * 100_000, id="dots"),
        pytest.param("a\n" * 15_000, id="one_letter_a_line"),
        pytest.param("a|b\n|-" + " " * 30_000 + "x", id="spaces_below_bars"),
    ],
)
def test_time_grows_with_length(text: str) -> None:
    """No text takes more than linear time: twice as much of it takes about twice as long, or no time to speak of."""

    def taken(part: str) -> float:
        started = process_time()
        cut(part)
        return process_time() - started

    half = taken(text[: len(text) // 2])

    assert taken(text) < max(0.5, 3 * half)


@pytest.mark.parametrize(
    ("text", "language"),
    [("灯塔建于一九〇一年。守塔人每天记录船只。" * 15_000, "zh"), ("The tide came, said the man who kept it. " * 8000, "da")],
)
def test_long_paragraphs_in_any_language(text: str, language: str) -> None:
    """One paragraph of 300,000 characters is cut in seconds, and into the same sentences as a short one."""
    started = process_time()
    found = sentences(text, language)

    assert process_time() - started < 5
    assert set(found) == set(sentences(text[: text.index(found[-1]) + len(found[-1])], language))


def test_many_marks_are_split_by_quick_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of more marks than any book has is split by English rules where a language's own take long for each mark."""
    monkeypatch.setattr("ingest.sentences.MANY_MARKS", 6000)

    assert rules("1.2.3. " * 2500, "da") == "en"
    assert sentences("1.2.3. " * 2500, "da") == sentences("1.2.3. " * 2500, "en")
    assert rules("1.2.3. " * 2000, "da") == "da"


def test_title_lines_are_no_sentences() -> None:
    """A line that is only the title, as pages saved from the web begin with, twice, is a heading; alone it is the text."""
    saved = Article("source", "digest", "The tide came late\n\n\nThe tide came late\n\nFishermen waited.\n", "The tide came late")
    alone = Article("source", "digest", "The tide came late", "The tide came late")

    (chunk,) = chunk_article(saved)

    assert [saved.text[chunk.start + span.start : chunk.start + span.end] for span in chunk.sentences] == ["Fishermen waited."]
    assert chunk.text == saved.text.strip()
    assert [part.text for part in chunk_article(alone)] == ["The tide came late"]


def test_a_stop_inside_a_name_ends_nothing() -> None:
    """A full stop that no space follows ends no sentence."""
    text = "The ransomware, dubbed Android/Filecoder.C, has been active since July. It spreads by text messages."

    assert sentences(text) == [text[:72].strip(), text[72:].strip()]


def test_an_edit_stays_where_it_is() -> None:
    """In a long section an edited paragraph changes the chunks that it is in and few beside them, however long the section is."""
    choice = Random(7)
    words = ["tide", "ferry", "lantern", "quay", "keeper", "winter", "stone", "letter", "choir", "mill"]
    changed, holding = 0, 0
    for _ in range(8):
        paragraphs = [
            " ".join(f"The {' '.join(choice.choices(words, k=choice.randint(5, 25)))}." for _ in range(choice.randint(2, 9)))
            for _ in range(40)
        ]
        before = {chunk.text for chunk in cut("\n\n".join(paragraphs))}
        start = len("\n\n".join(paragraphs[:20])) + 2
        paragraphs[20] = f"A ferry came late that day. {paragraphs[20]}"
        after = cut("\n\n".join(paragraphs))
        assert len(after) > 30
        changed += sum(chunk.text not in before for chunk in after)
        holding += sum(chunk.start < start + len(paragraphs[20]) and start < chunk.end for chunk in after)

    assert changed <= 1.5 * holding
