"""What the library promises to those who write into it and read from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support import HashEncoder, SilentEncoder, assert_agreement, found_by_word, open_library, put

from retrieval import ArticleRetriever, Library, LibraryBusy, LibraryError, ModelMismatch, Servers
from retrieval.embedding import ChunkVectors

HARBOUR = "# Harbour\n" + "The harbour was dredged in spring. " * 20
ORCHARD = "# Orchard\n" + "The orchard bloomed in the rain. " * 20
LANTERN = "# Lantern\n" + "A lantern hung over the gate. " * 20


@pytest.fixture
def library(tmp_path: Path, places: Servers) -> Iterator[Library]:
    """An empty library, all in its folder or on servers."""
    with open_library(tmp_path, servers=places) as library:
        yield library


def generations(library: Library) -> dict[str, int]:
    """Chunk id to the generation in which it was written."""
    found, state = {}, library.catalogue.state()
    for upto in range(1, state.generation + 1):
        for _, live, _dead in library.catalogue.changes(upto - 1, upto):
            found.update({item.id: upto for item in live})
    return found


def test_putting_twice_is_putting_once(library: Library) -> None:
    """The same article put again changes no chunk, and nothing is embedded."""
    put(library, "a", HARBOUR + ORCHARD)
    library.catch_up()
    before, embedded = generations(library), len(library.encoder.embedded)
    put(library, "a", HARBOUR + ORCHARD)
    library.catch_up(purge=True)

    assert before == generations(library)
    assert embedded == len(library.encoder.embedded)
    assert library.catalogue.digests().keys() == {"a"}
    assert_agreement(library)


def test_editing_leaves_nothing_old_behind(library: Library) -> None:
    """What is taken out of an article is found in no store; what stays keeps its id and generation, and is not embedded again."""
    put(library, "a", HARBOUR + "\n" + ORCHARD)
    put(library, "b", HARBOUR)
    library.catch_up()
    old = {name: item.text for name, item in library.catalogue.chunks(library.catalogue.live_ids()).items()}
    before = generations(library)
    library.encoder.embedded.clear()
    put(library, "a", LANTERN + "\n" + ORCHARD)
    library.catch_up()

    gone = {name for name, text in old.items() if "dredged" in text and name.startswith("1.")}
    assert {name: before[name] for name in old.keys() - gone} == {name: generations(library)[name] for name in old.keys() - gone}
    assert gone.isdisjoint([*library.vectors.ids(), *library.keywords.ids(), *library.catalogue.chunks(list(gone))])
    assert found_by_word(library, "dredged") == {"b"}
    assert found_by_word(library, "lantern") == found_by_word(library, "orchard") == {"a"}
    assert all("lantern" in text for text in library.encoder.embedded)
    assert_agreement(library)
    library.catch_up(purge=True)
    assert_agreement(library)


def test_chunks_stay_what_the_article_says(library: Library) -> None:
    """A chunk that is embedded as before, under other headings or marks, has the new text and is found by the new words only."""
    put(library, "a", "# Winter\n## Notes\n- The tide was low.")
    library.catch_up()
    put(library, "a", "# Summer\n## Notes\n1. The tide was low.", language="de")
    library.catch_up()

    (record,) = library.catalogue.chunks(library.catalogue.live_ids()).values()
    assert record.text == library.catalogue.text(record.article_id, record.start, record.end)
    assert (record.headings, record.language) == (("Summer", "Notes"), "de")
    assert record.text[record.sentences[0].start :] == "The tide was low."
    assert (found_by_word(library, "summer", "de"), found_by_word(library, "winter", "de")) == ({"a"}, set())
    assert len(library.encoder.embedded) == 1


def test_removed_articles_are_gone(library: Library) -> None:
    """A removed article is in no store, its vectors are forgotten with the purge, and it can come back."""
    put(library, "a", HARBOUR)
    put(library, "b", ORCHARD)
    library.catch_up()
    keys = list(library.catalogue.vector_keys(library.catalogue.live_ids()).values())

    assert library.remove("a")
    assert not library.remove("a")
    library.catch_up(purge=True)
    assert [record.source for record in library.articles()] == ["b"]
    assert found_by_word(library, "harbour") == set()
    assert_agreement(library)
    assert (
        len(library.catalogue.unknown_vectors(keys))
        == len([key for key in keys if key not in library.catalogue.vectors(keys)])
        > 0
    )
    put(library, "a", HARBOUR)
    library.catch_up()
    assert found_by_word(library, "harbour") == {"a"}
    assert_agreement(library)


def test_nothing_is_written_without_vectors(library: Library) -> None:
    """An article whose vectors are not kept is not put, and its source keeps what it had."""
    put(library, "a", HARBOUR)
    generation = library.catalogue.state().generation
    library.encoder.encode_chunks = lambda _: []  # type: ignore[method-assign]

    with pytest.raises(ValueError, match="argument 2 is shorter"):
        put(library, "a", ORCHARD)
    assert generation == library.catalogue.state().generation
    assert "harbour" in library.catalogue.text(1, 0, 100)


def test_readers_see_changes_at_the_next_question(library: Library, tmp_path: Path) -> None:
    """A second library on the folder sees added, edited and removed articles after `refresh`, whoever brought the indexes on."""
    with open_library(tmp_path, SilentEncoder(), library.servers) as reader:
        reader.refresh()
        for text, found in [(HARBOUR, {"a"}), (ORCHARD, set()), (HARBOUR + ORCHARD, {"a"})]:
            put(library, "a", text)
            reader.refresh()
            assert found_by_word(reader, "harbour") == found
            assert_agreement(reader)
        library.remove("a")
        library.catch_up()
        reader.refresh()
        assert found_by_word(reader, "harbour") == set()
        assert reader.vectors.ids() == []


def test_readers_beside_a_writer_see_what_it_brings_on(library: Library, tmp_path: Path) -> None:
    """While a writer is at work a reader has what the indexes have, and no less once the writer has brought them on."""
    put(library, "a", HARBOUR)
    with open_library(tmp_path, SilentEncoder(), library.servers) as reader, library.writing():
        reader.refresh()
        put(library, "b", ORCHARD)
        reader.refresh()
        library.catch_up()
        reader.refresh()
        assert found_by_word(reader, "orchard") == {"b"}
        assert_agreement(reader)


def test_a_question_waits_for_what_was_done_and_not_for_what_is_being_done(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a writer is at the indexes a reader answers from what was there before it began, for which alone it would wait."""
    put(library, "a", HARBOUR)
    library.catch_up()
    monkeypatch.setattr("retrieval.library.locks.LOCK_SECONDS", 0.1)
    with open_library(tmp_path, SilentEncoder(), library.servers) as reader:
        with library.writing():
            reader.refresh()
            put(library, "b", ORCHARD)
            with library._locks.indexes():
                assert reader.refresh()
                assert found_by_word(reader, "harbour") == {"a"}
            library.catch_up()
            reader.refresh()
            assert found_by_word(reader, "orchard") == {"b"}
            put(library, "c", LANTERN)
            library.catch_up()
        # The writer has done what the reader has not seen, and another question is at the indexes.
        with library._locks.if_nobody_writes(), library._locks.indexes(), pytest.raises(LibraryBusy):
            reader.refresh()
        with library.writing():
            put(library, "d", LANTERN)
            with library._locks.indexes(), pytest.raises(LibraryBusy):
                reader.refresh()
            reader.refresh()
            assert found_by_word(reader, "lantern") >= {"c"}


def test_an_article_that_is_edited_in_the_midst_of_a_question_is_found(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if what it said before is forgotten at once: before its chunks are looked up, and before they are measured."""
    put(library, "a", HARBOUR)
    put(library, "b", LANTERN)
    with open_library(tmp_path, servers=library.servers) as reader:
        retriever = ArticleRetriever(library=reader)
        for moment, text in (("vector_keys", ORCHARD), ("chunks", HARBOUR)):
            called = getattr(reader.catalogue, moment)

            def edit(*arguments: object, called: Callable[..., object] = called, text: str = text) -> object:
                monkeypatch.undo()
                with library.writing():
                    put(library, "a", text)
                    library.catch_up(purge=True)
                return called(*arguments)

            reader.refresh()
            monkeypatch.setattr(reader.catalogue, moment, edit)
            assert {"a", "b"} == {each.measured.chunk.source for each in retriever.find("Zebra?").ranked}


def test_an_article_is_found_while_it_is_edited(library: Library, tmp_path: Path) -> None:
    """An article that a writer has changed twice is found before the writer has brought the indexes on, with its new words."""
    put(library, "a", HARBOUR)
    library.catch_up()
    with open_library(tmp_path, SilentEncoder(), library.servers) as reader, library.writing():
        put(library, "a", HARBOUR.replace("spring", "summer"))
        put(library, "a", HARBOUR.replace("spring", "winter"))
        found = ArticleRetriever(library=reader).find("When was the harbour dredged?").ranked
        assert found
        assert all("winter" in item.measured.chunk.text for item in found)


def test_vectors_survive_storing(library: Library) -> None:
    """Vectors are kept in half the bytes and come back in their direction."""
    rng = np.random.default_rng(1)
    kept = ChunkVectors(
        *(array / np.linalg.norm(array, axis=-1, keepdims=True) for array in (rng.normal(size=384), rng.normal(size=(7, 384))))
    )
    library.catalogue.keep_vectors({"key": kept})
    back = library.catalogue.vectors(["key", "absent"])["key"]

    assert back.sentences.shape == (7, 384)
    assert back.chunk @ kept.chunk > 0.9999
    assert ((back.sentences * kept.sentences).sum(axis=1) > 0.9999).all()


def test_many_chunks_are_read_in_pages(library: Library) -> None:
    """An index follows hundreds of changes in pages that end with whole generations."""
    text = "\n\n".join(f"## Part {number}\nPart{number} has a sentence." for number in range(700))
    put(library, "large", text)
    put(library, "b", HARBOUR)
    state = library.catalogue.state()
    pages = [(reached, len(live)) for reached, live, _ in library.catalogue.changes(0, state.generation)]

    assert [reached for reached, _ in pages] == [state.generation - 1, state.generation] or pages[0][0] == state.generation
    assert sum(count for _, count in pages) == len(library.catalogue.live_ids()) > 700


def test_another_model_is_refused(library: Library, tmp_path: Path) -> None:
    """A library of one model refuses another, by name or by weights, in one sentence with both names."""
    put(library, "a", HARBOUR)
    other = HashEncoder()
    other.fingerprint = "other"

    with (
        open_library(tmp_path, HashEncoder("bag-32"), library.servers) as opened,
        pytest.raises(ModelMismatch, match=r"hash-32.* not bag-32\.") as named,
    ):
        opened.check_model_name()
    assert "FOOTNOTE_EMBEDDING_MODEL=hash-32" in named.value.help
    with (
        open_library(tmp_path, other, library.servers) as opened,
        pytest.raises(ModelMismatch, match=r"hash-32 \(hash\), not hash-32 \(other\)\."),
    ):
        opened.check_model()


def test_a_reader_meets_another_model(tmp_path: Path, places: Servers) -> None:
    """A reader that was opened before any article came in refuses those of another model, and none once they are gone."""
    with (
        open_library(tmp_path, HashEncoder("bag-32"), places) as reader,
        open_library(tmp_path, servers=places) as writer,
    ):
        retriever = ArticleRetriever(library=reader)
        assert retriever.find("Where is the harbour?").ranked == ()
        put(writer, "a", HARBOUR)
        writer.catch_up()
        with pytest.raises(ModelMismatch, match=r"hash-32.* not bag-32\."):
            retriever.find("Where is the harbour?")
        writer.remove("a")
        writer.catch_up(purge=True)
        assert retriever.find("Where is the harbour?").ranked == ()
        put(reader, "b", HARBOUR)
        assert len(retriever.find("Where is the harbour?").ranked) == 1


def test_empty_library_has_a_status(library: Library) -> None:
    """A library without articles agrees with itself, and says what to do where vectors are asked for."""
    library.catch_up()
    library.refresh()

    assert (library.status().agree, library.status().chunks, library.articles()) == (True, 0, [])
    with pytest.raises(LibraryError, match=r"no articles yet. Add some"):
        assert library.vectors
