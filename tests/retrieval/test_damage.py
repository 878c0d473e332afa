"""Indexes that are lost, damaged or foreign are made anew from the catalogue, and nothing is embedded for it."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from support import HashEncoder, SilentEncoder, assert_agreement, found_by_word, nearest, open_library, put

from retrieval import ArticleRetriever, LibraryError, Servers
from retrieval.library import vectors
from retrieval.library.records import Mark

Damage = Callable[[Path], None]


def fill(folder: Path, *, sources: str = "abcde", servers: Servers | None = None) -> None:
    """A library of a few articles, one of which was edited and one removed, with both indexes up to date."""
    with open_library(folder, servers=servers) as library:
        for source in sources:
            put(library, source, f"# {source}\nThe harbour of {source} froze.\n# More\n" + f"Ice lay {source} deep. " * 60)
        put(library, sources[0], "The harbour thawed.")
        library.remove(sources[-1])
        library.catch_up()


def tear(folder: Path) -> None:
    """What a kill in the middle of persisting leaves: two of the four files are older than the others."""
    (collection,) = [path for path in (folder / "vectors").iterdir() if path.is_dir()]
    old = folder / "old"
    shutil.copytree(collection, old)
    with open_library(folder) as library:
        for number in range(40):
            put(library, f"new{number}", f"Article {number}.")
        library.catch_up()
    for name in ("length.bin", "index_metadata.pickle"):
        shutil.copy(old / name, collection / name)


def overwrite(pattern: str) -> Damage:
    """Junk in the place of some files."""

    def damage(folder: Path) -> None:
        for path in folder.glob(pattern):
            path.write_bytes(b"junk" * 2000)

    return damage


def lose(name: str) -> Damage:
    """A folder is deleted."""
    return lambda folder: shutil.rmtree(folder / name)


def exchange(folder: Path) -> None:
    """The indexes are those of another library that is just as far."""
    fill(folder / "other", sources="vwxyz")
    for name in ("vectors", "keywords"):
        shutil.rmtree(folder / name)
        shutil.move(folder / "other" / name, folder / name)


def restore_older(folder: Path) -> None:
    """The catalogue is an older copy of itself: the indexes are ahead of it."""
    with sqlite3.connect(folder / "catalogue.sqlite3") as connection:
        connection.execute("UPDATE meta SET generation = 4")
        connection.execute("DELETE FROM chunk WHERE generation > 4")
    connection.close()


def purge_unseen(folder: Path) -> None:
    """Removals are forgotten before the indexes, copied back from before them, have seen them."""
    for name in ("vectors", "keywords"):
        shutil.copytree(folder / name, folder / "old" / name)
    with open_library(folder) as library:
        library.remove("b")
        library.catch_up(purge=True)
    for name in ("vectors", "keywords"):
        shutil.rmtree(folder / name)
        shutil.move(folder / "old" / name, folder / name)


@pytest.mark.parametrize(
    "damage",
    [
        tear,
        lose("vectors"),
        lose("keywords"),
        overwrite("vectors/*/*.bin"),
        overwrite("vectors/chroma.sqlite3"),
        overwrite("keywords/*/meta.json"),
        overwrite("keywords/*/*.store"),
        exchange,
        restore_older,
        purge_unseen,
    ],
    ids=[
        "torn",
        "no_vectors",
        "no_keywords",
        "vector_files",
        "chroma_sqlite",
        "keyword_meta",
        "keyword_files",
        "foreign",
        "ahead",
        "purged",
    ],
)
def test_damage_is_mended_without_embedding(damage: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens to the indexes, `catch_up` brings the three stores to exact agreement with the vectors that are kept."""
    monkeypatch.setitem(vectors.CONFIGURATION["hnsw"], "sync_threshold", 10)  # so that few chunks are enough to be written out
    fill(tmp_path)
    damage(tmp_path)

    with open_library(tmp_path, SilentEncoder()) as library:
        library.catch_up()
        assert_agreement(library)
        assert library.status().agree
        assert "c" in found_by_word(library, "froze")
        assert "e" not in found_by_word(library, "froze")


def test_torn_vectors_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A torn index has no mark, and `status` says that the stores do not agree."""
    monkeypatch.setitem(vectors.CONFIGURATION["hnsw"], "sync_threshold", 10)
    fill(tmp_path)
    tear(tmp_path)

    with open_library(tmp_path, SilentEncoder()) as library:
        assert library.vectors.mark() is None
        assert not library.status().agree


def test_reader_outlives_a_rebuild(tmp_path: Path, places: Servers) -> None:
    """An open reader goes on after the indexes have been made anew at the same generation, and so does an open writer."""
    fill(tmp_path, servers=places)
    with open_library(tmp_path, SilentEncoder(), places) as reader, open_library(tmp_path, servers=places) as writer:
        reader.refresh()
        writer.catch_up()
        with open_library(tmp_path, SilentEncoder(), places) as other:
            other.vectors.mark()
            other.vectors.reset()
            other.keywords.reset()
            other.catch_up()
        reader.refresh()
        assert len(nearest(reader, HashEncoder().encode_queries(["ice"])[0], 3)) == 3
        assert found_by_word(reader, "froze") >= {"b", "c"}
        put(writer, "new", "A lantern.")
        writer.catch_up()
        assert_agreement(writer)


def test_reader_beside_a_writer_mends_what_it_needs(tmp_path: Path) -> None:
    """A reader that finds no usable index while another process is writing makes one itself."""
    fill(tmp_path)
    lose("vectors")(tmp_path)
    overwrite("keywords/*/meta.json")(tmp_path)

    with open_library(tmp_path) as writer, open_library(tmp_path, SilentEncoder()) as reader, writer.writing():
        reader.refresh()
        assert found_by_word(reader, "froze") >= {"b", "c"}
        assert_agreement(reader)


def test_index_marks_survive_reopening(tmp_path: Path, places: Servers) -> None:
    """How far an index is stands inside it."""
    fill(tmp_path, servers=places)
    with open_library(tmp_path, servers=places) as library:
        state = library.catalogue.state()
        assert library.vectors.mark() == library.keywords.mark() == Mark(state.uid, state.generation)


def test_open_session_outlives_lost_folders(tmp_path: Path) -> None:
    """A reader whose index folders vanish beneath it answers its next question as before, and embeds nothing for it."""
    with open_library(tmp_path) as library:
        put(library, "ice", "Ice covers the northern bay in winter.")
        library.catch_up()
    with open_library(tmp_path) as library:
        retriever = ArticleRetriever(library=library)
        before = [item.measured.chunk.id for item in retriever.find("ice in winter").ranked]
        shutil.rmtree(tmp_path / "keywords")

        after = [item.measured.chunk.id for item in retriever.find("ice in winter").ranked]

        assert before == after
        assert before
        assert_agreement(library)


@pytest.mark.parametrize("damage", ["junk", "folder"])
def test_unusable_catalogue_is_one_sentence(damage: str, tmp_path: Path) -> None:
    """A catalogue that is no database is refused with a sentence that says what to do."""
    path = tmp_path / "catalogue.sqlite3"
    path.write_bytes(b"this is no database, and long enough to be sure of it" * 100) if damage == "junk" else path.mkdir()

    with pytest.raises(LibraryError, match="footnote restore FILE" if damage == "junk" else "permissions and free space"):
        open_library(tmp_path)


def test_hollow_index_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When most slots are those of removed chunks, the index is rebuilt without them, and no old files stay behind."""
    monkeypatch.setattr(vectors, "SLOTS_SPARE", 5)
    with open_library(tmp_path) as library:
        put(library, "stays", "This article stays.")
        for number in range(12):
            put(library, "changes", f"Version {number} of an article that changes.")
            library.catch_up(purge=True)
            assert_agreement(library)

        assert library.vectors._slots < 12
        assert len([path for path in (tmp_path / "vectors").iterdir() if path.is_dir()]) <= 1


def test_an_emptied_library_takes_another_model(tmp_path: Path, places: Servers) -> None:
    """After its last article is removed a library is free for another embedding model, of another dimension too."""
    with open_library(tmp_path, servers=places) as library:
        put(library, "ice", "Ice covers the northern bay.")
        library.catch_up()
        library.remove("ice")
        library.catch_up(purge=True)
    other = HashEncoder()
    other.name, other.dimension = "another", 16
    with open_library(tmp_path, other, places) as library:
        library.check_model()
        library.catch_up()

        assert library.catalogue.model() is not None
        assert library.vectors.dimension == 16
        assert_agreement(library)


@pytest.mark.parametrize("edition", [0, 1])
def test_a_lost_catalogue_is_told_of(edition: int, tmp_path: Path) -> None:
    """A library whose catalogue is gone is refused and not begun anew, so that nobody takes it for an empty one."""
    fill(tmp_path)
    if edition:
        (tmp_path / "edition").write_text("1")
    else:
        (tmp_path / "catalogue.sqlite3").unlink()
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):
        with pytest.raises(LibraryError, match=r"is gone.*restore a backup"):
            open_library(tmp_path)
    assert before == sorted(tmp_path.rglob("*"))
