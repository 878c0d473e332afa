"""Delivery: each message that is owed goes out once, in order within its chat, however often calls fail or the process dies."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar
from weakref import WeakValueDictionary

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.conversations import Conversations
from bot.telegram import client
from bot.telegram.client import Client
from bot.telegram.members import Members
from bot.telegram.outbox import DROPPED, SENDING, SENT, Content, Outbox, Owed
from bot.telegram.pacing import Pacer
from bot.telegram.settling import Sightings, send_probe, settle

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between two attempts while Telegram cannot be reached
UNSURE_PAUSE = 3.0  # where the last attempt may still arrive: it is looked for afterwards
QUIET_SECONDS = 60.0  # for which a chat that has refused a message is left alone, whatever is said there
_log = logging.getLogger(__name__)
Done = TypeVar("Done")


class Courier:
    """Sends what the outbox holds. Within a chat one message goes after the other; no chat waits for another."""

    def __init__(self, bot: Client, outbox: Outbox, conversations: Conversations, members: Members) -> None:
        self.bot, self.outbox, self.conversations, self.members = bot, outbox, conversations, members
        self.pacer = Pacer()
        self.gone = members.gone()
        self._lost_at = dict.fromkeys(self.gone, time.monotonic())
        self.sightings = Sightings(outbox.highest())
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # of the chats that are being written to

    async def owe(self, *messages: Owed) -> int | None:
        """Write messages down and deliver them; the id of the first one, None if it cannot be sent."""
        await asyncio.to_thread(self.outbox.owe, messages)
        return (await self.deliver(messages[0].update_id, *(each.number for each in messages)))[0]

    async def deliver(self, update_id: int, *numbers: int) -> list[int | None]:
        """Deliver these messages of an update in order, but for those that are delivered already.

        The ids of those that are written down; None for one that cannot be sent.
        """
        return [await self._deliver(owed) for number in numbers if (owed := await self._look_up(update_id, number))]

    async def lose(self, chat: int, reason: str) -> None:
        """Leave a chat alone from now on."""
        self.gone[chat], self._lost_at[chat] = reason, time.monotonic()
        await asyncio.to_thread(self.members.lose, chat, reason)
        _log.info("A chat is left alone.", extra={"chat": chat, "reason": reason})

    async def find_again(self, chat: int) -> None:
        """Write to a chat again that was left alone."""
        if self.gone.pop(chat, None) is not None:
            await asyncio.to_thread(self.members.lose, chat, "")

    async def hear_from(self, chat: int) -> None:
        """Write again to a chat that speaks: that it let the bot in again may have been missed. It may refuse once in a while."""
        if chat in self.gone and time.monotonic() - self._lost_at[chat] > QUIET_SECONDS:
            await self.find_again(chat)

    async def edit(self, chat: int, message: int, content: Content) -> bool:
        """Put something else into a message of the bot's; False if that cannot be done."""
        async with self._lock(chat):
            return await self._until_done(chat, content, lambda now: self._edit(chat, message, now)) is not None

    async def take_away(self, chat: int, message: int) -> None:
        """Delete a message of the bot's that has become needless."""
        async with self._lock(chat):
            await self._until_done(chat, Content(""), lambda _: self.bot.delete_message(chat, message))
        await asyncio.to_thread(self.conversations.forget_message, chat, message)

    async def quickly(self, chat: int, call: Callable[[], Awaitable[object]]) -> bool:
        """Make a call that may as well be left out: not while the chat must wait, and without a second attempt."""
        if chat in self.gone or self.pacer.delay(chat) > 0:
            return False
        try:
            await call()
        except RetryAfter as error:
            self.pacer.hold(chat, client.seconds_to_wait(error))
            return False
        except TelegramError as error:
            _log.debug("A call was left out.", extra={"chat": chat, "error": str(error)})
            return False
        return True

    async def migrate(self, old: int, new: int) -> None:
        """Carry everything that is known of a group to the id that it has got as a supergroup."""
        await asyncio.to_thread(self._move, old, new)
        _log.info("A group has become a supergroup.", extra={"chat": old, "new": new})

    def _move(self, old: int, new: int) -> None:
        with self.outbox.engine.begin() as connection:
            self.conversations.move(connection, old, new)
            self.outbox.move(connection, old, new)
            self.members.move(connection, old, new)

    def _lock(self, chat: int) -> asyncio.Lock:
        return self._locks.setdefault(chat, asyncio.Lock())

    async def _look_up(self, update_id: int, number: int) -> Owed | None:
        return await asyncio.to_thread(self.outbox.get, update_id, number)

    async def _deliver(self, owed: Owed) -> int | None:
        if owed.state in {SENT, DROPPED}:
            return owed.message
        async with self._lock(owed.chat):
            message = await self._until_done(owed.chat, owed.content, lambda content: self._attempt(owed, content))
            if message is None:
                await asyncio.to_thread(self.outbox.drop, owed)
            return message

    async def _until_done(self, chat: int, content: Content, attempt: Callable[[Content], Awaitable[Done]]) -> Done | None:
        """Try until it is done, as long as that takes; None if Telegram refuses it for good."""
        pause = FIRST_PAUSE
        while chat not in self.gone:
            try:
                await self.pacer.turn(chat)
                return await attempt(content)
            except RetryAfter as error:
                self.pacer.hold(chat, client.seconds_to_wait(error))
            except ChatMigrated as error:
                if chat == error.new_chat_id:
                    return None  # what is edited stays behind under the old id
                await self.migrate(chat, error.new_chat_id)
                chat, content = error.new_chat_id, replace(content, reply_to=0)
            except Forbidden as error:
                await self.lose(chat, error.message)
            except BadRequest as error:
                if (plainer := await self._plainer(chat, content, error)) is None:
                    return None
                content = plainer
            except TelegramError as error:
                _log.warning("Telegram could not be reached.", extra={"chat": chat, "error": str(error)})
                await asyncio.sleep(pause if client.certainly_not_sent(error) else max(pause, UNSURE_PAUSE))
                pause = min(2 * pause, LONGEST_PAUSE)
        return None

    async def _plainer(self, chat: int, content: Content, error: BadRequest) -> Content | None:
        """What to try next after a refusal; None if there is nothing."""
        if client.chat_is_gone(error):
            await self.lose(chat, error.message)
            return None
        _log.warning("Telegram refused a message.", extra={"chat": chat, "error": error.message})
        return None if client.message_is_gone(error) else client.plainer(content, error)

    async def _attempt(self, owed: Owed, content: Content) -> int:
        """Send one message, or find out what became of it; its state is always the one that is written down."""
        owed = await self._look_up(owed.update_id, owed.number) or owed
        if owed.message is not None:
            message = owed.message if await self._edit(owed.chat, owed.message, content) else await self._send(owed, content)
        elif owed.state == SENDING:
            message = await self._settle(owed, content) or await self._send(owed, content)
        else:
            message = await self._send(owed, content)
        self.sightings.see(owed.chat, message)
        await asyncio.to_thread(self._note, owed, message)
        return message

    async def _send(self, owed: Owed, content: Content) -> int:
        await asyncio.to_thread(self.outbox.sending, owed, self.sightings.highest(owed.chat))
        try:
            return await client.send(self.bot, owed.chat, content)
        except TelegramError as error:
            if client.certainly_not_sent(error):
                await asyncio.to_thread(self.outbox.not_sent, owed)
            raise

    async def _settle(self, owed: Owed, content: Content) -> int | None:
        """Find out what became of a message that was being sent; one probe is enough for that, however often it is broken off."""
        probe = owed.probe
        if probe is None:
            await asyncio.to_thread(self.outbox.probing, owed, self.sightings.highest(owed.chat))
            probe = await send_probe(self.bot, owed, content)
            await asyncio.to_thread(self.outbox.probed, owed, probe)
            self.sightings.see(owed.chat, probe)
        known = await asyncio.to_thread(self.outbox.known_messages, owed.chat, owed.floor)
        return await settle(self.bot, owed, content, probe=probe, known=known)

    async def _edit(self, chat: int, message: int, content: Content) -> bool | None:
        """Edit; None if the message is not there, so that another has to take its place."""
        try:
            await client.edit(self.bot, chat, message, content)
        except BadRequest as error:
            if client.message_is_gone(error):
                return None
            raise
        return True

    def _note(self, owed: Owed, message: int) -> None:
        with self.outbox.engine.begin() as connection:
            self.outbox.sent(connection, owed, message)
            if owed.exchange is not None:
                self.conversations.note_message(connection, owed.chat, message, owed.exchange, from_bot=True)
