"""What a run does with files that have moved, left or come back, and that a dry run says the same before."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import SilentEncoder, assert_agreement, found_by_word, open_library
from syncing import PARTS, contents, plan, planned, run, write

from ingest.plan import Kind
from ingest.sync import Move
from retrieval import Library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three articles, one of them in a subfolder."""
    for name, parts in {"a": PARTS[:3], "b": PARTS[2:4], "sub/c": PARTS[4:]}.items():
        write(tmp_path / "articles" / f"{name}.md", parts)
    return tmp_path / "articles"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library with hash vectors."""
    with open_library(tmp_path / "library") as library:
        yield library


def test_a_moved_file_keeps_its_vectors(library: Library, folder: Path) -> None:
    """A file that is renamed, its title too, or whose folder is, embeds nothing and is the same article at its new place."""
    (folder / "plain.txt").write_text("The ferry was late on Monday, and nobody on the quay could say why it was. " * 9)
    run(library, folder)
    ids = sorted(library.catalogue.live_ids())
    (folder / "plain.txt").rename(folder / "night ferry.txt")
    (folder / "sub").rename(folder / "elsewhere")
    with open_library(library.folder, SilentEncoder()) as silent:
        report = run(silent, folder)

    assert {
        (str(folder / "plain.txt"), str(folder / "night ferry.txt")),
        (str(folder / "sub/c.md"), str(folder / "elsewhere/c.md")),
    } == {(move.before, move.source) for move in report.moved}
    assert (report.added, report.removed, report.embedded) == ((), (), 0)
    assert sorted(library.catalogue.live_ids()) == ids
    assert found_by_word(library, "ferry") == {str(folder / "night ferry.txt")}
    assert "Night ferry" in {record.title for record in library.articles()}
    assert_agreement(library)
    assert run(library, folder).unchanged


def test_a_copy_is_an_article_of_its_own(library: Library, folder: Path) -> None:
    """While the old file is there a new one with its content is added, and embeds nothing."""
    run(library, folder)
    shutil.copy(folder / "a.md", folder / "z.md")
    report = run(library, folder, prune=True)

    assert (report.added, report.moved, report.removed, report.embedded) == ((str(folder / "z.md"),), (), (), 0)


def test_pruning_removes_what_has_left(library: Library, folder: Path) -> None:
    """Only with prune a deleted file leaves the library, and only one that lay below the folder; a dry run names it before."""
    other = folder.parent / "articles and more" / "d.md"
    write(other, PARTS[:1])
    run(library, folder, other)
    (folder / "b.md").unlink()
    other.unlink()

    assert [str(folder / "b.md")] == [step.source for step in plan(library, folder).departed]
    assert run(library, folder).removed == ()
    assert found_by_word(library, "granite") == {str(folder / "b.md")}
    assert run(library, folder, prune=True).removed == (str(folder / "b.md"),)
    assert found_by_word(library, "granite") == set()
    assert str(other) in contents(library)
    assert_agreement(library)


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_folder_that_is_gone_removes_nothing(library: Library, folder: Path, how: str) -> None:
    """A folder that is missing or empty may be a disk that is not there: everything stays, and the report says so."""
    run(library, folder)
    before = contents(library)
    shutil.rmtree(folder)
    if how == "empty":
        folder.mkdir()
    report = run(library, folder, prune=True)

    assert contents(library) == before
    (failure,) = report.failed
    assert "The library keeps its 3 articles until they are taken out with footnote remove." in failure.reason


def test_an_unreadable_subfolder_keeps_its_articles(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies where nobody could look has not left, be it moved or not; the rest is pruned."""
    run(library, folder)
    (folder / "b.md").unlink()
    real = os.scandir

    # The tests may run as root, to whom no folder is closed.
    def scandir(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = run(library, folder, prune=True)

    assert report.removed == (str(folder / "b.md"),)
    assert sorted(contents(library)) == [str(folder / "a.md"), str(folder / "sub" / "c.md")]


def test_a_link_that_leads_back_keeps_nothing(library: Library, folder: Path) -> None:
    """A folder with a link to itself has been listed like any other, so what has left it is removed."""
    (folder / "sub" / "loop").symlink_to(folder)
    run(library, folder)
    (folder / "b.md").unlink()

    assert run(library, folder, prune=True).removed == (str(folder / "b.md"),)


def test_unreadable_and_single_files_stay(library: Library, folder: Path) -> None:
    """A file that cannot be read has not left, nor has one that a walk would not have found in the first place."""
    (folder / ".notes").mkdir()
    singles = [folder / ".notes" / "e.md", folder / "f.log"]
    for single in singles:
        write(single, PARTS[:1])
    run(library, folder, *singles)
    (folder / "a.md").write_bytes(b"")
    report = run(library, folder, prune=True)

    assert report.removed == ()
    assert len(contents(library)) == 5


def test_an_interrupted_run_prunes_nothing(library: Library, folder: Path) -> None:
    """A run that is stopped before the end has not seen everything, so it removes nothing; the next one does."""
    run(library, folder)
    (folder / "b.md").unlink()
    write(folder / "d.md", PARTS)
    calls = iter(range(100))
    report = run(library, folder, prune=True, stopped=lambda: next(calls) > 3)

    assert (report.interrupted, report.removed) == (True, ())
    assert run(library, folder, prune=True).removed == (str(folder / "b.md"),)


def test_a_plan_writes_nothing(library: Library, folder: Path) -> None:
    """A dry run names everything and leaves the library as it was, without a lock and without the model."""
    run(library, folder)
    (folder / "a.md").rename(folder / "e.md")
    write(folder / "b.md", PARTS[:1])
    write(folder / "n.md", PARTS[:1])
    (folder / "void.md").write_text("")
    before, generation = contents(library), library.catalogue.state().generation
    with open_library(library.folder, SilentEncoder()) as silent, library.writing():
        found = plan(silent, folder)

    names = {kind: [Path(source).name for source in planned(found, kind)] for kind in Kind}
    assert names == {
        Kind.ADDED: ["n.md"],
        Kind.CHANGED: ["b.md"],
        Kind.MOVED: ["e.md"],
        Kind.UNCHANGED: ["c.md"],
        Kind.FAILED: ["void.md"],
        Kind.REMOVED: [],
        Kind.SKIPPED: [],
    }
    assert (contents(library), library.catalogue.state().generation) == (before, generation)


NAMES = st.sampled_from(["a.md", "b.md", "c.txt", "sub/a.md", "sub/d.txt", "deep/er/a.md"])
TEXTS = st.sampled_from([f"{word} was seen by a great many people on the quay that day. " * 12 for word in PARTS[:3]])
CHANGES = st.one_of(
    st.tuples(st.just("write"), NAMES, TEXTS),
    st.tuples(st.just("move"), NAMES, NAMES),
    st.tuples(st.just("copy"), NAMES, NAMES),
    st.tuples(st.just("delete"), NAMES, st.just("")),
    st.tuples(st.just("sync"), st.sampled_from(["prune", "keep"]), st.just("")),
)


def change(folder: Path, what: str, name: str, other: str) -> None:
    """Change the folder as a person does."""
    path, target = folder / name, folder / other
    if what == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(other)
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif path.exists() and path != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        if what == "move":
            path.replace(target)
        else:
            shutil.copy(path, target)


def texts(library: Library) -> dict[str, str]:
    """The text of each article without its white space, which is in no chunk between two of them."""
    return {source: "".join("".join(text for _, text, _ in chunks).split()) for source, chunks in contents(library).items()}


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=1, max_size=10))
def test_any_history_ends_as_the_folder(steps: list[tuple[str, str, str]]) -> None:
    """Whatever was written, moved, copied and deleted, each run does what its plan says, and pruned the library is the folder."""
    with tempfile.TemporaryDirectory() as name, open_library(Path(name) / "library") as library:
        folder = Path(os.path.realpath(name)) / "articles"
        change(folder, "write", "always.md", "The lighthouse is there whatever happens to all the other articles. " * 9)
        for what, path, other in [*steps, ("sync", "keep", ""), ("sync", "prune", "")]:
            if what != "sync":
                change(folder, what, path, other)
                continue
            expected, before = plan(library, folder), texts(library)
            report = run(library, folder, prune=path == "prune")

            assert not report.failed
            assert planned(expected, Kind.ADDED) == report.added
            assert planned(expected, Kind.CHANGED) == report.updated
            assert planned(expected, Kind.UNCHANGED) == report.unchanged
            assert report.moved == tuple(Move(step.before, step.source) for step in expected.steps if step.kind is Kind.MOVED)
            gone = tuple(step.source for step in expected.departed)
            assert report.removed == (gone if path == "prune" else ())
            there = {str(file): "".join(file.read_text().split()) for file in folder.rglob("*.*") if file.is_file()}
            stayed = {source: text for source, text in before.items() if source in gone and path == "keep"}
            assert texts(library) == there | stayed
        assert_agreement(library)
