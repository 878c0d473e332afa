"""What a person sees when something fails: one plain sentence and a short id; the log has the rest under the same id."""

import logging
import secrets

from telegram import Update
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.telegram import texts
from bot.telegram.handlers.answers import take_preview_away
from bot.telegram.handlers.gate import is_for_bot, is_let_in
from bot.telegram.members import ALPHABET
from bot.telegram.parts import FAILURE, Parts, place_of
from retrieval import FootnoteError

ID_LENGTH = 6
_log = logging.getLogger(__name__)


class Errors:
    """Tells of failures: the whole of it to the log, one sentence to the person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def tell(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log a failure and say that there was one; no other handler gets the update then, for the failure may be the gate's."""
        try:
            await self._tell(update, context)
        except Exception:  # noqa: BLE001 - an update is never left to the other handlers
            _log.exception("A failure could not be told.")
        raise ApplicationHandlerStop

    async def _tell(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log first; say it to whoever was to be answered, and to an admin also what can be done, if that is known."""
        name = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
        number = update.update_id if isinstance(update, Update) else 0
        _log.error("An update failed.", exc_info=context.error, extra={"error_id": name, "update": number})
        if not isinstance(update, Update) or update.effective_message is None or update.effective_chat is None:
            return
        spoken_to = update.callback_query is not None or is_for_bot(update.effective_message, context.bot.bot)
        if not spoken_to or not await is_let_in(self._parts, update):
            return
        sentence = texts.WENT_WRONG.format(name=name)
        if isinstance(context.error, FootnoteError) and await self._parts.is_admin(update):
            sentence = f"{sentence}\n{context.error}"
        await self._parts.reply(update, sentence, number=FAILURE)
        await take_preview_away(self._parts, place_of(update))
