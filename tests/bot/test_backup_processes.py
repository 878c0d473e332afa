"""Backups of a library that is in use, and backups and restores that are killed at any moment."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

import backups
import pytest
import sqlalchemy as sa
from backups import back_up, back_up_for_ever, fill, restore_into, restore_once, rows_in, rows_of, write_for_ever
from support import SilentEncoder, assert_agreement, open_library

from bot.backup.file import opened
from retrieval.library.tables import article, chunk

TRIALS = 2


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes that have the heavy imports behind them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["backups"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(backups.__file__).parent))  # the server itself does not get pytest's path
        forkserver.ensure_running()
    return context


@contextmanager
def killed(processes: ForkServerContext, target: Callable[..., None], *arguments: Path) -> Iterator[None]:
    """A process that is killed at the end of the block."""
    process = processes.Process(target=target, args=arguments)
    process.start()
    try:
        yield
    finally:
        process.kill()  # SIGKILL
        process.join()


def test_a_backup_beside_a_writer_is_of_one_moment(processes: ForkServerContext, tmp_path: Path) -> None:
    """While another process puts and removes articles each chunk in a backup stands in its article, and has its vectors."""
    folder, path = tmp_path / "library", tmp_path / "file"
    fill(folder)
    states = set()
    with killed(processes, write_for_ever, folder):
        for _ in range(TRIALS):
            back_up(folder, path)
            with opened(path) as (backup, manifest):  # counts and vectors are looked at here
                states.add(rows_of_meta(path))
                texts = {row.id: row.text for row in backup.execute(sa.select(article.c.id, article.c.text))}
                for row in backup.execute(sa.select(chunk).where(~chunk.c.dead)):
                    assert row.text == texts[row.article_id][row.start : row.end]
                assert manifest.counts["article"] == len(texts)
    assert len(states) > 1


def test_killed_backups_are_whole_or_not_there(processes: ForkServerContext, tmp_path: Path) -> None:
    """After SIGKILL at any moment the file is a whole backup, and the next one removes what was left beside it."""
    folder, path = tmp_path / "library", tmp_path / "file"
    fill(folder)
    back_up(folder, path)
    expected, chance = rows_in(path), random.Random(5)
    for _ in range(TRIALS):
        with killed(processes, back_up_for_ever, folder, path):
            time.sleep(chance.uniform(0.02, 0.3))
        assert expected == rows_in(path)
    back_up(folder, path)
    assert {"file", "library"} == {each.name for each in tmp_path.iterdir()}


def test_killed_restores_leave_the_old_library_or_the_new_one(processes: ForkServerContext, tmp_path: Path) -> None:
    """After SIGKILL at any moment each of library and conversations is the old one or the new one, and a second run ends it."""
    folder, path, chance = tmp_path / "library", tmp_path / "file", random.Random(6)
    fill(tmp_path / "new", articles=5)
    back_up(tmp_path / "new", path)
    fill(tmp_path / "old", articles=2)
    old, new = rows_of(tmp_path / "old"), rows_of(tmp_path / "new")
    for _ in range(TRIALS):
        backups.copied(tmp_path / "old", folder)
        with killed(processes, restore_once, folder, path):
            time.sleep(chance.uniform(0.1, 0.9))
        with open_library(folder, SilentEncoder()) as library:
            library.refresh()
            assert_agreement(library)
        found = rows_of(folder)
        for tables in (
            ("article", "chunk", "vector", "meta"),
            ("exchange", "exchange_message", "conversation", "telegram_person"),
        ):
            assert {name: found[name] for name in tables} in [{name: of[name] for name in tables} for of in (old, new)]
        restore_into(folder, path, replace=True)
        assert new == rows_of(folder)


def rows_of_meta(path: Path) -> str:
    """What tells one state of a catalogue from any other."""
    return repr(rows_in(path)["meta"])
