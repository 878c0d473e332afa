"""One update from the inbox to the handlers and out of the inbox again."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from telegram import Update

from bot.telegram import texts
from bot.telegram.contents import plain
from bot.telegram.handlers.gate import is_let_in
from bot.telegram.handlers.questions import asked_of
from bot.telegram.inbox import Stored, is_id
from bot.telegram.outbox import Owed
from bot.telegram.parts import Parts, place_of
from bot.telegram.updates import chat_of, is_question

if TYPE_CHECKING:
    from bot.telegram.application import App

MOMENT = 901  # the number of the message that asks for patience, among those that an update leads to
MOMENT_SECONDS = 30.0  # between two of them in one chat
PRUNE_EVERY = 1000  # updates
_log = logging.getLogger(__name__)


class Serving:
    """Has updates handled; one that cannot be read is set aside, so that it blocks nothing."""

    def __init__(self, application: "App", parts: Parts) -> None:
        self._application, self._parts = application, parts
        self._asked_for_patience: dict[int, float] = {}
        self._served = 0

    async def serve(self, stored: Stored) -> None:
        """Handle an update unless that was done or called off meanwhile; what is broken off is left to the next start."""
        inbox = self._parts.inbox
        if not await asyncio.to_thread(inbox.is_waiting, stored.update_id):
            return
        update = self._read(stored)
        if update is None:
            await asyncio.to_thread(inbox.quarantine, stored.update_id)
            return
        try:
            await self._application.process_update(update)
        except asyncio.CancelledError:
            await asyncio.to_thread(inbox.put_back, stored.update_id)
            raise
        await asyncio.to_thread(inbox.finish, *self._parts.dispatcher.together(stored.update_id))
        if self._served % PRUNE_EVERY == 0:
            await asyncio.to_thread(self._prune, stored.update_id)
        self._served += 1

    async def still_waiting(self, stored: Stored, before: int) -> None:
        """Ask for patience whoever waits for an answer, once in a while."""
        parts, update = self._parts, self._read(stored) if is_question(stored) else None
        if update is None or update.message is None or asked_of(update.message, parts.courier.bot.bot) is None:
            return
        if await is_let_in(parts, update) and self._is_due(chat_of(stored)):
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
            _check_ids(update)
        except Exception:  # noqa: BLE001 - a stranger's update may be malformed in any way
            _log.exception("An update could not be read; it is set aside.", extra={"update": stored.update_id})
            return None
        return update

    def _prune(self, update_id: int) -> None:
        """Forget what is not needed any more."""
        self._parts.inbox.prune()
        self._parts.courier.outbox.prune(update_id - PRUNE_EVERY)


def _check_ids(update: Update) -> None:
    """Raise ValueError if the id of a message or of its chat is none."""
    for message in filter(None, (update.message, update.edited_message)):
        if not (is_id(message.chat_id) and is_id(message.message_id)):
            reason = "A message has an id that is none."
            raise ValueError(reason)
