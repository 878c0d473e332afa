"""The real bot, running in a thread of the test's own process against the strict server."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botapi.server import BotApi
from pydantic import SecretStr

from bot.doors import Doors
from bot.telegram.answering import Answering
from bot.telegram.service import Service
from bot.telegram.settings import TelegramSettings
from retrieval import Answer, AnswerChain, AnswerSentence, Encoder, Library, Settings
from retrieval.chain import Question

SECONDS = 30.0  # to start or to stop, on a busy machine


class Running:
    """One bot on a data folder, from `with` to the end of the block; `error` is what has ended it, `said` what it printed.

    `settings` are those of the bot, `library` those of the library and the chat model.
    """

    def __init__(
        self,
        api: BotApi,
        folder: Path,
        encoder: Encoder,
        *,
        wrap: "Wrap | None" = None,
        library: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        chosen = Settings(data_dir=folder, allow_loopback=True, **(library or {}))
        doors = Doors(chosen)
        doors._encoder = encoder

        def load() -> Any:
            chain = doors.chain()
            self._libraries.append(chain.retriever.library)
            return chain if wrap is None else wrap(chain)

        values = {"TELEGRAM_BOT_TOKEN": SecretStr(api.token), "api": api.url, "rate": 1000, **settings}
        self.said, self._api = list[str](), api
        self._libraries: list[Library] = []
        self.error: BaseException | None = None
        self._make = lambda: Service(
            TelegramSettings(**values),
            folder,
            answering=Answering(load),
            changes=doors,
            say=self.said.append,
            database_url=chosen.servers.database_url,
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._listening = threading.Event()

    @property
    def code(self) -> str:
        """The pairing code that it printed."""
        return next(text for text in self.said if text.startswith("Pairing code")).split()[2].rstrip(".")

    @property
    def left(self) -> list[Any]:
        """What it has not taken in, or not done with."""
        return self._api.pending or self.service._parts.inbox.waiting()

    def __enter__(self) -> Self:
        """Start it, and wait until it listens or has failed."""
        self._thread.start()
        assert self._listening.wait(SECONDS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Ask it to stop, as SIGTERM does, and wait until it has."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        for library in self._libraries:  # else one process holds the files of every bot that it has run
            library.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self._listening.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.service = self._make()
        self.service._say = self._say
        await self.service.run(self._stop)

    def _say(self, text: str) -> None:
        self.said.append(text)
        if text.startswith("Listening"):
            self._listening.set()


Wrap = Callable[[AnswerChain], Any]


class SlowChain:
    """Stands in for a chat model that takes its time: the real chain's events, each of which waits for `go`."""

    def __init__(self, chain: AnswerChain) -> None:
        self._chain, self.retriever, self.chat_model = chain, chain.retriever, chain.chat_model
        self.go = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)

    def stream(self, question: Question, **stopping: object) -> Iterator[AnswerSentence | Answer]:
        """The real events, one at each release of `go`; `begun` is released when a question has come."""
        self.begun.release()
        for event in self._chain.stream(question):
            assert self.go.acquire(timeout=SECONDS)
            yield event
