"""What a backup holds, and where it can be restored."""

import json
import resource
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from backups import back_up, fill, leave_people, pairing_code, restore_into, rows_in, rows_of, uid_of
from conversing import ask
from support import SilentEncoder, assert_agreement, found_by_word, open_library
from typer.testing import Result

from bot.backup.restoring import _keep_others_out
from bot.backup.stores import opened_stores
from bot.conversations import Conversations
from bot.exchanges import Thread as Talk
from bot.exchanges import exchange
from bot.telegram.stored import open_conversations
from bot.telegram.tables import person
from retrieval import LibraryError
from retrieval.settings import HERE, Servers

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with articles and conversations, to be read only."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def file(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, to be read only."""
    path = tmp_path_factory.mktemp("backups") / "one"
    back_up(filled, path)
    return path


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Path:
    """A copy of the data folder that a test may change."""
    return Path(shutil.copytree(filled, tmp_path / "own"))


def test_a_backup_moves_a_library(filled: Path, file: Path, tmp_path: Path, database_url: str, chroma_server: str) -> None:
    """From a folder to servers and from there to another folder each table keeps its rows, and nothing is embedded."""
    places = [(tmp_path / "host", Servers(chroma_server, "", database_url)), (tmp_path / "new", HERE)]
    expected, path = rows_of(filled), file
    assert all(expected[name] for name in ("article", "chunk", "vector", "member", "exchange", "vote", "telegram_person"))
    for folder, servers in places:
        restore_into(folder, path, servers)
        assert expected == rows_of(folder, servers)
        assert uid_of(filled) != uid_of(folder, servers)
        with open_library(folder, SilentEncoder(), servers) as library:
            library.refresh()
            assert_agreement(library)
            assert {"source0", "source1", "source2"} == found_by_word(library, "tide")
        path = tmp_path / f"{folder.name}.backup"
        back_up(folder, path, servers)


def test_it_is_one_private_file(file: Path) -> None:
    """It is a plain SQLite file that only its owner reads, with nothing beside it, and it tells what it is of."""
    assert [file] == list(file.parent.iterdir())
    assert 0o600 == file.stat().st_mode & 0o777
    with closing(sqlite3.connect(file)) as database:
        kind, model, counts = database.execute("SELECT format, model, counts FROM manifest").fetchone()
        assert json.loads(counts)["article"] == database.execute("SELECT count(*) FROM article").fetchone()[0]
    assert (1, "hash-32") == (kind, model)


def test_nothing_waits_in_it(own: Path, file: Path, filled: Path) -> None:
    """The updates that wait to be answered are not in it, nor is the code that makes an admin, which a restore ends."""
    names = rows_in(file)
    assert not {"telegram_incoming", "telegram_outgoing", "telegram_secret"} & names.keys()
    assert pairing_code(filled) is not None
    restore_into(own, file, replace=True)
    assert pairing_code(own) is None
    with closing(sqlite3.connect(own / "conversations.sqlite3")) as database:
        assert [(9,)] == database.execute("SELECT update_id FROM telegram_incoming").fetchall()


def test_a_folder_without_a_bot(own: Path, tmp_path: Path) -> None:
    """Where no bot has run the backup has no conversations, and leaves those that it is restored beside alone."""
    for path in own.glob("conversations.sqlite3*"):
        path.unlink()
    back_up(own, tmp_path / "articles")
    assert "exchange" not in rows_in(tmp_path / "articles")
    fill(tmp_path / "other", articles=1)
    before = rows_of(tmp_path / "other")
    restore_into(tmp_path / "other", tmp_path / "articles", replace=True)
    assert before["exchange"] == rows_of(tmp_path / "other")["exchange"]
    assert len(rows_of(tmp_path / "other")["article"]) == 3


def test_buttons_of_later_answers_stay_dead(tmp_path: Path, file: Path) -> None:
    """An answer given after a restore never has the id of one that was given between backup and restore."""
    restore_into(tmp_path, file)
    with opened_stores(tmp_path, HERE) as stores:
        assert stores.conversations is not None
        assert ask(Conversations(stores.conversations), Talk(1, 0, 1), 77) > 100_000


def test_a_busy_bot_and_a_restore_do_not_wait_for_each_other(database_url: str, tmp_path: Path) -> None:
    """On a server a bot that has written one thing and goes on to the next gets both, and a restore comes behind it."""
    engine, kept_out = open_conversations(tmp_path, database_url), Event()

    def restoring() -> None:
        with engine.begin() as connection:
            before = connection.scalar(sa.text("SHOW lock_timeout"))
            _keep_others_out(connection, (exchange, person))
            assert connection.scalar(sa.text("SHOW lock_timeout")) == before
            kept_out.set()

    thread = Thread(target=restoring)
    with engine.begin() as bot:
        bot.execute(person.update().values(told=""))
        thread.start()
        with engine.connect() as looking:
            while thread.is_alive() and looking.scalar(sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")) is None:
                thread.join(0.01)
        bot.execute(exchange.delete())
        assert not kept_out.is_set()
    thread.join(30)
    assert kept_out.is_set()
    engine.dispose()


def test_tokens_that_are_spent_stay_spent(own: Path, file: Path) -> None:
    """Of a day that both have counted the higher number counts."""
    with closing(sqlite3.connect(own / "usage.sqlite3")) as database, database:
        database.execute("UPDATE usage SET tokens = 4000000000")
    restore_into(own, file, replace=True)
    assert [("2026-01-01", 4_000_000_000)] == rows_of(own)["usage"]


def test_a_running_reader_sees_it(own: Path, file: Path) -> None:
    """Whoever has the library open finds the restored articles at the next question."""
    with open_library(own, SilentEncoder()) as reader:
        with reader.writing():
            for record in reader.articles():
                reader.remove(record.source)
            reader.catch_up(purge=True)
        reader.refresh()
        assert not found_by_word(reader, "tide")
        restore_into(own, file, replace=True)
        reader.refresh()
        assert {"source0", "source1", "source2"} == found_by_word(reader, "tide")


@pytest.mark.parametrize("held", ["articles", "people"])
def test_what_is_there_is_replaced_only_if_wanted(run: Run, own: Path, file: Path, held: str) -> None:
    """A place with articles or with people is refused until it is said that they go."""
    if held == "articles":
        leave_people(own)
    else:
        with open_library(own) as library, library.writing():
            for record in library.articles():
                library.remove(record.source)
    before = rows_of(own)

    refused = run("restore", file, "--data", own)

    assert (1, "") == (refused.exit_code, refused.stdout)
    assert held in refused.stderr
    assert "--replace" in refused.stderr
    assert before == rows_of(own)
    assert run("restore", file, "--data", own, "--replace", "--json").exit_code == 0
    assert len(rows_of(own)["article"]) == 3


def test_a_refused_restore_makes_nothing(own: Path, file: Path) -> None:
    """No database is made beside a library that is not to be replaced."""
    leave_people(own)
    for path in own.glob("*.sqlite3"):
        if path.name != "catalogue.sqlite3":
            path.unlink()
    with pytest.raises(LibraryError, match="articles already"):
        restore_into(own, file)

    assert [path.name for path in own.glob("*.sqlite3")] == ["catalogue.sqlite3"]


def test_nothing_is_no_backup(own: Path, file: Path, tmp_path: Path) -> None:
    """A folder without a library, such as one whose disk is not there, does not take the place of an earlier backup."""
    (tmp_path / "unmounted").mkdir()
    copy = Path(shutil.copy(file, tmp_path / "copy"))
    before = copy.read_bytes()
    with pytest.raises(LibraryError, match="nothing in"):
        back_up(tmp_path / "unmounted", copy)

    assert before == copy.read_bytes()


def test_what_is_there_is_not_written_over(run: Run, own: Path, tmp_path: Path) -> None:
    """An earlier backup is replaced only with --force, and anything else never."""
    path = tmp_path / "file"
    assert run("backup", path, "--data", own).exit_code == 0
    first = path.read_bytes()
    for name, arguments, told in (
        ("file", (), "--force"),
        ("own/catalogue.sqlite3", ("--force",), "something else"),
        ("own", ("--force",), "something else"),
        ("none/file", (), "No such file"),
        ("x" * 250, (), "too long"),
    ):
        done = run("backup", tmp_path / name, "--data", own, *arguments)
        assert (1, "") == (done.exit_code, done.stdout)
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
    assert first == path.read_bytes()
    assert run("backup", path, "--data", own, "--force").exit_code == 0
    assert run("backup", "-", "--data", own).exit_code == 2
    assert {"file", "own"} == {each.name for each in tmp_path.iterdir()}


def test_a_full_disk_leaves_the_earlier_backup(own: Path, tmp_path: Path) -> None:
    """What cannot be written whole is a sentence, leaves nothing, and the backup that was there stays."""
    path = tmp_path / "file"
    back_up(own, path)
    first = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_library(own, SilentEncoder()):
        pass  # so that it need not be written below
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(first) // 2, limits[1]))
    try:
        with pytest.raises(LibraryError, match="cannot be written"):
            back_up(own, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert first == path.read_bytes()
    assert {"file", "own"} == {each.name for each in tmp_path.iterdir()}


def test_an_interrupt_leaves_nothing(own: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a backup or a restore leaves what was there."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = rows_of(own)
    monkeypatch.setattr("bot.backup.making.write_manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        back_up(own, tmp_path / "file")
    monkeypatch.setattr("bot.backup.restoring._check_agreement", interrupted)
    with pytest.raises(KeyboardInterrupt):
        restore_into(own, file, replace=True)
    assert {"own"} == {each.name for each in tmp_path.iterdir()}
    assert not list(own.glob("editions/*"))
    assert before == rows_of(own)
