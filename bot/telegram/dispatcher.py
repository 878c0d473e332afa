"""Who is served when: updates of one lane one after the other, lanes side by side, and no more at hand than memory allows."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextlib import suppress
from dataclasses import dataclass, field

from bot.telegram.inbox import Stored

MOST = 500  # updates at hand; while there are more, Telegram is asked for none: it keeps them for a day
PATIENCE = 3.0  # seconds after which an update that still waits is told of
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lane:
    """Updates that are served one after the other; `changed` wakes whoever waits for the next one to come in."""

    waiting: deque[Stored] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None
    current: Stored | None = None
    together: list[int] = field(default_factory=list)  # updates that were taken into the current one
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Dispatcher:
    """Leads updates to `serve`, each in the lane that `lane_of` names; `still_waiting` hears of those that wait for long."""

    def __init__(
        self,
        serve: Callable[[Stored], Awaitable[None]],
        lane_of: Callable[[Stored], Hashable],
        still_waiting: Callable[[Stored, int], Coroutine[None, None, None]],
    ) -> None:
        self._serve, self._lane_of, self._still_waiting = serve, lane_of, still_waiting
        self._lanes: dict[Hashable, Lane] = {}
        self._notices: set[asyncio.Task[None]] = set()
        self._count = 0
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

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
            lane.together.append(lane.waiting.popleft().update_id)
            self._counted(-1)

    def together(self, update_id: int) -> list[int]:
        """An update that is being served, and those that were taken into it."""
        lane = self._serving(update_id)
        return [update_id, *(lane.together if lane else [])]

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
            for task in [*late, *self._notices]:
                task.cancel()
            await asyncio.gather(*late, *self._notices, return_exceptions=True)

    async def _run(self, key: Hashable, lane: Lane) -> None:
        while lane.waiting:
            lane.current, lane.together = lane.waiting.popleft(), []
            try:
                await self._serve(lane.current)
            except Exception:  # noqa: BLE001 - whatever it is, the lane goes on, and the update is taken up at the next start
                _log.exception("An update could not be served.", extra={"update": lane.current.update_id})
            self._counted(-1)
        del self._lanes[key]

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
