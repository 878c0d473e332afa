"""Finding by words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.library.keywords import STEMMERS, KeywordIndex, stems
from retrieval.library.records import ChunkRecord, Mark

CHUNK = ChunkRecord("c0", 1, 0, 0, "Title\n", "", (), (), "en", "")
TEXTS = ["It's foxes in the harbour", "a fox and another fox", "灯塔和灯光", "naïve Straße cafés", "xid generation mark uid"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeywordIndex]:
    """An index of five chunks, c0 to c4."""
    index = KeywordIndex(tmp_path_factory.mktemp("keywords"))
    index.open()
    index.apply([replace(CHUNK, id=f"c{number}", text=text) for number, text in enumerate(TEXTS)], [], Mark("u", 1))
    yield index
    index.close()


def find(index: KeywordIndex, text: str) -> dict[str, float]:
    """What is found for the words of a text."""
    return index.search({(stem,): 1.0 for stem in stems(text, "en")}, 10)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it's", {"c0"}),
        ("cid:c1", set()),
        ("id:c1", set()),
        ("id:mark", {"c4"}),
        ("uid:u", {"c4"}),
        ("-fox", {"c0", "c1"}),
        ('"fox', {"c0", "c1"}),
        ("fox AND (harbour", {"c0", "c1"}),
        ("https://fox.example/?q=[a TO b]", {"c0", "c1"}),
        ("FOXES*", {"c0", "c1"}),
        ("fox^9 ~2", {"c0", "c1"}),
        ("灯光", {"c2"}),
        ("NAIVE strasse cafe", {"c3"}),
        ("AND", set()),
        ("🦊 ]){ \\", set()),
        ("", set()),
    ],
)
def test_what_is_typed_is_words(index: KeywordIndex, text: str, found: set[str]) -> None:
    """No question is a query language: signs are no operators, and no other field can be addressed."""
    assert found == set(find(index, text))


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from(["id:", "fox", "mark", "u", '"', "(", "-", "NOT ", "\0", "*"])).map("".join)
)
def test_no_text_is_an_error(index: KeywordIndex, text: str) -> None:
    """Whatever is asked for, only chunks with one of its stems are found, with finite positive scores."""
    present = set(stems(text.encode(errors="replace").decode(), "en"))
    for name, score in index.search({(stem,): 1.0 for stem in present}, 10).items():
        assert present & set(stems("Title\n" + TEXTS[int(name[1:])], "en"))
        assert 0 < score < 100


@pytest.mark.parametrize("stem", ["", " ", "a b", "\0", "x" * 70_000])
def test_no_stem_is_an_error(index: KeywordIndex, stem: str) -> None:
    """A term that can stand in no text finds nothing."""
    assert index.search({(stem,): 1.0}, 10) == {}


def test_only_restricts_and_scores_alike(index: KeywordIndex) -> None:
    """Scoring given chunks gives what a search gives, for those that match."""
    terms = {("fox",): 2.0, ("harbour", "naiv"): 1.0}
    scores = index.search(terms, 10)

    assert set(scores) == {"c0", "c1", "c3"}
    assert index.search(terms, 10, only=["c1", "c3", "c2", "gone"]) == pytest.approx(
        {name: scores[name] for name in ("c1", "c3")}
    )


def test_weight_replaces_the_index_s_own(index: KeywordIndex) -> None:
    """A score grows with the weight that is given, however frequent the word is here."""
    once, thrice = (index.search({("fox",): weight}, 10) for weight in (1.0, 3.0))

    assert thrice == pytest.approx({name: 3 * score for name, score in once.items()})
    assert 0 < max(once.values()) < 2.2


@pytest.mark.parametrize("language", [*STEMMERS, "", "zh", "xx", "pl"])
def test_every_language_has_stems(language: str) -> None:
    """Each language's stemmer loads; a language without one is searched by whole words."""
    assert stems("Kwixalopt 2024", language)[-1] == "2024"
    assert len(stems("Kwixalopt 2024", language)) == 2


def test_stems_meet_across_forms() -> None:
    """Forms of a word have one stem, stop words have none, and unspaced scripts are read by characters."""
    assert stems("The foxes' LIGHTS", "en") == stems("fox light", "en") == ["fox", "light"]
    assert stems("die Häuser", "de") == stems("Hausern", "de") == ["haus"]
    assert stems("маяки", "ru") == stems("маяка", "ru")
    assert stems("灯塔on", "zh") == ["灯", "塔", "on"]


def test_dead_chunks_and_marks_are_not_found(tmp_path: Path) -> None:
    """Chunks that are removed or replaced are gone with the commit, and the mark is no chunk."""
    index = KeywordIndex(tmp_path)
    assert index.mark() is None
    index.apply([replace(CHUNK, text="harbour"), replace(CHUNK, id="c1", text="harbour")], [], Mark("u", 1))
    index.apply([replace(CHUNK, text="lantern")], ["c1", "absent"], Mark("u", 2))

    assert find(index, "harbour") == {}
    assert set(find(index, "lantern")) == {"c0"}
    assert (index.ids(), index.count(), index.mark()) == (["c0"], 1, Mark("u", 2))
    assert index.frequency(["lantern", "absent"]) == 1
