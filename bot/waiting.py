"""Waiting: a spinner in a terminal, and what is made meanwhile in another thread."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from ingest.console import console

if TYPE_CHECKING:
    from retrieval import AnswerChain

Made = TypeVar("Made")
Event = TypeVar("Event")
LOADING = "Loading the model…"
THINKING = "Thinking…"
SEARCHING = "Searching…"


def waiting(words: str = LOADING) -> AbstractContextManager[object]:
    """A spinner on the error stream while the block runs; nothing where no one is looking."""
    errors = console(errors=True)
    return errors.status(words) if errors.is_terminal else nullcontext()


def answering(chain: "AnswerChain") -> AbstractContextManager[object]:
    """The same while a question is answered."""
    return waiting(THINKING if chain.chat_model else SEARCHING)


def awaited(events: Iterator[Event], chain: "AnswerChain") -> Iterator[Event]:
    """The events of an answer, with a spinner until the first of them comes."""
    with answering(chain):
        first = list(islice(events, 1))
    yield from first
    yield from events


class Background(Generic[Made]):
    """A value that is made behind the prompt; the thread does not keep the program from ending."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._future = self._begin()

    @property
    def ready(self) -> bool:
        """Whether the thread has ended."""
        return self._future.done()

    def result(self) -> Made:
        """Wait for the value; after a failure try once more, for the person may have put it right."""
        if self._future.done() and self._future.exception():
            self._future = self._begin()
        if not self._future.done():
            with waiting():
                return self._future.result()
        return self._future.result()

    def _begin(self) -> "Future[Made]":
        future: Future[Made] = Future()

        def run() -> None:
            try:
                future.set_result(self._make())
            except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future
