"""Asking Telegram for updates: each batch is stored before the next request acknowledges it."""

import asyncio
import logging
from contextlib import suppress

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.client import Client, seconds_to_wait
from bot.telegram.inbox import number_of
from bot.telegram.intake import Intake
from bot.telegram.settings import TOKEN_NAME
from bot.telegram.watchdog import Pulse
from retrieval import ServerDown, SettingsError

WAIT_SECONDS = 25  # that Telegram keeps a request open; shorter where the watchdog would bite before
ANSWER_SECONDS = 10.0  # beyond that
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
CONFLICT_PAUSE = 5.0
CHECK_SECONDS = 20.0  # between two looks whether Telegram is there, where no updates are asked for
CONFLICT = "Another program is receiving this bot's messages with the same token (409)."
_log = logging.getLogger(__name__)


class Polling:
    """Fetches updates until it is cancelled; raises SettingsError when the token is refused."""

    def __init__(self, bot: Client, intake: Intake, pulse: Pulse, *, watchdog: float) -> None:
        self._bot, self._intake, self._pulse = bot, intake, pulse
        self._wait = max(1, int(min(WAIT_SECONDS, watchdog / 3)))
        self._answer_seconds = min(ANSWER_SECONDS, watchdog / 3)
        self._offset: int | None = None

    async def run(self) -> None:
        """Fetch for ever."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._room()
                await self._fetch()
                pause = FIRST_PAUSE
            except InvalidToken:
                raise token_refused() from None
            except RetryAfter as error:
                await asyncio.sleep(seconds_to_wait(error))
            except Conflict:
                if self._pulse.trouble != CONFLICT:
                    _log.warning(CONFLICT)
                self._pulse.trouble = CONFLICT
                await asyncio.sleep(min(CONFLICT_PAUSE, self._answer_seconds))
            except TelegramError as error:
                _log.warning("Telegram could not be reached.", extra={"error": str(error)})
                self._pulse.trouble = ""
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except ServerDown as error:  # what could not be stored was not acknowledged, and comes again
                _log.warning("The database could not be reached.", extra={"error": str(error)})
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _room(self) -> None:
        """Wait until there is room for more updates; that Telegram is there is asked meanwhile in another way."""
        while not self._intake.has_room:
            await heard(self._bot, self._pulse)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._intake.room(), CHECK_SECONDS)

    async def _fetch(self) -> None:
        found = await self._bot.raw_updates(self._offset, seconds=self._wait, read_timeout=self._answer_seconds)
        self._pulse.beat()
        await self._intake.take(found)
        numbers = [number for each in found if (number := number_of(each)) is not None]
        if numbers:
            self._offset = max(numbers) + 1
        elif found:
            _log.error("Updates without a number came in, which cannot be acknowledged.", extra={"count": len(found)})
            await asyncio.sleep(1)


async def heard(bot: Client, pulse: Pulse) -> None:
    """Ask Telegram who the bot is, and note that it has answered."""
    await bot.get_me()
    pulse.beat()


def token_refused() -> SettingsError:
    """Say that Telegram does not know the token, or knows it no more."""
    message = f"Telegram does not accept the token in {TOKEN_NAME}: it was revoked or mistyped."
    return SettingsError(message, help="Get a new one from @BotFather, put it there, and start again.")
