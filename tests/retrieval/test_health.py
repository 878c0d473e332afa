"""What is wrong with a library is found without writing anything, and mended without losing anything."""

import errno
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from damages import INDEXES, INSIDE, file_for_keywords, sql, wrong_in_chroma
from support import HashEncoder, SilentEncoder, assert_agreement, found_by_word, open_library, put, together

from ingest.chunking import chunk_article
from retrieval.embedding import ChunkVectors
from retrieval.library import vectors
from retrieval.library.editions import Edition, left_in_root
from retrieval.library.health import Finding, Level, examine, mend
from retrieval.library.health.findings import LET_IN, REPAIR, guarded, restore_beside
from retrieval.library.health.reading import copied
from retrieval.library.tables import meta
from retrieval.settings import HERE, Servers

SOURCES = ("a", "b", "c", "d")


class OtherEncoder(HashEncoder):
    """A model of the same name with other weights."""

    fingerprint = "other"


class DriftingEncoder(HashEncoder):
    """A model that says it is the same, and makes other vectors."""

    def encode_chunks(self, inputs: object) -> list[ChunkVectors]:
        """Vectors of the opposite direction."""
        return [ChunkVectors(-each.chunk, each.sentences) for each in super().encode_chunks(inputs)]  # type: ignore[arg-type]


def fill(folder: Path, servers: Servers = HERE) -> None:
    """A library of a few articles, some of several chunks, with both indexes up to date."""
    with open_library(folder, servers=servers) as library:
        for source in SOURCES:
            put(library, source, f"# {source}\nThe harbour of {source} froze.\n# More\n" + f"Ice lay {source} deep. " * 60)
        put(library, "gone", "An article that is removed again.")
        library.remove("gone")
        library.catch_up()


def found(folder: Path, encoder: HashEncoder | None = None, servers: Servers = HERE) -> list[Finding]:
    """What is found beyond what is in order; the folders of tests may lie on a small disk."""
    return [
        each for each in examine(folder, encoder or HashEncoder(), servers) if each.level is not Level.OK and each.check != "Disk"
    ]


def repair(folder: Path, servers: Servers = HERE, encoder: HashEncoder | None = None) -> list[str]:
    """Mend what is found, and say what was done."""
    return list(mend(folder, encoder or HashEncoder(), examine(folder, HashEncoder(), servers), chunk_article, servers))


def told(findings: list[Finding]) -> set[tuple[str, str]]:
    """Which checks say that something is wrong, and what mends it."""
    return {(each.check, each.mend) for each in findings if each.level is Level.WRONG}


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """All that lies in a folder, with size and time of writing."""
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def assert_whole(folder: Path, servers: Servers) -> None:
    """Nothing is found, the stores agree, and every article is there and found by its own words."""
    assert found(folder, servers=servers) == []
    with open_library(folder, SilentEncoder(), servers) as library:
        assert_agreement(library)
        assert set(library.catalogue.digests()) >= set(SOURCES)
        assert found_by_word(library, "froze") == set(SOURCES)


def test_a_sound_library_is_found_sound(places: Servers, tmp_path: Path) -> None:
    """Nothing is found in a library where nothing is wrong, and examining it writes nothing into its folder."""
    fill(tmp_path, places)
    before = files(tmp_path)

    checks = {each.check: each for each in examine(tmp_path, HashEncoder(), places)}

    assert before == files(tmp_path)
    assert all(each.level is Level.OK for name, each in checks.items() if name != "Disk"), checks
    assert {"Folder", "Disk", "Writer", "Editions", "Catalogue", "Vectors", "Keywords", "Model"} <= set(checks)
    assert {"Chroma server", "Postgres server"} & set(checks) == (
        {"Chroma server", "Postgres server"} if places != HERE else set()
    )
    assert list(mend(tmp_path, SilentEncoder(), checks.values(), chunk_article, places)) == []


@pytest.mark.parametrize("name", INDEXES)
def test_lost_indexes_are_found_and_filled_anew(name: str, tmp_path: Path) -> None:
    """An index that is lost or junk is found with what mends it, and filled anew with nothing embedded."""
    damage, checks = INDEXES[name]
    fill(tmp_path)
    with open_library(tmp_path) as library:
        damage(library)
    before = files(tmp_path)

    assert told(found(tmp_path)) == {(checks, REPAIR)}
    assert before == files(tmp_path)
    assert repair(tmp_path, encoder=SilentEncoder())
    assert_whole(tmp_path, HERE)


def test_files_in_the_place_of_indexes_are_kept(tmp_path: Path) -> None:
    """Whatever somebody has put there is put aside under a name of its own, or left where it is in nobody's way."""
    fill(tmp_path)
    for number in range(2):
        with open_library(tmp_path) as library:
            file_for_keywords(library)
        (tmp_path / "keywords").write_text(f"Notes {number}.")
        repair(tmp_path, encoder=SilentEncoder())
    assert ["Notes 0.", "Notes 1."] == sorted(path.read_text() for path in tmp_path.glob("keywords.*"))
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "vectors").write_text("Notes.")
    assert left_in_root(tmp_path / "later", own_catalogue=False) == []


@pytest.mark.parametrize("name", INSIDE)
def test_faults_inside_are_found_and_mended(name: str, tmp_path: Path) -> None:
    """A fault inside any of the three stores is found with what mends it; mended, all is there again."""
    find_and_mend(name, tmp_path, HERE)


def test_faults_on_servers_are_found_and_mended(chroma_server: str, database_url: str, tmp_path: Path) -> None:
    """The same holds for a library whose vectors and catalogue are on servers."""
    find_and_mend("vector_short", tmp_path, Servers(chroma_server, "", database_url))


def find_and_mend(name: str, tmp_path: Path, places: Servers) -> None:
    """Damage a library, and check that the damage is told and mended."""
    damage, checks = INSIDE[name]
    fill(tmp_path, places)
    with open_library(tmp_path, servers=places) as library:
        added = {each.source: each.added for each in library.articles()}
        damage(library)

    wrong = told(found(tmp_path, servers=places))
    assert {check for check, _ in wrong} <= {*checks.split(), "Keywords", "Vectors"}
    assert (checks.split()[0], REPAIR) in wrong
    assert repair(tmp_path, places)
    assert_whole(tmp_path, places)
    with open_library(tmp_path, servers=places) as library:
        assert added.items() <= {each.source: each.added for each in library.articles()}.items()


def test_a_torn_index_is_found_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector index of which some files are older than others is found damaged and filled anew while a reader is open."""
    monkeypatch.setitem(vectors.CONFIGURATION["hnsw"], "sync_threshold", 10)
    fill(tmp_path)
    (collection,) = [path for path in (tmp_path / "vectors").iterdir() if path.is_dir()]
    with open_library(tmp_path) as library:
        for number in range(40):
            put(library, f"more{number}", f"Article {number}.")
        shutil.copytree(collection, tmp_path / "old")
        library.catch_up()
    for name in ("length.bin", "index_metadata.pickle"):
        shutil.copy(tmp_path / "old" / name, collection / name)

    assert told(found(tmp_path)) == {("Vectors", REPAIR)}
    with open_library(tmp_path, SilentEncoder()) as reader:
        assert repair(tmp_path, encoder=SilentEncoder())
        reader.refresh()
        assert found_by_word(reader, "froze") == set(SOURCES)
        assert_agreement(reader)
    assert_whole(tmp_path, HERE)


@pytest.mark.parametrize("damage", ["junk", "truncated", "empty", "gone", "folder"])
def test_a_damaged_catalogue_is_told_and_left_alone(damage: str, tmp_path: Path) -> None:
    """What is the only copy is never touched: a damaged catalogue is to be restored, and mending writes nothing."""
    fill(tmp_path)
    path = tmp_path / "catalogue.sqlite3"
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        path.write_bytes({"junk": b"junk" * 5000, "truncated": content[: len(content) // 2], "empty": b""}[damage])
    before = files(tmp_path)

    assert told(found(tmp_path)) == {("Catalogue", restore_beside(tmp_path))}
    unchecked = {each.check for each in found(tmp_path) if each.level is Level.UNCHECKED}
    assert unchecked == {"Vectors", "Keywords"}
    assert repair(tmp_path) == []
    assert before == files(tmp_path)


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A folder that is missing or empty is told, and nothing is made in its place, by mending neither."""
    empty = tmp_path / "empty"
    empty.mkdir(mode=0o700)

    assert told(found(tmp_path / "none")) == {("Folder", "footnote ingest FOLDER")}
    assert told(found(empty)) == {("Catalogue", "footnote ingest FOLDER")}
    assert repair(tmp_path / "none") == repair(empty) == []
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_folder_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    """A name that the system refuses, as it does below a folder that is closed, is a finding and not the end."""
    folder = tmp_path / ("x" * 300)

    assert told(found(folder)) == {("Folder", f"Let the user who runs this into {tmp_path}")}
    assert repair(folder) == []


def test_a_folder_that_is_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be read is told as such, and nothing of what lies in it is called damaged."""
    fill(tmp_path)
    monkeypatch.setattr("os.access", lambda *_: False)

    def refused() -> list[Finding]:
        raise PermissionError(errno.EACCES, "Permission denied")

    ((check, mend),) = told(found(tmp_path))
    assert (check, mend.startswith("sudo chown ")) == ("Folder", True)
    assert [each.mend for each in guarded("Writer", refused)] == [LET_IN]


def test_a_copy_can_be_written(tmp_path: Path) -> None:
    """The indexes of a library that may only be read are examined as copies, for which that does not hold."""
    fill(tmp_path)
    for path in tmp_path.rglob("*"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    with copied(Edition(0, tmp_path, ""), "keywords") as copy:
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (copy, *copy.rglob("*"))}
    for path in tmp_path.rglob("*"):
        path.chmod(0o700)

    assert modes == {0o600, 0o700}


def test_an_empty_library_is_sound(tmp_path: Path) -> None:
    """A library without articles has nothing to be wrong."""
    open_library(tmp_path).close()
    tmp_path.chmod(0o700)

    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("encoder", "step"),
    [
        (HashEncoder("another"), "export FOOTNOTE_EMBEDDING_MODEL=hash-32"),
        (OtherEncoder(), "footnote rebuild"),
        (DriftingEncoder(), "footnote rebuild"),
    ],
    ids=["name", "weights", "vectors"],
)
def test_another_model_is_found(encoder: HashEncoder, step: str, tmp_path: Path) -> None:
    """A model of another name, of other weights or that makes other vectors is told with what to do."""
    fill(tmp_path)

    assert told(found(tmp_path, encoder)) == {("Model", step)}


def test_versions_of_the_schema(tmp_path: Path) -> None:
    """A newer library is refused; an older one is examined as it is, and left as old as it is."""
    fill(tmp_path)
    with open_library(tmp_path) as library:
        sql(meta.update().values(schema=1))(library)
    before = files(tmp_path)

    assert [(each.check, each.level) for each in found(tmp_path)] == [("Catalogue", Level.WARNING)]
    assert before == files(tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as connection, connection:
        connection.execute("UPDATE meta SET schema = 999")
    assert told(found(tmp_path)) == {("Catalogue", "pip install --upgrade footnote")}
    assert repair(tmp_path) == []


def test_leftovers_are_found_and_removed(tmp_path: Path) -> None:
    """What a replaced edition has left is told with its size and removed; one that was begun is told and kept."""
    fill(tmp_path)
    with open_library(tmp_path) as library, library.following_edition() as following:
        for source in SOURCES:
            put(following, source, f"# {source}\nThe harbour of {source} froze.")
        following.catch_up()
        begun = found(tmp_path)
        assert library.editions.switch(library.catalogue.state().generation)
    before = files(tmp_path)

    assert [(each.check, each.level, each.mend) for each in begun] == [("Editions", Level.WARNING, "footnote rebuild")]
    assert [(each.check, each.level, each.mend) for each in found(tmp_path)] == [("Editions", Level.WARNING, REPAIR)]
    assert before == files(tmp_path)
    assert repair(tmp_path)
    assert not (tmp_path / "vectors").exists()
    assert_whole(tmp_path, HERE)


def test_permissions_and_the_writer_are_told(tmp_path: Path) -> None:
    """A folder that others may look into is told; so is who is changing the library, and nothing is held against that."""
    fill(tmp_path)
    tmp_path.chmod(0o755)
    with open_library(tmp_path) as writer, writer.writing():
        put(writer, "new", "A lantern.")
        checks = {each.check: each for each in examine(tmp_path, HashEncoder())}

    assert checks["Folder"].level is Level.WARNING
    assert checks["Folder"].mend.startswith("chmod 700 ")
    assert "the process " in checks["Writer"].said
    assert {checks[name].level for name in ("Vectors", "Keywords")} == {Level.UNCHECKED}


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, place: str) -> Iterator[None]:
    """Mending ends at a place as if the process were killed there."""
    with monkeypatch.context() as patched:

        def end(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(place, end)
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.mark.parametrize(
    "place",
    [
        "retrieval.library.library.Library.put",
        "retrieval.library.library.Library.begin_anew",
    ],
)
def test_mending_that_was_killed_is_done_by_the_next(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever mending ends early, mending again brings everything back."""
    fill(tmp_path)
    with open_library(tmp_path) as library:
        for name in ("vector_nan", "text_edited", "chroma_row"):
            INSIDE[name][0](library)

    with killed(monkeypatch, place):
        repair(tmp_path)

    assert repair(tmp_path)
    assert_whole(tmp_path, HERE)


def test_mending_beside_a_reader(tmp_path: Path) -> None:
    """A reader goes on asking while an index is filled anew, and finds everything in the end."""
    fill(tmp_path)
    with open_library(tmp_path) as library:
        wrong_in_chroma(library)

    with open_library(tmp_path, SilentEncoder()) as reader:

        def ask() -> None:
            for _ in range(5):
                with reader.reading() as ready:
                    assert ready
                    assert found_by_word(reader, "froze") == set(SOURCES)

        together(ask, lambda: repair(tmp_path, encoder=SilentEncoder()))
    assert_whole(tmp_path, HERE)


def test_servers_that_are_down_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be reached is told once, what lies on it is not checked, and its password is not shown."""
    monkeypatch.setattr("retrieval.library.served.RETRIES", ())
    monkeypatch.setattr("retrieval.postgres.RETRIES", ())
    fill(tmp_path)
    down = Servers("http://127.0.0.1:9", "", "postgresql://user:hunter2@127.0.0.1:9/none")

    findings = found(tmp_path, servers=down)

    assert {check for check, _ in told(findings)} == {"Chroma server", "Postgres server"}
    assert {each.check for each in findings if each.level is Level.UNCHECKED} == {"Editions", "Catalogue", "Vectors", "Keywords"}
    assert "hunter2" not in str(findings)
