"""One thread with an event loop for all calls that are under way, so that each can be called off from outside."""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

END_SECONDS = 2.0  # for what is under way to be called off when the program ends


class Running:
    """Work under way in the loop; whoever started it waits, or calls it off."""

    def __init__(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        self._work, self._loop = work, loop
        self._ended = threading.Event()
        self._task: asyncio.Task[None] | None = None
        loop.call_soon_threadsafe(self._begin)  # takes the caller's context along, in which LangChain keeps the run

    @property
    def ended(self) -> bool:
        """Whether it is over, in whichever way."""
        return self._ended.is_set()

    def cancel(self) -> None:
        """Call it off; its connection is closed as soon as the loop gets to it."""
        with suppress(RuntimeError):  # the loop is closed, and has called everything off itself
            self._loop.call_soon_threadsafe(self._cancel)

    def wait(self, seconds: float) -> bool:
        """Wait until it is over; whether it is."""
        return self._ended.wait(seconds)

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._work)
        self._task.add_done_callback(self._end)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # looked at, or asyncio complains
        self._ended.set()


class Background:
    """The thread and its loop; a daemon, so that a call that hangs does not keep the program."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.process = os.getpid()
        self._thread = threading.Thread(target=self._run, name="footnote-chat", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, None]) -> Running:
        """Begin with some work."""
        return Running(work, self.loop)

    def close(self) -> None:
        """Call off what is under way, and end."""
        if self.process == os.getpid() and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
            tasks = asyncio.all_tasks(self.loop)
            for task in tasks:
                task.cancel()
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=END_SECONDS / 2) if tasks else asyncio.sleep(0))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        finally:
            self.loop.close()


_lock = threading.Lock()
_background: Background | None = None


def background() -> Background:
    """The one of this process, begun when it is first needed; a process that was forked has no threads, and begins anew."""
    global _background  # noqa: PLW0603 - one for all models, as its clients keep to the loop of their first call
    with _lock:
        if _background is None or _background.process != os.getpid():
            _background = Background()
            atexit.register(_background.close)
        return _background
