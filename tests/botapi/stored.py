"""The stored conversations of a data folder, read beside the bot."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

DATABASE = "conversations.sqlite3"


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]  # noqa: S608 - a test's word


def exchanges(folder: Path) -> list[dict[str, Any]]:
    """The stored questions with their answers."""
    return rows(folder, "exchange")


def stored_bytes(folder: Path) -> bytes:
    """Everything that the database has on the disk, its log included."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"{DATABASE}*")))
