"""One update from the inbox to the handlers and out of the inbox again."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from telegram import Message, Update

from bot.telegram import texts
from bot.telegram.contents import plain
from bot.telegram.handlers.access import Access
from bot.telegram.handlers.questions import asked_of
from bot.telegram.inbox import Inbox, Stored, is_id
from bot.telegram.outbox import Owed
from bot.telegram.parts import Parts, place_of
from bot.telegram.settling import Sightings
from bot.telegram.updates import chat_of, command_of, message_of

if TYPE_CHECKING:
    from bot.telegram.application import App

MOMENT = 901  # the number of the message that asks for patience, among those that an update leads to
MOMENT_SECONDS = 30.0  # between two of them in one chat
PRUNE_EVERY = 1000  # updates
_log = logging.getLogger(__name__)


class Serving:
    """Has updates handled; one that cannot be read is set aside, so that it blocks nothing."""

    def __init__(self, application: "App", inbox: Inbox) -> None:
        self._application, self._inbox = application, inbox
        self._parts: Parts | None = None
        self._asked_for_patience: dict[int, float] = {}
        self._served = 0

    def stand_on(self, parts: Parts) -> None:
        """Take the parts, which are made of what stands on this."""
        self._parts = parts

    async def serve(self, stored: Stored) -> None:
        """Handle an update unless that was done or called off meanwhile; what is broken off is left to the next start."""
        if not await asyncio.to_thread(self._inbox.is_waiting, stored.update_id):
            return
        update = self._read(stored)
        if update is None:
            await asyncio.to_thread(self._inbox.quarantine, stored.update_id)
            return
        try:
            await self._application.process_update(update)
        except asyncio.CancelledError:
            self._inbox.put_back(stored.update_id)
            raise
        parts = self._known_parts()
        await asyncio.to_thread(self._inbox.finish, *parts.dispatcher.together(stored.update_id))
        self._served += 1
        if self._served % PRUNE_EVERY == 0:
            await asyncio.to_thread(self._prune, stored.update_id)

    async def still_waiting(self, stored: Stored, before: int) -> None:
        """Ask for patience whoever waits for an answer, once in a while."""
        parts, message = self._known_parts(), message_of(stored)
        if command_of(message) or not message.get("text"):
            return
        update = self._read(stored)
        if update is None or update.message is None or asked_of(update.message, parts.courier.bot.bot) is None:
            return
        if await Access(parts).is_let_in(update) and self._is_due(chat_of(stored)):
            place = place_of(update)
            content = plain(texts.ONE_MOMENT.format(number=before), topic=place.topic, reply_to=place.reply_to)
            await parts.courier.owe(Owed(place.update_id, MOMENT, place.chat, place.person, content))

    def _is_due(self, chat: int) -> bool:
        """Whether a chat was not asked for patience lately; it is taken to be asked now."""
        now = time.monotonic()
        self._asked_for_patience = {each: at for each, at in self._asked_for_patience.items() if now - at < MOMENT_SECONDS}
        return self._asked_for_patience.setdefault(chat, now) == now

    def _read(self, stored: Stored) -> Update | None:
        """The update as PTB reads it; None if it cannot."""
        try:
            update = Update.de_json(stored.payload, self._application.bot)
            for message in filter(None, (update.message, update.edited_message)):
                _see(message, self._known_parts().courier.sightings)
        except Exception:  # noqa: BLE001 - a stranger's update may be malformed in any way
            _log.exception("An update could not be read; it is set aside.", extra={"update": stored.update_id})
            return None
        return update

    def _known_parts(self) -> Parts:
        if self._parts is None:
            message = "The parts are not there yet."
            raise RuntimeError(message)
        return self._parts

    def _prune(self, update_id: int) -> None:
        self._inbox.prune()
        self._known_parts().courier.outbox.prune(update_id - PRUNE_EVERY)


def _see(message: Message, sightings: Sightings) -> None:
    """Note a message's id; raises ValueError if that or its chat's is no id."""
    if not (is_id(message.chat_id) and is_id(message.message_id)):
        reason = "A message has an id that is none."
        raise ValueError(reason)
    sightings.see(message.chat_id, message.message_id)
