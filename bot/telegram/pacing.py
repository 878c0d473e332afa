"""How fast messages may go out: a pace for each chat and one for all, so that no chat waits for another."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

# Telegram's guidance: about one message a second in a chat with short bursts, 20 a minute in a group, 30 a second in all.
PRIVATE, GROUP, ALL = (20, 20.0), (18, 60.0), (28, 1.0)  # so many messages in so many seconds

MANY = 1000  # chats that are remembered before the quiet ones are forgotten


@dataclass(slots=True)
class Window:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def free_at(self, now: float) -> float:
        """When the next message may go."""
        while self.taken and self.taken[0] + self.seconds <= now:  # rounded as below
            self.taken.popleft()
        return now if len(self.taken) < self.count else self.taken[0] + self.seconds

    def take(self, moment: float) -> None:
        """Note a message."""
        self.taken.append(moment)


class Pacer:
    """Decides when a chat's next message may go; `held` chats wait as long as Telegram has said, and only they do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._chats: dict[int, Window] = {}
        self._all = Window(*ALL)
        self._held: dict[int, float] = {}

    def hold(self, chat: int, seconds: float) -> None:
        """Let nothing go to a chat for so long."""
        self._held[chat] = max(self._held.get(chat, 0.0), self._clock() + seconds)

    def delay(self, chat: int) -> float:
        """Seconds until a message may go to a chat; 0 if it may go now."""
        now = self._clock()
        return max(self._held.get(chat, 0.0), self._window(chat).free_at(now), self._all.free_at(now)) - now

    def take(self, chat: int) -> None:
        """Note a message that goes now."""
        now = self._clock()
        self._window(chat).take(now)
        self._all.take(now)

    async def turn(self, chat: int) -> None:
        """Wait until a message may go to a chat, and note it."""
        while (seconds := self.delay(chat)) > 0:  # noqa: ASYNC110 - it waits for a time, not for an event
            await asyncio.sleep(seconds)
        self.take(chat)
        self._forget()

    def _window(self, chat: int) -> Window:
        if chat not in self._chats:
            self._chats[chat] = Window(*(PRIVATE if chat > 0 else GROUP))
        return self._chats[chat]

    def _forget(self) -> None:
        """Keep no chat that has been quiet, so that memory does not grow with the number of chats."""
        if len(self._chats) > MANY:
            now = self._clock()
            self._chats = {chat: each for chat, each in self._chats.items() if each.taken and each.taken[-1] > now - each.seconds}
            self._held = {chat: until for chat, until in self._held.items() if until > now}
