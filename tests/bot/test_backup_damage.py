"""Files that are no backup, that are damaged, or that another version has made."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from backups import back_up, change, fill, restore_into, rows_in, rows_of, sign
from support import SilentEncoder, assert_agreement, open_library
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup, to be read only."""
    folder = tmp_path_factory.mktemp("backups")
    fill(folder / "library")
    back_up(folder / "library", folder / "one")
    return folder / "one"


@pytest.fixture
def own_file(file: Path, tmp_path: Path) -> Path:
    """A copy of the backup that a test may change."""
    return Path(shutil.copy(file, tmp_path / "own backup?x=1#2%41"))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("PRAGMA application_id=1", "is no backup of Footnote"),
        ("UPDATE manifest SET format = 2, program = '9.9'", "made by a newer version of Footnote, 9.9"),
        ("UPDATE manifest SET schema = 99, program = '9.9'", "made by a newer version of Footnote, 9.9"),
        ("UPDATE manifest SET conversations = 99, program = '9.9'", "made by a newer version of Footnote, 9.9"),
        ("ALTER TABLE vote ADD COLUMN strength INTEGER", "made by a newer version of Footnote"),
        ("DELETE FROM chunk WHERE rowid = 1", "is damaged: chunk does not have its"),
        ("UPDATE chunk SET vector = 'none'", "is damaged: vectors are missing"),
        ("UPDATE chunk SET text = replace(text, 'tide', 'tidf')", "is damaged: its content is not what was backed up"),
        ("UPDATE manifest SET counts = '{'", "is damaged"),
        ("DELETE FROM manifest", "is damaged"),
        ("DROP TABLE vector", "is damaged"),
        ("DROP TABLE manifest", "is damaged"),
    ],
)
def test_what_cannot_be_restored_is_told(run: Run, own_file: Path, tmp_path: Path, statement: str, told: str) -> None:
    """Another program's file, a newer one's backup and a damaged one are a sentence each, and nothing is made."""
    change(own_file, statement)

    done = run("restore", own_file, "--data", tmp_path / "none")

    assert (1, "") == (done.exit_code, done.stdout)
    assert told in done.stderr
    assert "went wrong" not in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kept", [0, 50, 100, 5000, 20000])
def test_a_cut_file_is_told(run: Run, own_file: Path, tmp_path: Path, kept: int) -> None:
    """Wherever a file was cut off, one sentence says so, and nothing is made."""
    whole = own_file.read_bytes()
    assert kept < len(whole)
    own_file.write_bytes(whole[:kept])

    done = run("restore", own_file, "--data", tmp_path / "none")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "is damaged" in done.stderr or "is no backup" in done.stderr
    assert not (tmp_path / "none").exists()


def test_an_older_schema_is_brought_on(own_file: Path, tmp_path: Path) -> None:
    """A backup of an older version's catalogue is restored as one of this version's."""
    before = rows_in(own_file)
    change(own_file, "ALTER TABLE meta DROP COLUMN edition; UPDATE meta SET schema = 1; UPDATE manifest SET schema = 1")
    change(own_file, "ALTER TABLE exchange DROP COLUMN details; UPDATE manifest SET conversations = 1")
    sign(own_file)
    restore_into(tmp_path / "new", own_file)
    assert before["chunk"] == rows_of(tmp_path / "new")["chunk"]
    with open_library(tmp_path / "new", SilentEncoder()) as library:
        library.refresh()
        assert_agreement(library)
