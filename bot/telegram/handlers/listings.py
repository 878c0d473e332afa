"""What the library holds, as lists: /sources page by page, and /search."""

import asyncio

from telegram import Update
from telegram.ext import ContextTypes

from bot.listing import matching
from bot.questions import whole
from bot.telegram import texts
from bot.telegram.listing import PAGE, page_count, show_search, show_sources
from bot.telegram.parts import Parts, place_of
from bot.telegram.previews import typing
from bot.telegram.shown import Shown
from retrieval import AnswerChain, Passage

FOUND = 5  # passages of a search
LONGEST_WORDS = 300  # characters


class Listings:
    """Shows articles and passages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def sources(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The first page of the articles, or of those that have these words."""
        words = words_of(context)
        key = await asyncio.to_thread(self._parts.shortcuts.make, words, place_of(update).person) if words else "0"
        await self._parts.reply(update, await page_shown(self._parts, words, 0, key))

    async def search(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The passages that fit best, without an answer."""
        words = words_of(context)
        if not words:
            await self._parts.reply(update, texts.HOW_TO_SEARCH)
            return
        async with typing(self._parts.courier, place_of(update)):
            found = await self._parts.answering.call(lambda chain: _passages(chain, words))
        await self._parts.reply(update, show_search(found))


async def page_shown(parts: Parts, words: str, page: int, key: str) -> Shown:
    """One page of the articles that have these words; the last one if there are fewer pages by now."""
    every = await parts.articles()
    found = matching(every, words)
    page = min(page, page_count(len(found)) - 1)
    return show_sources(found[page * PAGE : (page + 1) * PAGE], page=page, total=len(found), words=words, key=key)


def words_of(context: ContextTypes.DEFAULT_TYPE) -> str:
    """What stands behind a command."""
    return whole(" ".join(context.args or []))[:LONGEST_WORDS]


def _passages(chain: AnswerChain, words: str) -> tuple[Passage, ...]:
    return chain.retriever.passages(chain.retriever.find(words), FOUND)
