"""The chain seen from the event loop: it answers in threads of its own, and its events are awaited."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from bot.assistant import Assistant, Memory
from bot.telegram.works import Stopped, Work
from retrieval import Answer

if TYPE_CHECKING:
    from retrieval import AnswerChain, AnswerSentence

WORKERS = 8  # questions at once; more would only wait for the same two or four cores
Made = TypeVar("Made")
Tell = Callable[["AnswerSentence | Answer | BaseException"], None]


class Answering:
    """Loads the chain behind the scenes and asks it; what comes before it is loaded waits for that."""

    def __init__(self, load: Callable[[], "AnswerChain"]) -> None:
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answering")
        self._chain: Future[AnswerChain] = self._pool.submit(load)

    async def loaded(self) -> "AnswerChain":
        """The chain, once it is loaded; raises what its loading has raised."""
        return await asyncio.shield(asyncio.wrap_future(self._chain))

    async def call(self, function: "Callable[[AnswerChain], Made]") -> Made:
        """What a function makes of the chain, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(self._chain.result()))

    async def events(
        self, text: str, memory: Memory, work: Work, begin: Callable[[], None]
    ) -> "AsyncGenerator[AnswerSentence | Answer, None]":
        """The sentences of an answer as they are settled, then the whole of it; `begin` is called when its turn has come.

        Raises Stopped as soon as the work is stopped; its thread ends soon after, for the chain calls its chat model off then.
        """
        if work.stop.is_set():
            raise Stopped
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[AnswerSentence | Answer | BaseException] = asyncio.Queue()
        work.on_stop = lambda: queue.put_nowait(Stopped())

        def tell(event: "AnswerSentence | Answer | BaseException") -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, event)

        self._pool.submit(self._ask, text, memory, work, begin, tell)
        event = None
        while not isinstance(event, Answer):
            event = await queue.get()
            if isinstance(event, BaseException):
                raise event
            yield event

    def _ask(self, text: str, memory: Memory, work: Work, begin: Callable[[], None], tell: "Tell") -> None:
        """Have the chain answer in this thread, until the work is stopped."""
        try:
            chain = self._chain.result()
            if work.stop.is_set():
                return
            begin()
            with closing(Assistant(chain, memory).events(text, work.stop.is_set)) as events:
                for event in events:
                    if work.stop.is_set():
                        return
                    tell(event)
        except BaseException as error:  # noqa: BLE001 - raised where the answer is awaited
            tell(error)
