"""What is being worked on, so that it can be stopped: answers, and articles that are being brought in."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def draft_id(update_id: int) -> int:
    """The name of the draft for an update: any number but 0."""
    return update_id or 1


class Stopped(Exception):
    """A person has asked to stop."""


@dataclass(slots=True)
class Work:
    """The work on one update; `stop` may be looked at from any thread, `on_stop` is called at once when a person stops it."""

    update_id: int
    chat: int
    person: int
    stop: threading.Event = field(default_factory=threading.Event)
    on_stop: Callable[[], None] = lambda: None


class Works:
    """All work in hand; used by the event loop's thread only."""

    def __init__(self) -> None:
        self._works: dict[int, Work] = {}

    @contextmanager
    def begun(self, update_id: int, *, chat: int, person: int) -> Iterator[Work]:
        """A work that can be stopped as long as the block runs; whoever leaves it early stops it."""
        work = self._works[update_id] = Work(update_id, chat, person)
        try:
            yield work
        finally:
            work.stop.set()
            del self._works[update_id]

    def stop(self, which: Callable[[Work], bool]) -> int:
        """Stop some of the work; how much that was."""
        found = [work for work in self._works.values() if which(work)]
        for work in found:
            work.stop.set()
            work.on_stop()
        return len(found)
