"""A dispatcher on a stage: what it serves goes on when the test says so."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable

from bot.telegram.dispatcher import Dispatcher
from bot.telegram.inbox import Stored


class Stage:
    """A dispatcher whose updates are served when the test says so; the lane of each is its number modulo `lanes`."""

    def __init__(self, *, lanes: int = 1) -> None:
        self.gates: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self.begun: list[int] = []
        self.done: list[int] = []
        self.told: list[tuple[int, int]] = []
        self.busy: set[Hashable] = set()
        self.lanes = lanes
        self.dispatcher = Dispatcher(self.lane_of)
        self.dispatcher.lead_to(self.serve, self.still_waiting)

    def lane_of(self, stored: Stored) -> Hashable:
        """The lane."""
        return stored.update_id % self.lanes

    async def serve(self, stored: Stored) -> None:
        """Wait for the gate of an update; it fails as often as its payload says."""
        lane = self.lane_of(stored)
        assert lane not in self.busy, "two at once in one lane"
        self.busy.add(lane)
        self.begun.append(stored.update_id)
        try:
            await self.gates[stored.update_id].wait()
        finally:
            self.busy.discard(lane)
        if stored.payload.get("fails", 0) > 0:
            stored.payload["fails"] -= 1
            message = "no"
            raise ValueError(message)
        self.done.append(stored.update_id)

    async def still_waiting(self, stored: Stored, before: int) -> None:
        """Note that somebody was told."""
        self.told.append((stored.update_id, before))

    def submit(self, *numbers: int, **payload: object) -> None:
        """Take updates in."""
        for number in numbers:
            self.dispatcher.submit(Stored(number, payload))

    def open(self, *numbers: int) -> None:
        """Let updates be served to the end."""
        for number in numbers:
            self.gates[number].set()


async def calm() -> None:
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run what a test does in an event loop."""

    async def bounded() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(bounded())
