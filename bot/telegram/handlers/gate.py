"""Who gets past the door: pairing by code, the one polite sentence a day for strangers, and the limit on what one person asks."""

import asyncio
import logging
import time

from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.telegram import texts
from bot.telegram.contents import owed, plain
from bot.telegram.handlers.buttons import acknowledge
from bot.telegram.handlers.questions import asked_of, is_by_no_person
from bot.telegram.handlers.requests import NOTICES, notice, title_of
from bot.telegram.limits import RateLimit
from bot.telegram.members import Standing, is_code
from bot.telegram.menus import show_admin_menu
from bot.telegram.outbox import Owed
from bot.telegram.parts import Parts, message_of, name_of, person_of, place_of
from bot.telegram.updates import STOP, brings_articles, command_of

ALLOWED = (Standing.ADMIN, Standing.MEMBER)
COMMANDS = {"start", *texts.MENU, *texts.MENU_ADMIN}
FREE = ("cancel", "new", "forget")  # commands that do not count
TAPS = 3  # for each question that one person may ask
_log = logging.getLogger(__name__)


class Gate:
    """Lets an update pass to the other handlers, or stops it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._questions, self._taps = RateLimit(parts.settings.rate), RateLimit(TAPS * parts.settings.rate)

    async def check(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Stop an update from someone who may not use the bot, or who asks too much."""
        if update.my_chat_member is not None or update.effective_chat is None or update.effective_message is None:
            return
        passed = self._may_tap(update, update.callback_query) if update.callback_query else self._may_say(update, context)
        if not await passed:
            raise ApplicationHandlerStop

    async def _may_tap(self, update: Update, query: CallbackQuery) -> bool:
        """Whether a tap may do something; else it is answered with the reason."""
        if not isinstance(query.message, Message):  # one that is too old to be known
            await acknowledge(query, texts.OLD_BUTTON)
        elif not await is_let_in(self._parts, update):
            await acknowledge(query, texts.NOT_ALLOWED)
        elif query.data == STOP or (verdict := self._taps.ask(person_of(update), time.time())).allowed:
            return True
        else:
            await acknowledge(query, texts.TOO_FAST.format(seconds=verdict.seconds))
        return False

    async def _may_say(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> bool:
        """Whether a message may be answered; else its sender is told why not, if they are to be told."""
        message = message_of(update)
        if is_by_no_person(message, context.bot.bot):
            return False
        if message.migrate_to_chat_id or message.migrate_from_chat_id:
            return True
        if await self._pairs(update):
            return False
        for_bot = is_for_bot(message, context.bot.bot)
        if not await is_let_in(self._parts, update):
            if for_bot and self._parts.settings.access == "paired":
                await self._turn_away(update)
            return False
        return not for_bot or await self._within_limit(update, message)

    async def _within_limit(self, update: Update, message: Message) -> bool:
        """Whether a person has not said too much in a minute; a few commands, and an admin's articles, do not count."""
        if command_of(message.text) in FREE or (brings_articles(message.to_dict()) and await self._parts.is_admin(update)):
            return True
        verdict = self._questions.ask(person_of(update), (message.edit_date or message.date).timestamp())
        if verdict.told:
            most = self._parts.settings.rate
            await self._parts.reply(update, texts.TOO_MANY.format(most=most, seconds=verdict.seconds))
        return verdict.allowed

    async def _turn_away(self, update: Update) -> None:
        """Tell a stranger once a day how they stand, and the admins that somebody asks."""
        place, members = place_of(update), self._parts.members
        group = await asyncio.to_thread(members.current, place.chat)
        who, name = (place.person, _person(update)) if place.private else (group, title_of(update.effective_chat))
        if await asyncio.to_thread(members.is_due, who):
            refused = await asyncio.to_thread(members.standing, who) == Standing.REFUSED
            admins = await asyncio.to_thread(members.admins)
            sentence = texts.NO_ADMIN if not admins else texts.TURNED_AWAY if refused else texts.ASKED
            asked = [] if refused else admins
            notices = [notice(update, admin, who, name, number) for number, admin in enumerate(asked, start=NOTICES)]
            own = Owed(place.update_id, 0, place.chat, place.person, plain(sentence, topic=place.topic, reply_to=place.reply_to))
            await asyncio.to_thread(self._parts.courier.outbox.owe, [own, *notices])
            await asyncio.to_thread(members.note_told, who, name)
        written = await asyncio.to_thread(self._parts.courier.outbox.of_update, place.update_id)
        await self._parts.courier.deliver(place.update_id, *(each.number for each in written))

    async def _pairs(self, update: Update) -> bool:
        """Whether this is the pairing code, which makes its sender admin."""
        place, typed = place_of(update), (message_of(update).text or "").removeprefix("/start").strip()
        if not place.private or not is_code(typed) or not await asyncio.to_thread(self._pair, update, typed):
            return False
        await self._parts.courier.deliver(place.update_id, 0)
        _log.info("Somebody has paired and is admin now.", extra={"person": place.person})
        await show_admin_menu(self._parts.courier.bot, place.person)
        return True

    def _pair(self, update: Update, typed: str) -> bool:
        """Make a person admin and owe them the news of it, both or neither."""
        place = place_of(update)
        with self._parts.engine.begin() as connection:
            paired = self._parts.members.pair(connection, place.person, _person(update), typed)
            if paired:
                self._parts.courier.outbox.add(connection, owed(place, [plain(texts.PAIRED)]))
        return paired


async def is_let_in(parts: Parts, update: Update) -> bool:
    """Whether whoever has sent an update may use the bot."""
    if parts.settings.access == "open":
        return True
    place = place_of(update)
    who = place.person if place.private else await asyncio.to_thread(parts.members.current, place.chat)
    return await asyncio.to_thread(parts.members.standing, who) in ALLOWED


def is_for_bot(message: Message, me: User) -> bool:
    """Whether a message is to be answered: in a group one of the bot's commands, or a question to it."""
    command = command_of(message.text, username=me.username or "")
    return message.chat.type == Chat.PRIVATE or command in COMMANDS or asked_of(message, me) is not None


def _person(update: Update) -> str:
    return name_of(update.effective_user) if update.effective_user else ""
