"""Which tables a backup has: those of the catalogue, of the conversations and of the count of tokens.

Not in it are the updates and messages that wait in a bot's inbox and outbox, for on another day they would be answered twice, and
the pairing code: whoever got hold of a backup could become admin by it, and a bot without an admin makes a new one.
"""

import sqlalchemy as sa

from bot.exchanges import conversation, exchange, message, vote
from bot.telegram.tables import person, room, shortcut
from retrieval.chat.budget import days
from retrieval.library.copies import copied_tables

CONVERSATIONS = (exchange, message, conversation, vote, person, room, shortcut)
USAGE = (days,)


def table_named(name: str) -> sa.Table | None:
    """The table of a backup that has this name."""
    return next((table for table in (*copied_tables(), *CONVERSATIONS, *USAGE) if table.name == name), None)
