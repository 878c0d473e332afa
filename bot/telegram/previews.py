"""What a person sees while an answer is in the making: the typing sign, a draft or a message that grows, and a way to stop it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from telegram import MessageEntity
from telegram.constants import ChatAction

from bot.telegram import client, texts
from bot.telegram.contents import contents
from bot.telegram.courier import Courier
from bot.telegram.outbox import Owed, Place
from bot.telegram.richtext import RichText, entities
from bot.telegram.shown import Button, Shown
from bot.telegram.updates import STOP
from bot.telegram.works import draft_id

TYPING_SECONDS = 4.0  # between two signs; Telegram shows each for five
PATIENCE = 1.0  # seconds an answer may take before anything but the typing sign is shown
DRAFT_SECONDS, EDIT_SECONDS = 0.7, 3.0  # between two drafts, and between two edits of a message
DRAFT_LIFE = 20.0  # a draft that is not renewed fades after thirty
GRACE = 0.5  # seconds that an answer waits for what shows its making to end
PLACEHOLDER = 900  # the number of that message among those that answer an update
_log = logging.getLogger(__name__)


@asynccontextmanager
async def typing(courier: Courier, place: Place) -> AsyncIterator[None]:
    """The typing sign, at once and for as long as the block runs."""

    async def keep_on() -> None:
        while True:
            await courier.quickly(
                place.chat,
                lambda: courier.bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.topic or None),
            )
            await asyncio.sleep(TYPING_SECONDS)

    task = asyncio.create_task(keep_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Preview:
    """An answer as far as it is; in private chats a draft, elsewhere (or where drafts are refused) a message that is edited."""

    def __init__(self, courier: Courier, place: Place, *, streaming: bool) -> None:
        self._courier, self._place, self._streaming = courier, place, streaming
        self._drafting = place.private and streaming
        self._text = RichText()
        self._shown: RichText | None = None
        self._shown_at = 0.0
        self._message: int | None = None
        self._end = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def show(self, text: RichText) -> None:
        """Show this as soon as it is time."""
        if self._streaming:
            self._text = text

    async def end(self) -> None:
        """Show nothing more; what is being sent has a moment to arrive, and is looked for afterwards if it does not."""
        self._end.set()
        await ended(self._task)

    async def _run(self) -> None:
        pause = PATIENCE
        try:
            while not await ends_within(self._end, pause):
                pause = await self._step()
        except Exception:  # noqa: BLE001 - whatever it is, the answer itself still comes
            _log.exception("An answer could not be shown while it is made.", extra={"update": self._place.update_id})

    async def _step(self) -> float:
        """Show what is new; seconds until the next time."""
        text, now = self._text, asyncio.get_running_loop().time()
        if text != self._shown or (self._drafting and now - self._shown_at > DRAFT_LIFE):
            self._drafting = self._drafting and await self._draft()
            if not self._drafting:
                await self._write()
            self._shown, self._shown_at = text, now  # there may be more meanwhile
        return DRAFT_SECONDS if self._drafting else EDIT_SECONDS

    async def _draft(self) -> bool:
        """Send a draft with a button to stop, for which PTB has no name yet; an empty one says that the bot is thinking."""
        place, bot, text = self._place, self._courier.bot, self._text
        return await self._courier.quickly(
            place.chat,
            lambda: bot.send_message_draft(
                place.chat,
                draft_id(place.update_id),
                text.text,
                entities=[MessageEntity.de_json(dict(each), None) for each in entities(text)],
                message_thread_id=place.topic or None,
                api_kwargs={"can_stop": True},
            ),
        )

    async def _write(self) -> None:
        """Send a message with a button to stop, or edit it; it goes when the answer comes."""
        place, stop = self._place, (Button(texts.STOP, STOP),)
        text = self._text or RichText(texts.LOOKING_FOR_ANSWER)
        (content,) = contents(Shown(text, (stop,)), topic=place.topic, reply_to=place.reply_to)
        if self._message is None:
            content = replace(content, silent=True)
            self._message = await self._courier.owe(Owed(place.update_id, PLACEHOLDER, place.chat, place.person, content))
        else:
            message = self._message
            await self._courier.quickly(place.chat, lambda: client.edit(self._courier.bot, place.chat, message, content))


async def ended(task: "asyncio.Task[None]") -> None:
    """Give a task that is told to end a moment for what it is about, then break it off."""
    await asyncio.wait({task}, timeout=GRACE)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def ends_within(end: asyncio.Event, seconds: float) -> bool:
    """Wait so many seconds, or until the end; whether it has come."""
    try:
        return await asyncio.wait_for(end.wait(), seconds)
    except TimeoutError:
        return False
