"""The short commands: /start, /help, /new, /why, /cancel, /status, /forget, and those that nobody knows."""

import asyncio

from telegram import Update
from telegram.ext import ContextTypes

from bot.exchanges import Exchange
from bot.telegram import texts
from bot.telegram.explaining import show_why
from bot.telegram.inbox import QUARANTINED, Stored, sender_of
from bot.telegram.parts import Parts, message_of, place_of, thread_of
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import Button, named
from bot.telegram.updates import chat_of, is_question
from bot.telegram.works import draft_id
from retrieval.database import empty_log

MOST_REQUESTS = 10  # that are shown with their buttons


class Commands:
    """Does what a command says."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def start(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Greet; who starts the bot anew has let it in again."""
        await self._parts.courier.find_again(place_of(update).chat)
        await self._parts.reply(update, texts.START + (f"\n\n{texts.START_ADMIN}" if await self._parts.is_admin(update) else ""))

    async def help(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Say what can be done here."""
        await self._parts.reply(update, texts.HELP + (f"\n\n{texts.HELP_ADMIN}" if await self._parts.is_admin(update) else ""))

    async def new(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Begin a new conversation."""
        await asyncio.to_thread(self._parts.conversations.begin_anew, thread_of(update))
        await self._parts.reply(update, texts.NEW)

    async def why(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Say how the answer that is replied to, or the last one of the thread, was come by."""
        found = await asyncio.to_thread(self._answer_meant, update)
        await self._parts.reply(update, show_why(found) if found else texts.NOTHING_TO_EXPLAIN)

    async def cancel(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Stop what the person has asked for here, and forget what they have asked besides."""
        place = place_of(update)
        waiting = self._parts.dispatcher.discard(
            lambda stored: chat_of(stored) == place.chat and _asks(stored, place.person, before=update.update_id)
        )
        await asyncio.to_thread(self._parts.inbox.finish, *(stored.update_id for stored in waiting))
        stopped = self._parts.works.stop(lambda work: (work.chat, work.person) == (place.chat, place.person))
        if not stopped:
            await self._parts.reply(update, texts.DROPPED.format(count=len(waiting)) if waiting else texts.NOTHING_TO_STOP)

    async def forget(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Erase everything that is stored about the person, but for how they stand."""
        person, parts = place_of(update).person, self._parts
        waiting = parts.dispatcher.discard(lambda stored: _asks(stored, person, before=update.update_id))
        await asyncio.to_thread(parts.inbox.finish, *(stored.update_id for stored in waiting))
        parts.works.stop(lambda work: work.person == person)
        await asyncio.to_thread(self._erase, update.update_id, person)
        await self._parts.reply(update, texts.FORGOTTEN)
        await asyncio.to_thread(self._parts.inbox.finish, update.update_id)  # the command itself has the person's name
        await asyncio.to_thread(empty_log, self._parts.engine)

    async def status(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Say how the library is; admins are told more, and of open requests."""
        found, chat_model = await self._parts.answering.call(lambda chain: (chain.retriever.library.status(), chain.chat_model))
        lines: list[RichText | str] = [texts.STATUS.format(articles=found.articles)]
        if not await self._parts.is_admin(update):
            await self._parts.reply(update, lines[0])
            return
        counts = await asyncio.to_thread(self._parts.inbox.counts)
        lines.append(
            filled(
                texts.STATUS_ADMIN,
                chunks=found.chunks,
                order=texts.IN_ORDER if found.agree else texts.OUT_OF_ORDER,
                model=named(found.model.name if found.model else texts.NO_EMBEDDING),
                chat_model=named(chat_model.name if chat_model else texts.NO_MODEL),
                waiting=self._parts.dispatcher.at_hand,
                quarantined=counts.get(QUARANTINED, 0),
            )
        )
        requests = await asyncio.to_thread(self._parts.members.waiting)
        lines += [texts.STATUS_REQUESTS] if requests else []
        rows = [
            (Button(texts.ADMIT_NAMED.format(name=each.name), f"a:{each.id}:1"), Button(texts.REFUSE, f"a:{each.id}:0"))
            for each in requests[:MOST_REQUESTS]
        ]
        await self._parts.reply(update, join("\n", lines), *rows)

    async def stopped_draft(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Stop the answer whose draft a person has stopped; PTB does not know these updates yet."""
        stopped = update.api_kwargs.get("stopped_message_generation")
        if isinstance(stopped, dict):
            person, draft = stopped["chat"]["id"], stopped["draft_id"]
            self._parts.works.stop(lambda work: work.person == person and draft_id(work.update_id) == draft)

    async def unknown(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Say in a private chat that a command is none; in a group it may be another bot's."""
        if place_of(update).private:
            await self._parts.reply(update, texts.UNKNOWN_COMMAND)

    def _answer_meant(self, update: Update) -> Exchange | None:
        """The exchange that a message is about: of this chat, for both ways to it begin there."""
        conversations, message = self._parts.conversations, message_of(update)
        replied = message.reply_to_message
        found = conversations.of_message(message.chat_id, replied.message_id) if replied else None
        head = None if found else conversations.head(thread_of(update))
        return found if head is None else conversations.get(head)

    def _erase(self, update_id: int, person: int) -> None:
        parts = self._parts
        with parts.engine.begin() as connection:
            parts.courier.outbox.erase(connection, person, besides=update_id)
            parts.inbox.erase(connection, person, before=update_id)
            for store in (parts.conversations, parts.members, parts.shortcuts):
                store.erase(connection, person)
        empty_log(parts.engine)


def _asks(stored: Stored, person: int, *, before: int) -> bool:
    """Whether an update is a person's question that came before another update."""
    return is_question(stored) and sender_of(stored.payload) == person and stored.update_id < before
