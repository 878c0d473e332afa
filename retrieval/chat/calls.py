"""One streamed call of a chat model: its text as it comes, called off at once when nobody waits for it, and never endless."""

import asyncio
import queue
import time
from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from retrieval.chat.background import Running, background
from retrieval.chat.budget import Allowance, DayLedger, prompt_tokens, weight
from retrieval.chat.endings import failure_at_end, reason_in, tells_its_end, with_reported
from retrieval.chat.failures import ChatFailure, ChatStopped, failure_of
from retrieval.chat.thoughts import Thoughts
from retrieval.passages import Shortfall, Usage

LOOK_SECONDS = 0.1  # between two looks at whether the answer was called off
CLOSE_SECONDS = 1.0  # for a call that was called off to end
THINKING_TOKENS = 2000  # more than asked for, of models that think unseen: providers count that as output
LONGER = 1.1  # times as long as was asked for, by our estimate, is no answer
ANSWER_SECONDS = 20.0
ANSWER_TOKENS = 32  # more than Responses' least

# How models call the most that they may write; a model without any of these is held to it only by the length of what it writes.
_MOST = ("num_predict", "max_output_tokens", "max_tokens")
_BREAKS = {Shortfall.UNREACHABLE, Shortfall.FAILING, Shortfall.BUSY}

Item = str | ChatFailure | None


class ChatModel:
    """A chat model by any provider of LangChain's; `name` is what people call it, `ledger` counts its tokens by the day."""

    def __init__(self, name: str, model: BaseChatModel, *, ledger: DayLedger | None = None) -> None:
        self.name, self.model, self.ledger = name, model, ledger

    def stream(  # noqa: PLR0913 - what a call is made under, each by its name
        self,
        messages: Sequence[BaseMessage],
        *,
        allowance: Allowance,
        most: int,
        seconds: float,
        stopped: Callable[[], bool],
        config: RunnableConfig | None = None,
    ) -> Generator[str, None, None]:
        """The text of the answer as it comes, by at `most` as many tokens; the model may be silent for so many `seconds`.

        Raises ChatFailure, after what came before it, and ChatStopped soon after `stopped` says so. However it ends, and also if
        the iterator is closed, the connection is closed, and the usage is counted in the allowance and the ledger.
        """
        if stopped():
            raise ChatStopped
        read = prompt_tokens(messages)
        left = allowance.left - read
        room = self._room(most, left)
        call = Call(self._limited(room), shown=min(most * LONGER, left), written=min(room * LONGER, left), seconds=seconds)
        with self._counted(call, allowance, read=read, room=room), _under_way(call.run(messages, config)) as running:
            yield from _items(call.items, running, stopped)

    def close(self) -> None:
        """Close the ledger, if there is one."""
        if self.ledger:
            self.ledger.close()

    def _room(self, most: int, left: int) -> int:
        """The tokens that the provider may let it write, of those that the allowance leaves; thinking gets some of its own."""
        if left < 1:
            raise ChatFailure(Shortfall.ANSWER_BUDGET)
        thinks = (getattr(self.model, "profile", None) or {}).get("reasoning_output")
        return min(most + THINKING_TOKENS if thinks else most, left)

    @contextmanager
    def _counted(self, call: "Call", allowance: Allowance, *, read: int, room: int) -> Iterator[None]:
        """A call that is counted: in the ledger before it is made, and by its usage however it ends."""
        reservation = self.ledger.reserve(read + room) if self.ledger else None
        try:
            yield
        finally:
            usage = call.usage(read)
            allowance.add(usage)
            if self.ledger:
                self.ledger.settle(reservation, usage)

    def _limited(self, room: int) -> BaseChatModel:
        """The model, held to so many tokens: by its own field, since keyword arguments of a call differ more than these."""
        field = next((name for name in _MOST if name in type(self.model).model_fields), None)
        return self.model.model_copy(update={field: room}) if field else self.model


class Call:
    """What runs in the background: the answer put into `items` piece by piece, at last a failure, or None for a good end.

    More tokens than `shown` as text or `written` with thoughts, by our estimate, are cut, whatever the provider allows.
    """

    def __init__(self, model: BaseChatModel, *, shown: float, written: float, seconds: float) -> None:
        self.items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._model, self._most_shown, self._most_written, self._seconds = model, shown, written, seconds
        self._begun = False
        self._thoughts = Thoughts()
        self._chunks, self._written, self._shown = 0, 0.0, 0.0  # the last two in tokens, as estimated
        self._said = False
        self._reason, self._reported = "", Usage()
        self._failure: ChatFailure | None = None

    async def run(self, messages: Sequence[BaseMessage], config: RunnableConfig | None) -> None:
        """Ask, and listen to the end."""
        self._begun = True
        try:
            await self._listen(messages, config)
            self._give(self._thoughts.end())
            self._failure = failure_at_end(self._reason, said=self._said, telling=tells_its_end(self._model))
        except Exception as error:  # noqa: BLE001 - a provider's library raises whatever its parts raise
            self._failure = self._broken(failure_of(error))
        self.items.put(self._failure)

    def usage(self, read: int) -> Usage:
        """What it has used, with a prompt of so many tokens: as the provider says, and as estimated where it says nothing."""
        refused = self._failure is not None and self._failure.kind is not Shortfall.TIMEOUT and not self._chunks
        if refused or not self._begun:
            return self._reported
        output = self._reported.output_tokens
        return Usage(
            self._reported.input_tokens or read, output if output and self._reason else max(output, round(self._written))
        )

    async def _listen(self, messages: Sequence[BaseMessage], config: RunnableConfig | None) -> None:
        async with aclosing(self._model.astream(list(messages), config=config)) as chunks:  # type: ignore[type-var]
            while True:
                deadline = asyncio.timeout(self._seconds)
                try:
                    async with deadline:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    if deadline.expired():
                        raise ChatFailure(Shortfall.TIMEOUT, cause=f"silent for {self._seconds:g} s") from None
                    raise
                self._hear(chunk)

    def _hear(self, chunk: BaseMessage) -> None:
        written = str(chunk.text)
        text = self._thoughts.feed(written)
        self._chunks += 1
        self._reported = with_reported(self._reported, chunk)
        self._reason = reason_in(chunk) or self._reason
        self._written += weight(written) if written else 1  # a piece without text is a thought, if it is anything
        self._shown += weight(text)
        if self._shown > self._most_shown or self._written > self._most_written:
            raise ChatFailure(Shortfall.CUT, cause="longer than was asked for")
        self._give(text)

    def _give(self, text: str) -> None:
        if text:
            self._said = self._said or bool(text.strip())
            self.items.put(text)

    def _broken(self, failure: ChatFailure) -> ChatFailure:
        """What breaks off in the middle of an answer has cut it, whatever it was."""
        if self._said and failure.kind in _BREAKS:
            return ChatFailure(Shortfall.CUT, retryable=True, cause=failure.cause)
        return failure


def answers(model: ChatModel, *, seconds: float = ANSWER_SECONDS) -> float:
    """Whether the model answers, by the smallest call: how many seconds it took; raises ChatFailure if it does not."""
    started = time.perf_counter()
    asked = model.stream(
        [HumanMessage("Say OK.")],
        allowance=Allowance(2 * ANSWER_TOKENS),  # with the question
        most=ANSWER_TOKENS,
        seconds=seconds,
        stopped=lambda: time.perf_counter() - started > seconds,
    )
    try:
        for _ in asked:
            pass
    except ChatStopped:
        raise ChatFailure(Shortfall.TIMEOUT, cause=f"not within {seconds:g} s") from None
    except ChatFailure as failure:
        if failure.kind not in {Shortfall.EMPTY, Shortfall.CUT}:  # it may think for longer than it was given, but it is there
            raise
    return time.perf_counter() - started


@contextmanager
def _under_way(work: Coroutine[Any, Any, None]) -> Iterator[Running]:
    """Work in the background, called off when it is left."""
    running = background().start(work)
    try:
        yield running
    finally:
        running.cancel()
        running.wait(CLOSE_SECONDS)


def _items(items: queue.SimpleQueue[Item], running: Running, stopped: Callable[[], bool]) -> Iterator[str]:
    while True:
        if stopped():
            raise ChatStopped
        try:
            item = items.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            if running.ended and items.empty():
                raise ChatFailure(Shortfall.FAILING, cause="called off") from None  # by the end of the program
            continue
        if item is None:
            return
        if isinstance(item, ChatFailure):
            raise item
        yield item
