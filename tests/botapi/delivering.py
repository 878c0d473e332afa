"""The bot's courier alone, on a database of its own, against the strict server: for laws about single messages."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from botapi.server import BotApi
from pydantic import SecretStr

from bot.conversations import Conversations
from bot.telegram.courier import Courier
from bot.telegram.members import Members
from bot.telegram.outbox import Content, Outbox, Owed
from bot.telegram.service import _client
from bot.telegram.settings import TelegramSettings
from bot.telegram.stored import open_conversations

Made = TypeVar("Made")


class Delivering:
    """A courier with the client and the tables that it needs; `run` does something in its event loop."""

    def __init__(self, api: BotApi, folder: Path) -> None:
        self.engine = open_conversations(folder)
        self.bot = _client(TelegramSettings(TELEGRAM_BOT_TOKEN=SecretStr(api.token), api=api.url))
        self._runner, self._updates = asyncio.Runner(), 0
        self.restart()

    def __enter__(self) -> Self:
        self.run(self.bot.initialize())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.run(self.bot.shutdown())
        self._runner.close()
        self.engine.dispose()

    def restart(self) -> None:
        """Know only what is written down, as a new process does."""
        self.courier = Courier(self.bot, Outbox(self.engine), Conversations(self.engine), Members(self.engine))

    def run(self, work: Coroutine[Any, Any, Made]) -> Made:
        """Do something, and wait until it is done."""
        return self._runner.run(work)

    def owed(self, chat: int, text: str, **content: Any) -> Owed:
        """A message to a chat that answers an update of its own."""
        self._updates += 1
        return Owed(self._updates, 0, chat, 0, Content(text, **content))
