"""What the tests of backups stand on: a library with conversations, all rows of both, and processes that can be killed."""

import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from conversing import ask
from support import HashEncoder, SilentEncoder, open_library, put

from bot.backup.digest import digest_of
from bot.backup.file import opened
from bot.backup.making import make_backup
from bot.backup.manifest import Manifest
from bot.backup.restoring import restore
from bot.backup.stores import opened_stores
from bot.backup.tables import CONVERSATIONS, USAGE
from bot.conversations import Conversations
from bot.exchanges import Thread
from bot.telegram.members import Members, Standing
from bot.telegram.shortcuts import Shortcuts
from bot.telegram.tables import incoming, person, secret
from retrieval.chat.budget import days
from retrieval.library.copies import copied_tables
from retrieval.library.tables import meta
from retrieval.settings import HERE, Servers

ADA, GROUP = 5_000_000_001, -1_001_234_567_890
Rows = dict[str, list[tuple[Any, ...]]]


def fill(folder: Path, servers: Servers = HERE, *, articles: int = 3) -> None:
    """Make a library with articles, of which one was removed, and a bot that has been talked to."""
    with open_library(folder, servers=servers) as library, library.writing():
        for number in range(articles + 1):
            put(library, f"source{number}", f"The {number}th tide – “naïve” 😀. It came.\n" * 2, title=f"Tide {number}")
        library.remove(f"source{articles}")
        library.catalogue.origins.list_members("https://tides.example/feed", ["source0"])
        library.catch_up()
    with opened_stores(folder, servers, make=True) as stores:
        assert stores.conversations is not None
        assert stores.usage is not None
        conversations = Conversations(stores.conversations)
        for number in range(1, 4):
            ask(conversations, Thread(GROUP, 0, ADA), number)
        conversations.rate(1, ADA, liked=True)
        Shortcuts(stores.conversations).make("article source0", ADA)
        Members(stores.conversations).pairing_code()
        Members(stores.conversations).note_told(ADA, "Ada")
        with stores.conversations.begin() as connection:
            Members(stores.conversations).set_standing(connection, ADA, Standing.ADMIN)
            waiting = {"update_id": 9, "person": ADA, "payload": "{}", "state": "waiting", "attempts": 0, "received": 1.5}
            connection.execute(incoming.insert().values(waiting))
        with stores.usage.begin() as connection:
            connection.execute(days.insert().values(day="2026-01-01", tokens=3_000_000_000))


def back_up(folder: Path, path: Path, servers: Servers = HERE, *, force: bool = True) -> Manifest:
    """Make a backup."""
    with open_library(folder, SilentEncoder(), servers) as library:
        return make_backup(path, library=library, force=force, notify=lambda _, __: None)


def restore_into(folder: Path, path: Path, servers: Servers = HERE, *, replace: bool = False) -> None:
    """Restore a backup."""
    with opened(path) as (backup, manifest), open_library(folder, SilentEncoder(), servers) as library:
        restore(backup, manifest, library=library, replace=replace, notify=lambda _, __: None)


def sign(path: Path) -> None:
    """Write the digest of what a backup holds now into its manifest, as the version had done whose backup it stands for."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    with engine.begin() as backup:
        names = json.loads(backup.scalar(sa.text("SELECT counts FROM manifest")))
        backup.execute(sa.text("UPDATE manifest SET digest = :digest"), {"digest": digest_of(backup, names)})
    engine.dispose()


def rows_of(folder: Path, servers: Servers = HERE) -> Rows:
    """All rows of a library and its conversations, but for what tells one library from another."""
    with open_library(folder, servers=servers) as library, opened_stores(folder, servers, make=True) as stores:
        assert stores.conversations is not None
        assert stores.usage is not None
        found = _rows(library.catalogue.engine, copied_tables())
        places = [number for number, name in enumerate(meta.c.keys()) if name not in {"uid", "edition"}]
        found["meta"] = [tuple(row[number] for number in places) for row in found["meta"]]
        return found | _rows(stores.conversations, CONVERSATIONS) | _rows(stores.usage, USAGE)


def rows_in(path: Path) -> Rows:
    """All rows of a backup."""
    with opened(path) as (backup, manifest):
        tables = [table for table in (*copied_tables(), *CONVERSATIONS, *USAGE) if table.name in manifest.counts]
        return {table.name: _sorted(backup, table) for table in tables}


def uid_of(folder: Path, servers: Servers = HERE) -> str:
    """What tells a catalogue from any other."""
    with open_library(folder, servers=servers) as library:
        return library.catalogue.state().uid


def pairing_code(folder: Path) -> str | None:
    """The code that is kept for the first admin."""
    with opened_stores(folder, HERE, make=True) as stores:
        assert stores.conversations is not None
        with stores.conversations.connect() as connection:
            return connection.scalar(sa.select(secret.c.value))


def leave_people(folder: Path) -> None:
    """Forget all people but keep the rest."""
    with opened_stores(folder, HERE, make=True) as stores:
        assert stores.conversations is not None
        with stores.conversations.begin() as connection:
            connection.execute(person.delete())


def back_up_for_ever(folder: Path, path: Path) -> None:
    """Make one backup after another, each in the place of the one before."""
    while True:
        back_up(folder, path)


def restore_once(folder: Path, path: Path) -> None:
    """Put a backup in the place of a library."""
    restore_into(folder, path, replace=True)


def write_for_ever(folder: Path) -> None:
    """Put and remove articles until killed; each put is a few chunks of one number."""
    with open_library(folder, HashEncoder()) as library, library.writing():
        number = 0
        while True:
            number += 1
            put(library, f"live{number % 7}", f"Number {number} has come.\n\n# Part\nIt is {number} indeed.")
            if number % 5 == 0:
                library.remove(f"live{(number + 3) % 7}")


def copied(folder: Path, to: Path) -> Path:
    """A copy of a data folder."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to


def change(path: Path, statement: str) -> None:
    """Change a backup as no program of ours does."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statement)


def _rows(engine: sa.Engine, tables: Iterable[sa.Table]) -> Rows:
    with engine.connect() as connection:
        return {table.name: _sorted(connection, table) for table in tables}


def _sorted(connection: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
