"""Who is served when: updates of one lane one after the other, lanes side by side, and no more at hand than memory allows."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextlib import suppress
from dataclasses import dataclass, field

from bot.telegram.inbox import Stored
from retrieval import ServerDown

MOST = 5000  # updates at hand; while there are more, Telegram is asked for none: it keeps them for a day
PATIENCE = 3.0  # seconds after which an update that still waits is told of
AGAIN_SECONDS, AGAIN = 5.0, 3  # until an update is served once more that could not be, and how often that is tried
Notice = Coroutine[None, None, None]
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lane:
    """Updates that are served one after the other; `changed` wakes whoever waits for the next one to come in."""

    waiting: deque[Stored] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None
    current: Stored | None = None
    together: list[Stored] = field(default_factory=list)  # updates that were taken into the current one
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Dispatcher:
    """Leads updates to whoever serves them, each in the lane that `lane_of` names, and tells of those that wait for long."""

    def __init__(self, lane_of: Callable[[Stored], Hashable]) -> None:
        self._lane_of = lane_of
        self._lanes: dict[Hashable, Lane] = {}
        self._notices: set[asyncio.Task[None]] = set()
        self._failures: dict[int, int] = {}
        self._count = 0
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    def lead_to(self, serve: Callable[[Stored], Awaitable[None]], still_waiting: Callable[[Stored, int], Notice]) -> None:
        """Name who serves updates, and who hears of those that wait for long, and behind how many."""
        self._serve, self._still_waiting = serve, still_waiting

    def submit(self, stored: Stored) -> None:
        """Take an update in."""
        if self._closed:
            return  # it stays in the inbox for the next start
        key = self._lane_of(stored)
        lane = self._lanes.setdefault(key, Lane())
        lane.waiting.append(stored)
        lane.changed.set()
        self._counted(1)
        if lane.task is None:
            lane.task = asyncio.create_task(self._run(key, lane))
        else:
            asyncio.get_running_loop().call_later(PATIENCE, self._look_after, lane, stored)

    @property
    def has_room(self) -> bool:
        """Whether more updates can be taken in now."""
        return self._room.is_set()

    async def room(self) -> None:
        """Wait until more updates can be taken in."""
        await self._room.wait()

    async def following(self, update_id: int, seconds: float) -> Stored | None:
        """The update that comes next in the lane of one that is being served, if it comes within some seconds."""
        lane = self._serving(update_id)
        if lane is None:
            return None
        if not lane.waiting:
            lane.changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(lane.changed.wait(), seconds)
        return lane.waiting[0] if lane.waiting else None

    def take_in(self, update_id: int) -> None:
        """Let the update that comes next in a lane be a part of the one that is being served there."""
        lane = self._serving(update_id)
        if lane is not None and lane.waiting:
            lane.together.append(lane.waiting.popleft())
            self._counted(-1)

    def together(self, update_id: int) -> list[int]:
        """An update that is being served, and those that were taken into it."""
        lane = self._serving(update_id)
        return [update_id, *(each.update_id for each in (lane.together if lane else []))]

    def discard(self, which: Callable[[Stored], bool]) -> list[Stored]:
        """Take out updates that wait, and return them."""
        gone = []
        for lane in self._lanes.values():
            gone += [stored for stored in lane.waiting if which(stored)]
            lane.waiting = deque(stored for stored in lane.waiting if not which(stored))
        self._counted(-len(gone))
        return gone

    def _serving(self, update_id: int) -> Lane | None:
        return next((lane for lane in self._lanes.values() if lane.current and lane.current.update_id == update_id), None)

    @property
    def at_hand(self) -> int:
        """How many updates wait or are being served."""
        return self._count

    async def close(self, seconds: float) -> None:
        """Take nothing more in, give what is being served some seconds, then break it off; the rest stays in the inbox."""
        self._closed = True
        for lane in self._lanes.values():
            lane.waiting.clear()
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            broken_off = [*late, *self._notices]
            for task in broken_off:
                task.cancel()
            if broken_off:
                await asyncio.wait(broken_off, timeout=1)

    async def _run(self, key: Hashable, lane: Lane) -> None:
        while lane.waiting:
            lane.current, lane.together = lane.waiting.popleft(), []
            try:
                await self._serve(lane.current)
                self._failures.pop(lane.current.update_id, None)
            except ServerDown as error:
                _log.warning("An update waits for a server.", extra={"update": lane.current.update_id, "error": str(error)})
                self._failures.pop(lane.current.update_id, None)  # it is tried as long as that takes
                self._try_again(lane.current, lane.together)
            except Exception:  # noqa: BLE001 - whatever it is, the lane goes on
                _log.exception("An update could not be served.", extra={"update": lane.current.update_id})
                self._try_again(lane.current, lane.together)
            self._counted(-1)
        del self._lanes[key]

    def _try_again(self, stored: Stored, together: list[Stored]) -> None:
        """Take an update and what was taken into it in again a little later, a few times; then it is left to the next start."""
        times = self._failures[stored.update_id] = self._failures.get(stored.update_id, 0) + 1
        if times <= AGAIN:
            for each in (stored, *together):
                asyncio.get_running_loop().call_later(AGAIN_SECONDS, self.submit, each)

    def _look_after(self, lane: Lane, stored: Stored) -> None:
        """Tell of an update that still waits."""
        if stored in lane.waiting and not self._closed:
            before = lane.waiting.index(stored) + 1
            notice = asyncio.create_task(self._still_waiting(stored, before))
            self._notices.add(notice)
            notice.add_done_callback(self._notices.discard)

    def _counted(self, change: int) -> None:
        self._count += change
        if self._count < MOST:
            self._room.set()
        else:
            self._room.clear()
