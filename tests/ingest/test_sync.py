"""What a run of ingest does to the library."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import HashEncoder, assert_agreement, found_by_word, open_library
from syncing import PARTS, contents, run, write

from retrieval import Library, ModelMismatch

if TYPE_CHECKING:
    from ingest.sync import Progress


class Stopper:
    """Answers that it is time to stop from the given call on."""

    def __init__(self, after: int) -> None:
        self.calls, self.after = 0, after

    def __call__(self) -> bool:
        """Count the call."""
        self.calls += 1
        return self.calls > self.after


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three articles."""
    for name, parts in {"a": PARTS[:3], "b": PARTS[2:4], "c": PARTS[4:]}.items():
        write(tmp_path / "articles" / f"{name}.md", parts)
    return tmp_path / "articles"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library with hash vectors."""
    with open_library(tmp_path / "library") as library:
        yield library


def test_adding_twice_is_adding_once(library: Library, folder: Path) -> None:
    """The second run embeds nothing, changes nothing and says so."""
    first, before = run(library, folder), contents(library)
    generation = library.catalogue.state().generation
    second = run(library, folder, folder / "a.md")

    assert (len(first.added), first.embedded, first.failed) == (3, first.chunks, ())
    assert (second.unchanged, second.added, second.updated, second.embedded, second.chunks) == (first.added, (), (), 0, 0)
    assert (before, generation) == (contents(library), library.catalogue.state().generation)
    assert_agreement(library)


def test_edited_files_leave_nothing_old_behind(library: Library, folder: Path) -> None:
    """Of an edited file only what is new is embedded, and what was taken out is found nowhere."""
    run(library, folder)
    library.encoder.embedded.clear()
    write(folder / "a.md", ["harbour", "lantern", "pelican"])
    report = run(library, folder)

    assert [str(folder / "a.md")] == [*report.updated]
    assert report.embedded == len(library.encoder.embedded) == 1
    assert "pelican" in library.encoder.embedded[0]
    assert found_by_word(library, "orchard") == set()
    assert found_by_word(library, "pelican") == {str(folder / "a.md"), str(folder / "c.md")}
    assert_agreement(library)


def test_same_content_is_embedded_once(library: Library, tmp_path: Path) -> None:
    """Two files of the same content are two articles that share their vectors."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "same.md", PARTS)
    report = run(library, tmp_path / "one", tmp_path / "two")

    assert (len(report.added), report.embedded) == (2, report.chunks / 2)
    library.remove(report.added[0])
    assert run(library, tmp_path / "two").embedded == 0
    assert found_by_word(library, "granite") == {report.added[1]}
    assert_agreement(library)


def test_bad_file_is_one_line(library: Library, folder: Path) -> None:
    """One file that cannot be read is one failure with a reason, the others go in."""
    (folder / "broken.pdf").write_bytes(b"")
    (folder / "void.md").write_text("# Only a heading\n")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    report = run(library, folder, folder / "missing.txt")

    assert len(report.added) == 3
    assert {"broken.pdf", "void.md", "missing.txt"} == {Path(failure.source).name for failure in report.failed}
    assert all(failure.reason.endswith(".") and "\n" not in failure.reason for failure in report.failed)
    assert ["picture.png"] == [Path(source).name for source in report.skipped]


def test_article_that_becomes_unreadable_stays(library: Library, folder: Path) -> None:
    """A file that can no longer be read is a failure, and what the library has of it stays."""
    run(library, folder)
    before = contents(library)
    (folder / "a.md").write_bytes(b"")
    report = run(library, folder)

    assert ["a.md"] == [Path(failure.source).name for failure in report.failed]
    assert contents(library) == before


@pytest.mark.parametrize("after", [0, 2, 4, 6, 7, 8])
def test_interrupted_runs_go_on(
    library: Library, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """A run that is stopped and run again ends where an uninterrupted one does, and embeds nothing twice."""
    monkeypatch.setattr("ingest.writer.BATCH", 2)
    first = run(library, folder, stopped=Stopper(after))
    second = run(library, folder)
    with open_library(tmp_path / "other") as other:
        whole = run(other, folder)
        assert contents(other) == contents(library)

    assert (first.interrupted, second.interrupted) == (True, False)
    assert first.embedded + second.embedded == whole.embedded
    assert len(set(library.encoder.embedded)) == len(library.encoder.embedded)
    assert_agreement(library)


def test_progress_counts_up_to_the_whole(library: Library, folder: Path) -> None:
    """Progress never falls and ends with all articles, chunks and vectors."""
    notes: list[Progress] = []
    report = run(library, folder, notes=notes)

    assert [note.done for note in notes] == sorted(note.done for note in notes)
    assert (notes[-1].done, notes[-1].total, notes[-1].chunks, notes[-1].embedded) == (3, 3, report.chunks, report.embedded)


def test_another_model_is_refused_before_reading(library: Library, folder: Path) -> None:
    """A library of another model is refused, and stays as it is."""
    run(library, folder)
    with open_library(library.folder, HashEncoder("bag-32")) as other, pytest.raises(ModelMismatch, match=r"hash-32.*bag-32"):
        run(other, folder)
    assert run(library, folder).unchanged


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from(PARTS), max_size=4)), min_size=1, max_size=6)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.sets(st.integers(0, 5)))
def test_any_history_ends_like_a_fresh_library(steps: list[tuple[str, list[str]]], runs: set[int]) -> None:
    """Whatever was added, edited and removed, with runs in between, the library is that of the files that there are now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        with open_library(Path(name) / "library") as library, open_library(Path(name) / "fresh") as fresh:
            write(folder / "always.md", PARTS[:1])
            for number, (stem, parts) in enumerate(steps):
                path = folder / f"{stem}.md"
                if parts:
                    write(path, parts)
                else:
                    path.unlink(missing_ok=True)
                    library.remove(str(path))
                if number in runs:
                    run(library, folder)
            run(library, folder)
            run(fresh, folder)

            assert contents(library) == contents(fresh)
            assert_agreement(library)
            for part in PARTS:
                assert found_by_word(library, part) == found_by_word(fresh, part)
