"""From the wire to the lanes: updates are stored first, and each is served once, whatever happens in between."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from bot.telegram.courier import Courier
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.inbox import Inbox, Stored, is_id
from bot.telegram.updates import chat_of, raw_message_of

_log = logging.getLogger(__name__)


class Intake:
    """Takes updates in and has them served."""

    def __init__(self, inbox: Inbox, dispatcher: Dispatcher, courier: Courier) -> None:
        self._inbox, self._dispatcher, self._courier = inbox, dispatcher, courier

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
            if raw_message_of(stored):
                await self._courier.hear_from(chat_of(stored))
            self._lead_on(stored)

    async def resume(self) -> None:
        """Lead on what an earlier process has left."""
        left = await asyncio.to_thread(self._inbox.waiting)
        if left:
            _log.info("Updates of an earlier run are taken up again.", extra={"count": len(left)})
        for stored in left:
            await self._dispatcher.room()
            self._lead_on(stored)

    def _lead_on(self, stored: Stored) -> None:
        """Note the message's id as soon as it is known, for what is sent before its turn comes has a higher one."""
        chat, message = chat_of(stored), raw_message_of(stored).get("message_id")
        if is_id(chat) and is_id(message):
            self._courier.sightings.see(chat, message)
        self._dispatcher.submit(stored)
