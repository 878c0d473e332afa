"""Requests to be let in: the notice that asks an admin, what they decide, and groups that come, go and change."""

import asyncio
import logging
import re

from telegram import Chat, ChatMember, Update
from telegram.ext import ContextTypes

from bot.telegram import texts
from bot.telegram.contents import plain
from bot.telegram.members import Standing
from bot.telegram.outbox import Owed
from bot.telegram.parts import NAME_LENGTH, Parts, message_of
from bot.telegram.richtext import filled
from bot.telegram.shown import Button, named
from ingest.console import printable

NOTICES = 100  # the numbers of the notices to admins, among the messages that an update leads to
LEFT = (ChatMember.LEFT, ChatMember.BANNED)
_log = logging.getLogger(__name__)
_ID = re.compile(r"-?[0-9]{1,18}")


class Requests:
    """Keeps who may use the bot up to date."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def decide(self, update: Update, values: list[str]) -> str:
        """Let a person or group in or not, as an admin has pressed."""
        if not await self._parts.is_admin(update) or len(values) != 2 or not _ID.fullmatch(values[0]):  # noqa: PLR2004 - whom, and what
            return texts.NOT_ALLOWED
        let_in, members = values[1] == "1", self._parts.members
        who = await asyncio.to_thread(members.current, int(values[0]))
        if await asyncio.to_thread(members.standing, who) in {Standing.UNKNOWN, Standing.ADMIN}:
            return texts.OLD_BUTTON
        await asyncio.to_thread(self._decide, update.update_id, who, let_in)
        _log.info("An admin has decided.", extra={"who": who, "let_in": let_in})
        await self._parts.courier.deliver(update.update_id, 0)
        name = await asyncio.to_thread(members.name, who)
        said = filled(texts.LET_IN if let_in else texts.NOT_LET_IN, name=named(name or str(who)))
        undo = Button(texts.REFUSE, f"a:{who}:0") if let_in else Button(texts.ADMIT, f"a:{who}:1")
        message = message_of(update)
        await self._parts.courier.edit(message.chat_id, message.message_id, plain(said, (undo,)))
        return ""

    def _decide(self, update_id: int, who: int, let_in: bool) -> None:  # noqa: FBT001 - what was decided
        """Note a decision and owe a welcome to whoever is let in by it, both or neither."""
        welcome = plain(texts.WELCOME if who > 0 else texts.WELCOME_GROUP)
        with self._parts.engine.begin() as connection:
            changed = self._parts.members.set_standing(connection, who, Standing.MEMBER if let_in else Standing.REFUSED)
            if let_in and changed:
                self._parts.courier.outbox.add(connection, [Owed(update_id, 0, who, max(who, 0), welcome)])

    async def migration(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Go on under the new id of a group that has become a supergroup, from whichever side it is told."""
        message = message_of(update)
        if message.migrate_to_chat_id:
            await self._parts.courier.migrate(message.chat_id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            await self._parts.courier.migrate(message.migrate_from_chat_id, message.chat_id)

    async def membership(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Note that the bot was added to a chat, or blocked or thrown out of it."""
        change = update.my_chat_member
        if change is None:
            return
        chat = change.chat
        if change.new_chat_member.status in LEFT:
            await self._parts.courier.lose(chat.id, change.new_chat_member.status)
            return
        await self._parts.courier.find_again(chat.id)
        if chat.type in {Chat.GROUP, Chat.SUPERGROUP} and change.old_chat_member.status in LEFT:
            await self._added(update, chat)

    async def _added(self, update: Update, chat: Chat) -> None:
        """Ask the admins whether a group may use the bot."""
        members, outbox = self._parts.members, self._parts.courier.outbox
        known = await asyncio.to_thread(members.standing, chat.id) != Standing.UNKNOWN
        if self._parts.settings.access == "paired" and not known:
            admins = await asyncio.to_thread(members.admins)
            notices = [
                notice(update, admin, chat.id, title_of(chat), number) for number, admin in enumerate(admins, start=NOTICES)
            ]
            await asyncio.to_thread(outbox.owe, notices)
            await asyncio.to_thread(members.note_asked, chat.id, title_of(chat))
        written = await asyncio.to_thread(outbox.of_update, update.update_id)
        await self._parts.courier.deliver(update.update_id, *(each.number for each in written))


def notice(update: Update, admin: int, who: int, name: str, number: int) -> Owed:
    """The message that asks an admin about a person or a group."""
    text = filled(texts.REQUEST if who > 0 else texts.REQUEST_GROUP, name=named(name), id=who)
    row = (Button(texts.ADMIT, f"a:{who}:1"), Button(texts.REFUSE, f"a:{who}:0"))
    return Owed(update.update_id, number, admin, admin, plain(text, row))


def title_of(chat: Chat | None) -> str:
    """What a group is called, made harmless."""
    return printable(chat.title or str(chat.id))[:NAME_LENGTH] if chat else ""
