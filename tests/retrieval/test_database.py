"""How the databases of the data folder are opened."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from retrieval import LibraryError, create_tables, open_database
from retrieval.database import make_folder

TABLES = sa.MetaData()
NOTE = sa.Table("note", TABLES, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.String, index=True))


@pytest.mark.parametrize("secure", [False, True])
def test_databases_are_opened_safely(secure: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    """Each connection writes ahead, waits for the disk, and overwrites what is deleted where that is asked for."""
    engine = open_database(tmp_path / "notes.sqlite3", called="The notes", secure_delete=secure)
    for _ in range(2):
        with engine.connect() as connection:
            told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
            assert ["wal", 2] == told
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1 or not secure  # some builds always do
        engine.dispose()


def test_tables_may_be_created_twice(tmp_path: Path) -> None:
    """Creating what is there already leaves it as it is."""
    engine = open_database(tmp_path / "notes.sqlite3", called="The notes")
    for text in ("one", "two"):
        with engine.begin() as connection:
            create_tables(connection, TABLES)
            connection.execute(NOTE.insert().values(text=text))
    with engine.connect() as connection:
        assert ["one", "two"] == list(connection.scalars(sa.select(NOTE.c.text)))
        assert sa.inspect(connection).get_indexes("note")
    engine.dispose()


def test_a_folder_that_is_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that may not be read is told as such, and not by the first of its files that cannot be opened."""
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(LibraryError, match=r"^The data folder .* may not be read .* Check its permissions"):
        make_folder(tmp_path)


def test_errors_name_the_database(tmp_path: Path) -> None:
    """What the database cannot do is told in a sentence with the name that people know it by; a defect stays what it is."""
    (tmp_path / "notes.sqlite3").write_bytes(b"this is no database, and long enough to be sure of it" * 100)
    engine = open_database(tmp_path / "notes.sqlite3", called="The notes")
    with pytest.raises(LibraryError, match=r"^The notes cannot be used: file is not a database\..*doctor.*restore FILE"):
        engine.connect()
    engine.dispose()
    sound = open_database(tmp_path / "sound.sqlite3", called="The notes")
    with sound.connect() as connection, pytest.raises(sa.exc.StatementError):
        connection.execute(sa.text("SELECT :missing"))
    sound.dispose()
