"""Buttons under the bot's messages: a source in its surroundings, a vote, a page of the list, closing, stopping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.exchanges import Exchange
from bot.telegram import texts
from bot.telegram.contents import contents, owed
from bot.telegram.handlers.listings import page_shown
from bot.telegram.outbox import Content
from bot.telegram.parts import Parts, message_of, place_of
from bot.telegram.render import by_source
from bot.telegram.shown import Shown
from bot.telegram.surroundings import show_surroundings

if TYPE_CHECKING:
    from retrieval import AnswerChain, Citation, Surroundings

MOST_PLACES = 3  # of one source that a tap opens
Pressed = Callable[[Update, list[str]], Awaitable[str]]


class Buttons:
    """Does what a button says, and answers the tap so that the button stops waiting."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pressed: dict[str, Pressed] = {
            "s": self._source,
            "v": self._vote,
            "p": self._page,
            "x": self._close,
            "stop": self._stop,
        }

    def also(self, name: str, pressed: Pressed) -> None:
        """Let another handler do what buttons of this name say."""
        self._pressed[name] = pressed

    async def press(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Do what a button says; data that none under its message has, or that is not for this chat, does nothing."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        data = query.data or ""
        name, *values = data.split(":")
        pressed = self._pressed.get(name) if _stands_under(message_of(update), data) else None
        words = await pressed(update, values) if pressed else texts.OLD_BUTTON
        await acknowledge(query, words)

    async def _source(self, update: Update, values: list[str]) -> str:
        exchange = await self._exchange(update, values)
        groups = by_source(exchange.citations) if exchange else []
        place = int(values[1]) if len(values) > 1 and values[1].isdecimal() else len(groups)
        if place >= len(groups):
            return texts.OLD_BUTTON
        found = await self._parts.answering.call(lambda chain: _surroundings(chain, groups[place]))
        if not found:
            return texts.SOURCE_GONE
        messages = [each for shown in found for each in self._beside(update, shown)]
        await self._parts.courier.owe(*owed(place_of(update), messages))
        return ""

    async def _vote(self, update: Update, values: list[str]) -> str:
        exchange = await self._exchange(update, values)
        if exchange is None or values[1:] not in (["0"], ["1"]):
            return texts.OLD_BUTTON
        changed = await asyncio.to_thread(
            self._parts.conversations.rate, exchange.id, place_of(update).person, liked=values[1] == "1"
        )
        return texts.THANKS if changed else texts.VOTED_ALREADY

    async def _page(self, update: Update, values: list[str]) -> str:
        number = int(values[1]) if len(values) > 1 and values[1].isdecimal() else 0
        key = values[0] if values else ""
        words = "" if key == "0" else await asyncio.to_thread(self._parts.shortcuts.meaning, key)
        if words is None or await self._shows_answer(update):
            return texts.OLD_BUTTON
        shown = await page_shown(self._parts, words, number, key)
        (content,) = contents(shown)
        message = message_of(update)
        await self._parts.courier.edit(message.chat_id, message.message_id, content)
        return ""

    async def _close(self, update: Update, _: list[str]) -> str:
        """Take away a message that a tap has opened; an answer is never taken away."""
        message = message_of(update)
        if not await self._shows_answer(update):
            await self._parts.courier.quickly(
                message.chat_id, lambda: self._parts.courier.bot.delete_message(message.chat_id, message.message_id)
            )
        return ""

    async def _stop(self, update: Update, _: list[str]) -> str:
        """Stop the answer whose making the message shows; what was asked in the name of a group anybody in it may stop."""
        message, person = message_of(update), place_of(update).person
        update_id = await asyncio.to_thread(self._parts.courier.outbox.shown_by, message.chat_id, message.message_id)
        stopped = self._parts.works.stop(lambda work: work.update_id == update_id and (work.person == person or work.person < 0))
        return "" if stopped else texts.NOTHING_TO_STOP

    async def _shows_answer(self, update: Update) -> bool:
        """Whether the message belongs to an answer, which no button changes or takes away."""
        message = message_of(update)
        found = await asyncio.to_thread(self._parts.conversations.of_message, message.chat_id, message.message_id)
        return found is not None

    async def _exchange(self, update: Update, values: list[str]) -> Exchange | None:
        """The exchange that a button names, if it is one of this chat's: what comes back from a button is a stranger's word."""
        number = int(values[0]) if values and values[0].isdecimal() and len(values[0]) < 19 else 0  # noqa: PLR2004 - 64 bits
        found = await asyncio.to_thread(self._parts.conversations.get, number)
        return found if found and found.thread.chat == place_of(update).chat else None

    def _beside(self, update: Update, shown: Shown) -> list[Content]:
        message = message_of(update)
        return contents(shown, topic=place_of(update).topic, reply_to=message.message_id)


def _surroundings(chain: "AnswerChain", group: tuple["Citation", ...]) -> list[Shown]:
    """The places of one source in which it is quoted, each once, with every quote in it marked."""
    places: dict[tuple[int, int], list[Surroundings]] = {}
    for each in group:
        found = chain.retriever.library.surroundings(each.source, each.start, each.end, quote=each.quote)
        if found is not None:
            places.setdefault((found.start, found.end), []).append(found)
    return [
        show_surroundings(same[0], same[0].text, [each.quote for each in same], before=same[0].start > 0, after=same[0].goes_on)
        for same in list(places.values())[:MOST_PLACES]
    ]


def _stands_under(message: Message, data: str) -> bool:
    """Whether a button under a message says this, as far as Telegram tells: a client can be made to send anything."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else None
    return rows is None or any(button.callback_data == data for row in rows for button in row)


async def acknowledge(query: CallbackQuery, words: str) -> None:
    """Answer a tap; one that is too old, or was answered before a crash, needs no answer any more."""
    try:
        await query.answer(words or None, show_alert=len(words) > 60)  # noqa: PLR2004 - more does not fit the line that fades
    except TelegramError:
        return
