"""The databases that a backup is made of and restored into, besides the library's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.telegram import stored
from retrieval.chat import budget
from retrieval.database import changing, create_tables, open_database
from retrieval.settings import Servers


@dataclass(frozen=True, slots=True)
class Stores:
    """The database of conversations, and that of the count of tokens; None where there is none yet."""

    conversations: sa.Engine | None
    usage: sa.Engine | None


@contextmanager
def opened_stores(folder: Path, servers: Servers, *, make: bool = False) -> Iterator[Stores]:
    """What there is of them, or with `make` both; on a server there are both always."""
    wanted = make or bool(servers.database_url)
    with ExitStack() as stack:
        conversations = usage = None
        if wanted or (folder / stored.FILE).exists():
            conversations = stored.open_conversations(folder, servers.database_url)
            stack.callback(conversations.dispose)
        if wanted or (folder / budget.FILE).exists():
            usage = open_database(
                folder / budget.FILE, called="The count of tokens", url=servers.database_url, schema=budget.SCHEMA
            )
            stack.callback(usage.dispose)
            with changing(usage) as connection:
                create_tables(connection, budget.days.metadata, budget.SCHEMA)
        yield Stores(conversations, usage)
