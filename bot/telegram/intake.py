"""From the wire to the lanes: updates are stored first, and each is served once, whatever happens in between."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from bot.telegram.dispatcher import Dispatcher
from bot.telegram.inbox import Inbox

_log = logging.getLogger(__name__)


class Intake:
    """Takes updates in and has them served."""

    def __init__(self, inbox: Inbox, dispatcher: Dispatcher) -> None:
        self._inbox, self._dispatcher = inbox, dispatcher

    @property
    def has_room(self) -> bool:
        """Whether more updates can be taken in now."""
        return self._dispatcher.has_room

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._dispatcher.room()

    async def take(self, updates: Sequence[Any]) -> None:
        """Store updates and lead on those that are new; when this is done they may be acknowledged."""
        for stored in await asyncio.to_thread(self._inbox.store, updates):
            self._dispatcher.submit(stored)

    async def resume(self) -> None:
        """Lead on what an earlier process has left."""
        left = await asyncio.to_thread(self._inbox.waiting)
        if left:
            _log.info("Updates of an earlier run are taken up again.", extra={"count": len(left)})
        for stored in left:
            await self._dispatcher.room()
            self._dispatcher.submit(stored)
