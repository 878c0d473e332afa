"""Who is let in: pairing by code, requests and their approval, groups, and the one polite sentence a day for everyone else."""

import asyncio
import re

from telegram import Chat, ChatMember, Message, Update, User
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.telegram import texts
from bot.telegram.contents import plain
from bot.telegram.handlers.buttons import acknowledge
from bot.telegram.handlers.questions import asked_of, is_by_no_person
from bot.telegram.members import Standing
from bot.telegram.menus import show_admin_menu
from bot.telegram.outbox import Owed
from bot.telegram.parts import NAME_LENGTH, Parts, message_of, name_of, place_of
from bot.telegram.shown import Button
from ingest.console import printable

ALLOWED = (Standing.ADMIN, Standing.MEMBER)
NOTICES = 100  # the numbers of the notices to admins, among the messages that an update leads to
COMMANDS = {"start", *texts.MENU, *texts.MENU_ADMIN}
LEFT = (ChatMember.LEFT, ChatMember.BANNED)
_ID = re.compile(r"-?[0-9]{1,18}")


class Access:
    """Lets an update pass or stops it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def gate(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Stop an update from someone who may not use the bot."""
        query = update.callback_query
        if query is not None and not isinstance(query.message, Message):  # of a message that is too old to be known
            await acknowledge(query, texts.OLD_BUTTON)
            raise ApplicationHandlerStop
        if update.my_chat_member is not None or update.effective_chat is None or update.effective_message is None:
            return
        if query is None and is_by_no_person(message_of(update), context.bot.bot):
            raise ApplicationHandlerStop
        if _is_migration(message_of(update)) or await self.is_let_in(update):
            return
        if query is not None:
            await acknowledge(query, texts.NOT_ALLOWED)
        else:
            await self._turn_away(update, context)
        raise ApplicationHandlerStop

    async def is_let_in(self, update: Update) -> bool:
        """Whether whoever has sent an update may use the bot."""
        place = place_of(update)
        if self._parts.settings.access == "open":
            return not await self._pairs(update)
        who = place.person if place.private else await asyncio.to_thread(self._parts.members.current, place.chat)
        return await asyncio.to_thread(self._parts.members.standing, who) in ALLOWED

    async def _turn_away(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Pair whoever sends the code; tell everyone else once a day, and the admins that somebody asks."""
        place, members = place_of(update), self._parts.members
        if self._parts.settings.access == "open" or await self._pairs(update):
            return
        if not is_for_bot(message_of(update), context.bot.bot):
            return
        group = await asyncio.to_thread(members.current, place.chat)
        who, name = (place.person, _person(update)) if place.private else (group, _title(update.effective_chat))
        if await asyncio.to_thread(members.is_due, who):
            refused = await asyncio.to_thread(members.standing, who) == Standing.REFUSED
            admins = [] if refused else await asyncio.to_thread(members.admins)
            sentence = texts.ASKED if admins else texts.TURNED_AWAY
            notices = [self._notice(update, admin, who, name, number) for number, admin in enumerate(admins, start=NOTICES)]
            own = Owed(place.update_id, 0, place.chat, place.person, plain(sentence, topic=place.topic, reply_to=place.reply_to))
            await asyncio.to_thread(self._parts.courier.outbox.owe, [own, *notices])
            await asyncio.to_thread(members.note_told, who, name)
        written = await asyncio.to_thread(self._parts.courier.outbox.of_update, place.update_id)
        await self._parts.courier.deliver(place.update_id, *(each.number for each in written))

    async def _pairs(self, update: Update) -> bool:
        """Whether this is the pairing code, which makes its sender admin."""
        place, message = place_of(update), message_of(update)
        typed = (message.text or "").removeprefix("/start").strip()
        if not place.private or not typed or update.callback_query is not None:
            return False
        if not await asyncio.to_thread(self._parts.members.pair, place.person, _person(update), typed):
            return False
        await self._parts.reply(update, texts.PAIRED)
        await show_admin_menu(self._parts.courier.bot, place.person)
        return True

    async def decide(self, update: Update, values: list[str]) -> str:
        """Let a person or group in or not, as an admin has pressed."""
        place = place_of(update)
        if not await self._parts.is_admin(update) or len(values) != 2 or not _ID.fullmatch(values[0]):  # noqa: PLR2004 - whom, and what
            return texts.NOT_ALLOWED
        let_in, members = values[1] == "1", self._parts.members
        who = await asyncio.to_thread(members.current, int(values[0]))
        standing = await asyncio.to_thread(members.standing, who)
        if standing in {Standing.UNKNOWN, Standing.ADMIN}:
            return texts.OLD_BUTTON
        await asyncio.to_thread(members.set_standing, who, Standing.MEMBER if let_in else Standing.REFUSED)
        name = await asyncio.to_thread(members.name, who)
        said = (texts.LET_IN if let_in else texts.NOT_LET_IN).format(name=name or who)
        message = message_of(update)
        undo = Button(texts.REFUSE, f"a:{who}:0") if let_in else Button(texts.ADMIT, f"a:{who}:1")
        await self._parts.courier.edit(message.chat_id, message.message_id, plain(said, (undo,)))
        if let_in and standing != Standing.MEMBER:
            welcome = plain(texts.WELCOME if who > 0 else texts.WELCOME_GROUP)
            await self._parts.courier.owe(Owed(place.update_id, 0, who, max(who, 0), welcome))
        return ""

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
        members = self._parts.members
        if self._parts.settings.access == "open" or await asyncio.to_thread(members.standing, chat.id) != Standing.UNKNOWN:
            return
        admins = await asyncio.to_thread(members.admins)
        notices = [
            self._notice(update, admin, chat.id, _title(chat), number) for number, admin in enumerate(admins, start=NOTICES)
        ]
        await asyncio.to_thread(members.note_asked, chat.id, _title(chat))
        if notices:
            await self._parts.courier.owe(*notices)

    def _notice(self, update: Update, admin: int, who: int, name: str, number: int) -> Owed:
        """The message that asks an admin about a person or a group."""
        text = (texts.REQUEST if who > 0 else texts.REQUEST_GROUP).format(name=name, id=who)
        row = (Button(texts.ADMIT, f"a:{who}:1"), Button(texts.REFUSE, f"a:{who}:0"))
        return Owed(update.update_id, number, admin, admin, plain(text, row))


def _person(update: Update) -> str:
    return name_of(update.effective_user) if update.effective_user else ""


def _title(chat: Chat | None) -> str:
    return printable(chat.title or str(chat.id))[:NAME_LENGTH] if chat else ""


def is_for_bot(message: Message, me: User) -> bool:
    """Whether a message is to be answered: in a group one of the bot's commands, or a question to it."""
    name, _, bot = next(iter((message.text or "").split()), "").lower().partition("@")
    command = name.removeprefix("/") in COMMANDS and name.startswith("/") and bot in {"", (me.username or "").lower()}
    return message.chat.type == Chat.PRIVATE or command or asked_of(message, me) is not None


def _is_migration(message: Message) -> bool:
    return bool(message.migrate_to_chat_id or message.migrate_from_chat_id)
