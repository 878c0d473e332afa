"""How much one person may ask: so many questions a minute, counted by when they were sent, so that a restart changes nothing."""

import math
from collections import deque
from dataclasses import dataclass

MINUTE = 60.0
MANY = 10_000  # people that are remembered before those who have been quiet are forgotten


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a question is within the limit; else how many seconds to wait, and whether to say so, which is once a time."""

    allowed: bool
    seconds: int = 0
    told: bool = False


class RateLimit:
    """Counts the questions of each person in a sliding minute."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._sent: dict[int, deque[float]] = {}
        self._told: dict[int, float] = {}

    def ask(self, person: int, sent: float) -> Verdict:
        """Judge a question that was sent at a time, in seconds since 1970."""
        self._forget(sent)
        times = self._sent.setdefault(person, deque())
        while times and times[0] <= sent - MINUTE:
            times.popleft()
        if len(times) < self._most:
            times.append(sent)
            self._told.pop(person, None)
            return Verdict(allowed=True)
        free = times[0] + MINUTE
        told = self._told.get(person) != free
        self._told[person] = free
        return Verdict(allowed=False, seconds=max(1, math.ceil(free - sent)), told=told)

    def _forget(self, now: float) -> None:
        if len(self._sent) > MANY:
            self._sent = {person: times for person, times in self._sent.items() if times and times[-1] > now - MINUTE}
            self._told = {person: free for person, free in self._told.items() if free > now}
