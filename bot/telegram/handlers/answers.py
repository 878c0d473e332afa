"""A question to its answer: asked in the light of its conversation, shown while it is made, and delivered once."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.exchanges import Asked
from bot.telegram import courier, texts
from bot.telegram.contents import contents, owed, plain
from bot.telegram.outbox import OWED, SENDING, Owed, Place
from bot.telegram.parts import FAILURE, Parts
from bot.telegram.previews import PLACEHOLDER, Preview, typing
from bot.telegram.render import show_answer, show_preview
from bot.telegram.works import Stopped, Work
from retrieval import Answer, FootnoteError, Turn

if TYPE_CHECKING:
    from retrieval import AnswerSentence


class Ledger:
    """The memory of one question: its turns, and a transaction that keeps the answer and writes down the messages it makes."""

    def __init__(self, parts: Parts, asked: Asked, place: Place, *, replaces: int | None = None) -> None:
        self._parts, self._asked, self._place, self._replaces = parts, asked, place, replaces

    def turns(self) -> Sequence[Turn]:
        """The turns before the question, oldest first."""
        return self._parts.conversations.turns(self._asked.parent)

    def remember(self, answer: Answer) -> None:
        """Keep the exchange and owe its messages, those of an answer that is replaced as edits.

        Raises Stopped, and keeps nothing, if the question was called off: its update is done with then, or something else owed.
        """
        parts, update_id = self._parts, self._asked.update_id
        shown_before = [] if self._replaces is None else parts.conversations.messages(self._replaces)
        with parts.engine.begin() as connection:
            number = parts.conversations.record(connection, self._asked, answer, replaces=self._replaces)
            messages = self._messages(answer, number, shown_before)
            written = parts.courier.outbox.add(connection, messages)
            if written < len(messages) or not parts.inbox.is_waiting_in(connection, update_id):
                raise Stopped

    def _messages(self, answer: Answer, number: int, shown_before: Sequence[int]) -> list[Owed]:
        """The messages that show an answer; as far as there are messages that have shown another one, in their place."""
        place = self._place
        parts = contents(show_answer(answer, str(number)), topic=place.topic, reply_to=place.reply_to)
        messages = owed(place, parts, exchange=number)
        edited = [replace(each, message=before) for each, before in zip(messages, shown_before, strict=False)]
        return [*edited, *messages[len(edited) :]]


async def answer(parts: Parts, asked: Asked, place: Place, work: Work, *, replaces: int | None = None) -> None:
    """Answer a question, unless that is done already, and deliver the answer."""
    if await asyncio.to_thread(parts.courier.outbox.get, asked.update_id, 0) is None:
        try:
            await _make(parts, asked, Ledger(parts, asked, place, replaces=replaces), place, work)
        except Stopped:  # the answer may have been kept at that very moment: then it stays, and is delivered
            stopped = plain(texts.STOPPED_ANSWER, topic=place.topic, reply_to=place.reply_to)
            await asyncio.to_thread(parts.courier.outbox.owe, owed(place, [stopped]))
    await _deliver(parts, place)


async def _make(parts: Parts, asked: Asked, ledger: Ledger, place: Place, work: Work) -> None:
    """Have the chain answer, and show on the way what there is."""
    preview = Preview(parts.courier, place, streaming=parts.settings.streaming)
    sentences: list[AnswerSentence] = []
    try:
        async with typing(parts.courier, place):
            events = parts.answering.events(asked.question, ledger, work, lambda: parts.begin(asked.update_id))
            async with aclosing(events):
                async for event in events:
                    if not isinstance(event, Answer):
                        sentences.append(event)
                        preview.show(show_preview(sentences))
    finally:
        await preview.end()


async def _deliver(parts: Parts, place: Place) -> None:
    """Deliver the messages of an answer, then take away what does not show it: parts of the one before, and the preview."""
    messages = await asyncio.to_thread(parts.courier.outbox.of_update, place.update_id)
    exchange = messages[0].exchange if messages else None  # else they were erased at this very moment
    before = [] if exchange is None else await asyncio.to_thread(parts.conversations.messages, exchange)
    ids = await parts.courier.deliver(place.update_id, *(each.number for each in messages if each.number < FAILURE))
    await take_preview_away(parts, place)
    if None in ids and place.chat not in parts.courier.gone:
        message = "Telegram has refused the message that holds the answer."
        raise FootnoteError(message)
    for needless in {*before} - {*ids}:
        await parts.courier.take_away(place.chat, needless)


async def take_preview_away(parts: Parts, place: Place) -> None:
    """Take away the message that was shown while an answer was made; what became of it is found out if need be."""
    shown = await asyncio.to_thread(parts.courier.outbox.get, place.update_id, PLACEHOLDER)
    if shown is None:
        return
    if shown.state == OWED:  # it was never on its way
        await asyncio.to_thread(parts.courier.outbox.drop, shown)
        return
    if shown.state == SENDING:  # it may still arrive
        await asyncio.sleep(courier.UNSURE_PAUSE)
    for message in filter(None, await parts.courier.deliver(place.update_id, PLACEHOLDER)):
        await parts.courier.take_away(place.chat, message)
