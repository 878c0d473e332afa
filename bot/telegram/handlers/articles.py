"""Articles from a chat: admins send a file, a link or a feed, watch it being read, and take articles out again."""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from telegram import Document, Update
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from bot.listing import matching
from bot.telegram import client, texts
from bot.telegram.contents import owed, plain
from bot.telegram.handlers.buttons import acknowledge
from bot.telegram.handlers.listings import words_of
from bot.telegram.listing import no_such_articles
from bot.telegram.outbox import Owed
from bot.telegram.parts import Parts, message_of, place_of
from bot.telegram.previews import ended, ends_within
from bot.telegram.reporting import show_progress, show_report
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import LABEL_LENGTH, NAME_LENGTH, Button, named, shortened, title_of
from bot.telegram.updates import REALLY_REMOVE, only_links
from bot.telegram.works import Work

if TYPE_CHECKING:
    from ingest import Report

MOST_BYTES = 20_000_000  # that Telegram hands to a bot
EDIT_SECONDS = 3.0  # between two edits of the message that shows how far it is
PAUSES = (1.0, 5.0, 20.0)  # seconds between two attempts to get a file
NAMED = 5  # articles whose titles a report tells
CHOICES = 8  # articles that one message offers to take out
REPORT = 1  # the number of the report among the messages that an update leads to; 0 is the message that it takes the place of
REMOVE = "r"  # what the buttons of /remove say


class Articles:
    """Brings articles in and takes them out, for admins in a private chat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def upload(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Read a file that was sent."""
        document = message_of(update).document
        if document is None or not await self._may(update):
            return
        if (document.file_size or 0) > MOST_BYTES:
            await self._parts.reply(update, texts.TOO_LARGE)
            return
        try:
            data = await downloaded(document)
        except BadRequest as error:
            large = "too big" in error.message.lower()
            await self._parts.reply(update, texts.TOO_LARGE if large else texts.NOT_DOWNLOADED)
            return
        path = await asyncio.to_thread(self._parts.shelf.keep, document.file_name or "", data)
        await self._bring(update, [str(path)], upload=path)

    async def add(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Read the links behind /add."""
        if not await self._may(update):
            return
        links = only_links(" ".join(context.args or []))
        await (self._bring(update, links) if links else self._parts.reply(update, texts.HOW_TO_ADD))

    async def links(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Read the links that a message consists of."""
        if await self._may(update):
            await self._bring(update, only_links(message_of(update).text or ""))

    async def remove(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Offer the articles with these words to be taken out."""
        if not await self._may(update):
            return
        words = words_of(context)
        every = await self._parts.articles()
        found = matching(every, words) if words else []
        if not found:
            await self._parts.reply(update, no_such_articles(words) if words else texts.HOW_TO_REMOVE)
            return
        rows = []
        for record in found[:CHOICES]:
            key = await asyncio.to_thread(self._parts.shortcuts.make, record.source, place_of(update).person)
            rows.append((Button(shortened(title_of(record), LABEL_LENGTH), f"{REMOVE}:{key}"),))
        more = texts.MORE_ARTICLES.format(count=CHOICES, total=len(found)) if len(found) > CHOICES else ""
        await self._parts.reply(update, "\n".join(filter(None, [texts.WHICH_ONE, more])), *rows)

    async def choose(self, update: Update, values: list[str]) -> str:
        """Ask whether the chosen article is really to be taken out."""
        source, title = await self._chosen(update, values)
        if source is None:
            return texts.OLD_BUTTON
        row = (Button(texts.REMOVE, f"{REALLY_REMOVE}:{values[0]}"), Button(texts.KEEP, "x"))
        message = message_of(update)
        await self._parts.courier.edit(message.chat_id, message.message_id, plain(filled(texts.REALLY, title=title), row))
        return ""

    async def really_remove(self, update: Update, values: list[str]) -> str:
        """Take the chosen article out."""
        source, title = await self._chosen(update, values)
        if source is None:
            return texts.OLD_BUTTON
        if update.callback_query is not None:  # at once, for articles may be being read at the moment
            await acknowledge(update.callback_query, "")
        removed = await self._parts.shelf.remove(source)
        message = message_of(update)
        said = filled(texts.REMOVED, title=title) if removed else texts.NOT_THERE
        await self._parts.courier.edit(message.chat_id, message.message_id, plain(said))
        return ""

    async def _chosen(self, update: Update, values: list[str]) -> tuple[str | None, RichText]:
        """The source and title of the article that a button names; no source if an admin has not pressed one of theirs."""
        source = await asyncio.to_thread(self._parts.shortcuts.meaning, values[0]) if values else None
        if source is None or not await self._parts.is_admin(update):
            return None, RichText()
        every = await self._parts.articles()
        record = next((record for record in every if record.source == source), None)
        return source, named(title_of(record) if record else source.rpartition("/")[2])

    async def _may(self, update: Update) -> bool:
        """Whether an admin asks in a private chat; anyone else is told that only they can do this."""
        if await self._parts.is_admin(update):
            return True
        await self._parts.reply(update, texts.ADMINS_ONLY)
        return False

    async def _bring(self, update: Update, sources: list[str], *, upload: Path | None = None) -> None:
        """Bring sources in; one message shows how far it is, and in the end the report."""
        place = place_of(update)
        if await asyncio.to_thread(self._parts.courier.outbox.get, place.update_id, REPORT) is not None:
            await self._parts.courier.deliver(place.update_id, REPORT)
            return
        begun = plain(texts.READING_IT, topic=place.topic, reply_to=message_of(update).message_id)
        shown = await self._parts.courier.owe(*owed(place, [begun]))
        try:
            with self._parts.works.begun(place.update_id, chat=place.chat, person=place.person) as work:
                report = await self._sync(place.chat, shown, sources, work)
        except Exception:
            if shown is not None:  # else it says for ever that something is being read
                await self._parts.courier.take_away(place.chat, shown)
            raise
        about = await asyncio.to_thread(self._about_upload, upload, report)
        content = plain(join("\n", [show_report(report), *await self._titles(report), *about]))
        await self._parts.courier.owe(Owed(place.update_id, REPORT, place.chat, place.person, content, message=shown))

    async def _titles(self, report: "Report") -> list[RichText]:
        """What the first of the articles are called that came in, or were there already."""
        every = await self._parts.articles()
        titles = {record.source: named(title_of(record), NAME_LENGTH) for record in every}
        kinds = ((texts.BROUGHT_IN, [*report.added, *report.updated]), (texts.THERE_ALREADY, report.unchanged))
        return [filled(text, title=titles[source]) for text, sources in kinds for source in sources[:NAMED] if source in titles]

    def _about_upload(self, upload: Path | None, report: "Report") -> list[RichText]:
        """What there is to say of a file that was sent; one that could not be read is not kept."""
        if upload is None:
            return []
        if str(upload.resolve()) not in {*report.added, *report.updated, *report.unchanged} and not report.interrupted:
            self._parts.shelf.discard(str(upload))
            return []
        return [filled(texts.NAMESAKE, name=named(upload.name))] if self._parts.shelf.has_namesake(upload) else []

    async def _sync(self, chat: int, shown: int | None, sources: list[str], work: Work) -> "Report":
        news = News()
        work.on_stop = lambda: news.tell(texts.STOPPING)
        await asyncio.to_thread(self._parts.begin, work.update_id)
        end = asyncio.Event()
        showing = asyncio.create_task(self._show(chat, shown, news, end))
        try:
            return await self._parts.shelf.sync(sources, lambda progress: news.tell(show_progress(progress)), work.stop)
        finally:
            end.set()
            await ended(showing)  # an edit that is on its way had better not come after the report

    async def _show(self, chat: int, shown: int | None, news: "News", end: asyncio.Event) -> None:
        """Edit the message whenever there is news, but not too often."""
        while shown is not None and not await ends_within(end, EDIT_SECONDS):
            if text := news.take():
                bot = self._parts.courier.bot
                await self._parts.courier.quickly(chat, partial(client.edit, bot, chat, shown, plain(text)))


class News:
    """The newest of what is told, in whichever thread, until it is taken."""

    def __init__(self) -> None:
        self._text: RichText | str = ""

    def tell(self, text: RichText | str) -> None:
        """Tell something newer."""
        self._text = text

    def take(self) -> RichText | str:
        """What was told since the last time, if anything."""
        text, self._text = self._text, ""
        return text


async def downloaded(document: Document) -> bytes:
    """The bytes of a file; what goes wrong on the way is tried again a few times, a refusal is not."""
    for pause in PAUSES:
        try:
            return await _fetched(document)
        except BadRequest:
            raise
        except RetryAfter as error:
            await asyncio.sleep(client.seconds_to_wait(error))
        except TelegramError:
            await asyncio.sleep(pause)
    return await _fetched(document)


async def _fetched(document: Document) -> bytes:
    file = await document.get_file()
    return bytes(await file.download_as_bytearray())
