"""The bot as a process: it starts, listens, stops when it is asked to, and ends with one clear sentence when it cannot go on."""

import asyncio
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING

import filelock
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.conversations import Conversations
from bot.telegram.alone import alone_on
from bot.telegram.answering import Answering
from bot.telegram.application import add_handlers, build_application
from bot.telegram.client import ALLOWED_UPDATES, Client, Transport, seconds_to_wait
from bot.telegram.courier import Courier
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.inbox import Inbox
from bot.telegram.intake import Intake
from bot.telegram.members import Members
from bot.telegram.menus import show_menus
from bot.telegram.outbox import Outbox
from bot.telegram.parts import Parts
from bot.telegram.polling import CHECK_SECONDS, FIRST_PAUSE, LONGEST_PAUSE, Polling, heard, token_refused
from bot.telegram.serving import Serving
from bot.telegram.settings import TelegramSettings
from bot.telegram.shelf import Changes, Shelf
from bot.telegram.shortcuts import Shortcuts
from bot.telegram.stored import open_conversations
from bot.telegram.updates import lane_of
from bot.telegram.watchdog import LOCK, Pulse, watch
from bot.telegram.works import Works
from retrieval import LibraryError, SettingsError
from retrieval.database import make_folder

if TYPE_CHECKING:
    from pathlib import Path

STOP_SECONDS = 7.0  # for what is being done when the process is asked to stop; containers kill after ten
CONNECTIONS = 64
ANSWER_SECONDS = 20.0  # that Telegram may take to answer a call; nobody knows then whether it has acted
_log = logging.getLogger(__name__)


def serve(  # noqa: PLR0913 - the parts of a bot, each by its name
    settings: TelegramSettings,
    folder: "Path",
    *,
    answering: Answering,
    changes: Changes,
    say: Callable[[str], None],
    database_url: str = "",
) -> None:
    """Run the bot until a signal asks it to stop; raises FootnoteError when it cannot go on."""
    make_folder(folder)
    lock = filelock.FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        message = f"Another bot is running on the data folder {folder}."
        raise LibraryError(message, help="Stop it first, or name another folder with --data.") from None
    except OSError as error:
        message = f"The data folder {folder} cannot be written to: {error.strerror}."
        raise LibraryError(message, help="Check its permissions, or name another folder with --data.") from None

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        service = Service(settings, folder, answering=answering, changes=changes, say=say, database_url=database_url)
        await service.run(stop)

    with lock:
        asyncio.run(run())


class Service:
    """One running bot."""

    def __init__(  # noqa: PLR0913 - as above
        self,
        settings: TelegramSettings,
        folder: "Path",
        *,
        answering: Answering,
        changes: Changes,
        say: Callable[[str], None],
        database_url: str = "",
    ) -> None:
        self._settings, self._folder, self._say = settings, folder, say
        self._pulse = Pulse(folder)
        self._bot = _client(settings)
        self._application = build_application(self._bot)
        self._parts, self._intake = self._build(answering, changes, database_url)

    @property
    def _check_seconds(self) -> float:
        """Seconds between two looks whether Telegram is there, where no updates are asked for."""
        return min(CHECK_SECONDS, self._settings.watchdog / 4)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until it is asked to stop; raises whatever makes going on impossible."""
        watching = watch(self._pulse, self._settings.watchdog)
        self._tell_code()
        work = [asyncio.create_task(each) for each in (self._listen(), self._fail_with_the_chain(), self._alone.keep())]
        asked = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([*work, asked], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            _log.info("Asked to stop; what is being done is finished first.")
        finally:
            await self._close([*work, asked])
            watching.set()

    def _build(self, answering: Answering, changes: Changes, database_url: str) -> tuple[Parts, Intake]:
        """Put the parts together."""
        engine = open_conversations(self._folder, database_url)
        self._alone = alone_on(engine)
        inbox, conversations, members = Inbox(engine), Conversations(engine), Members(engine)
        dispatcher = Dispatcher(lane_of)
        parts = Parts(
            settings=self._settings,
            engine=engine,
            inbox=inbox,
            conversations=conversations,
            members=members,
            shortcuts=Shortcuts(engine),
            courier=Courier(self._bot, Outbox(engine), conversations, members),
            dispatcher=dispatcher,
            answering=answering,
            shelf=Shelf(changes, self._folder),
            works=Works(),
        )
        serving = Serving(self._application, parts)
        dispatcher.lead_to(serving.serve, serving.still_waiting)
        add_handlers(self._application, parts)
        return parts, Intake(inbox, dispatcher, parts.courier)

    def _tell_code(self) -> None:
        """Print the pairing code as long as there is no admin."""
        code = self._parts.members.pairing_code()
        if code is not None:
            self._say(f"Pairing code: {code}. Send it to the bot in Telegram; the first person to do so becomes its admin.")

    async def _fail_with_the_chain(self) -> None:
        """End with what loading the chain has raised; once it is loaded, wait for ever."""
        await self._parts.answering.loaded()
        await asyncio.Event().wait()

    async def _listen(self) -> None:
        """Take up what is left, connect, and take updates in for ever."""
        await self._until_reached(self._application.initialize)
        self._say(f"Listening as @{self._bot.username}. Ctrl-C stops.")
        await self._resume()
        menus = asyncio.create_task(show_menus(self._bot, self._parts.members.admins()))
        try:
            await (self._be_sent() if self._settings.webhook else self._poll())
        finally:
            menus.cancel()

    async def _resume(self) -> None:
        """Take up what is left; while there is no room for all of it, look now and then whether Telegram is there."""
        resuming = asyncio.create_task(self._intake.resume())
        while not (await asyncio.wait({resuming}, timeout=self._check_seconds))[0]:
            await self._until_reached(lambda: heard(self._bot, self._pulse))
        resuming.result()

    async def _poll(self) -> None:
        await self._until_reached(self._bot.delete_webhook)
        await Polling(self._bot, self._intake, self._pulse, watchdog=self._settings.watchdog).run()

    async def _be_sent(self) -> None:
        """Listen for Telegram's requests, and look now and then whether it is there."""
        from bot.telegram.webhook import listen  # tornado is needed by this alone

        settings, secret = self._settings, secrets.token_urlsafe(32)
        listen(settings, intake=self._intake, pulse=self._pulse, secret=secret)
        await self._until_reached(
            lambda: self._bot.set_webhook(settings.webhook, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
        )
        while True:
            await self._until_reached(lambda: heard(self._bot, self._pulse))
            await asyncio.sleep(self._check_seconds)

    async def _until_reached(self, call: Callable[[], Coroutine[None, None, object]]) -> None:
        """Make a call until Telegram answers it; raises SettingsError when the token is refused."""
        pause = FIRST_PAUSE
        while True:
            try:
                await call()
            except InvalidToken:
                raise token_refused() from None
            except BadRequest as error:
                raise _refused(error) from None
            except RetryAfter as error:
                await asyncio.sleep(seconds_to_wait(error))
            except TelegramError as error:
                _log.warning("Telegram could not be reached.", extra={"error": str(error)})
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._pulse.beat()
                return

    async def _close(self, tasks: "list[asyncio.Task[None] | asyncio.Task[bool]]") -> None:
        """Take nothing more in, finish what can be finished in time, and leave the rest to the next start."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._parts.dispatcher.close(STOP_SECONDS)
        with suppress(Exception):
            await asyncio.wait_for(self._application.shutdown(), 1)
        self._alone.release()
        self._parts.engine.dispose()
        self._pulse.end()


def end_now(code: int) -> None:
    """End the process without waiting for threads, which may be deep in a model; all that counts is written down."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refused(error: BadRequest) -> SettingsError:
    """Say that Telegram will not have what the settings ask of it; the webhook's address is all that they do."""
    message = f"Telegram does not accept the bot's settings: {error.message}."
    return SettingsError(message, help="Correct FOOTNOTE_TELEGRAM_WEBHOOK, which takes a public address with https://.")


def _client(settings: TelegramSettings) -> Client:
    """PTB's client for the server in the settings."""
    return Client(
        settings.token.get_secret_value(),
        base_url=f"{settings.api}/bot",
        base_file_url=f"{settings.api}/file/bot",
        request=Transport(connection_pool_size=CONNECTIONS, pool_timeout=30, read_timeout=ANSWER_SECONDS, connect_timeout=10),
        get_updates_request=Transport(connection_pool_size=2, connect_timeout=10),
    )
