"""A question to its answer: asked in the light of its conversation, shown while it is made, and delivered once."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.exchanges import Asked
from bot.telegram import texts
from bot.telegram.contents import contents, owed, plain
from bot.telegram.inbox import ATTEMPTS
from bot.telegram.outbox import OWED, SENT, Owed, Place
from bot.telegram.parts import FAILURE, Parts
from bot.telegram.previews import PLACEHOLDER, Preview, typing
from bot.telegram.render import show_answer, show_preview
from bot.telegram.works import Stopped, Work
from retrieval import Answer, FootnoteError, LibraryError, Turn

if TYPE_CHECKING:
    from retrieval import AnswerSentence


class Ledger:
    """The memory of one question: its turns, and a transaction that keeps the answer and writes down the messages it makes."""

    def __init__(self, parts: Parts, asked: Asked, place: Place, work: Work, *, replaces: int | None = None) -> None:
        self._parts, self._asked, self._place, self._work, self._replaces = parts, asked, place, work, replaces

    def turns(self) -> Sequence[Turn]:
        """The turns before the question, oldest first."""
        return self._parts.conversations.turns(self._asked.parent)

    def remember(self, answer: Answer) -> None:
        """Keep the exchange, and owe its messages; those of an answer that is replaced are edited."""
        if self._work.stop.is_set():
            raise Stopped
        shown_before = [] if self._replaces is None else self._parts.conversations.messages(self._replaces)
        with self._parts.engine.begin() as connection:
            number = self._parts.conversations.record(connection, self._asked, answer, replaces=self._replaces)
            place = self._place
            parts = contents(show_answer(answer, str(number)), topic=place.topic, reply_to=place.reply_to)
            messages = owed(place, parts, exchange=number)
            edited = [replace(each, message=before) for each, before in zip(messages, shown_before, strict=False)]
            self._parts.courier.outbox.add(connection, [*edited, *messages[len(edited) :]])


async def answer(parts: Parts, asked: Asked, place: Place, *, replaces: int | None = None) -> None:
    """Answer a question, unless that is done already, and deliver the answer."""
    written = await asyncio.to_thread(parts.courier.outbox.get, asked.update_id, 0)
    if written is None:
        with parts.works.begun(asked.update_id, chat=place.chat, person=place.person) as work:
            try:
                await _make(parts, asked, Ledger(parts, asked, place, work, replaces=replaces), place, work)
            except Stopped:
                await _say_stopped(parts, place)
                return
    await _deliver(parts, place)


async def _make(parts: Parts, asked: Asked, ledger: Ledger, place: Place, work: Work) -> None:
    """Have the chain answer, and show on the way what there is."""
    preview = Preview(parts.courier, place, streaming=parts.settings.streaming)
    sentences: list[AnswerSentence] = []
    try:
        async with typing(parts.courier, place):
            events = parts.answering.events(asked.question, ledger, work, lambda: _begin(parts, asked.update_id))
            async with aclosing(events):
                async for event in events:
                    if not isinstance(event, Answer):
                        sentences.append(event)
                        preview.show(show_preview(sentences))
    finally:
        await preview.end()


def _begin(parts: Parts, update_id: int) -> None:
    """Note that an answer is being made; raises LibraryError if the process has died of it time and again."""
    if parts.inbox.begin(update_id) > ATTEMPTS:
        message = "The program has ended each time it tried to answer this question."
        raise LibraryError(message, help="The log has it under the update's number.")


async def _deliver(parts: Parts, place: Place) -> None:
    """Deliver the messages of an answer; the first takes the place of the one that was shown meanwhile, if there was one."""
    shown = await _placeholder(parts, place)
    messages = await asyncio.to_thread(parts.courier.outbox.of_update, place.update_id)
    numbers = [each.number for each in messages if each.number < FAILURE]
    if shown is not None and messages[0].state == OWED and messages[0].message is None:
        await asyncio.to_thread(parts.courier.outbox.aim, messages[0], shown)
    ids = await parts.courier.deliver(place.update_id, *numbers)
    if None in ids and place.chat not in parts.courier.gone:
        message = "Telegram has refused the message that holds the answer."
        raise FootnoteError(message)
    await _take_away_rest(parts, place, shown)


async def _take_away_rest(parts: Parts, place: Place, shown: int | None) -> None:
    """Take away what does not show the answer any more: parts of a longer one before it, and what was shown meanwhile."""
    messages = await asyncio.to_thread(parts.courier.outbox.of_update, place.update_id)
    exchange = messages[0].exchange
    before = [] if exchange is None else await asyncio.to_thread(parts.conversations.messages, exchange)
    standing = {each.message for each in messages if each.number < FAILURE}
    for needless in {*before, *filter(None, [shown])} - standing:
        await parts.courier.take_away(place.chat, needless)


async def _placeholder(parts: Parts, place: Place) -> int | None:
    """The message that was shown while the answer was made; what became of it is found out if need be."""
    return next(iter(await parts.courier.deliver(place.update_id, PLACEHOLDER)), None)


async def left_over(parts: Parts, place: Place) -> int | None:
    """The message that was shown while an answer was made, unless a part of the answer has taken its place."""
    shown = await _placeholder(parts, place)
    messages = await asyncio.to_thread(parts.courier.outbox.of_update, place.update_id)
    taken = {each.message for each in messages if each.number < FAILURE and each.state == SENT}
    return None if shown in taken else shown


async def _say_stopped(parts: Parts, place: Place) -> None:
    content = plain(texts.STOPPED_ANSWER, topic=place.topic, reply_to=place.reply_to)
    shown = await _placeholder(parts, place)
    await parts.courier.owe(Owed(place.update_id, 0, place.chat, place.person, content, message=shown))
