"""The laws of pace and limit: never more than so many in any window, and nobody waits for somebody else."""

import asyncio
from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram import limits
from bot.telegram.limits import MINUTE, RateLimit
from bot.telegram.pacing import ALL, GROUP, MANY, PRIVATE, Pacer, Window

CHATS = st.sampled_from([1, 2, -1, -2])
PAUSES = st.sampled_from([0.0, 0.01, 0.1, 1.0, 7.0, 30.0])


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def most_in(times: list[float], seconds: float) -> int:
    """The most that fall into any half-open window of so many seconds."""
    return max((bisect_left(times, time + seconds - 1e-6) - number for number, time in enumerate(times)), default=0)


def send(pacer: Pacer, clock: Clock, chat: int) -> float:
    """Send as soon as it may be done; when that is."""
    clock.now += pacer.delay(chat)
    assert pacer.delay(chat) <= 1e-9
    pacer.take(chat)
    return clock.now


@settings(deadline=None)
@given(st.lists(st.tuples(CHATS, PAUSES), max_size=120))
def test_windows(messages: list[tuple[int, float]]) -> None:
    """However fast messages come, no window of a chat or of all chats together holds more than it may."""
    clock = Clock()
    pacer = Pacer(clock)
    sent: dict[int, list[float]] = {}
    for chat, pause in messages:
        clock.now += pause
        sent.setdefault(chat, []).append(send(pacer, clock, chat))

    for chat, times in sent.items():
        count, seconds = PRIVATE if chat > 0 else GROUP
        assert most_in(times, seconds) <= count
    assert most_in(sorted(time for times in sent.values() for time in times), ALL[1]) <= ALL[0]


@given(st.lists(PAUSES, min_size=1, max_size=60), st.integers(1, 5), st.sampled_from([1.0, 20.0]))
def test_window_is_no_slower_than_it_must_be(pauses: list[float], count: int, seconds: float) -> None:
    """A message that had to wait goes when the one that is `count` before it leaves the window."""
    window, now, taken = Window(count, seconds), 1000.0, list[float]()
    for pause in pauses:
        now += pause
        free = window.free_at(now)
        assert free == (now if len(taken) < count else max(now, taken[-count] + seconds))
        now = max(now, free)
        window.take(now)
        taken.append(now)


@given(st.lists(st.tuples(CHATS, st.floats(0, 100)), min_size=1, max_size=10), CHATS)
def test_held_chat_delays_only_itself(holds: list[tuple[int, float]], asked: int) -> None:
    """A chat waits for the longest time that Telegram has named for it, and not for those of others."""
    clock = Clock()
    pacer = Pacer(clock)
    for chat, seconds in holds:
        pacer.hold(chat, seconds)

    own = [seconds for chat, seconds in holds if chat == asked]
    assert abs(pacer.delay(asked) - max(own, default=0.0)) < 1e-6
    clock.now += max(own, default=0.0) + 1e-6
    assert pacer.delay(asked) == 0


def test_turns() -> None:
    """Whoever waits in a chat that is held goes on after that time, and meanwhile others have gone."""
    order: list[int] = []

    async def go(pacer: Pacer, chat: int) -> None:
        await pacer.turn(chat)
        order.append(chat)

    async def run() -> None:
        pacer = Pacer()
        pacer.hold(1, 0.05)
        await asyncio.gather(*(go(pacer, chat) for chat in (1, 2, 3)))

    asyncio.run(run())

    assert [2, 3, 1] == order


def test_turns_of_many() -> None:
    """Those who wait for the pace of all do not go at once when it lets one of them go."""
    clock = Clock()
    pacer = Pacer(clock)
    for chat in range(1, ALL[0] + 1):
        pacer.take(chat)
    clock.now += ALL[1] / 2

    async def run() -> int:
        waiting = [asyncio.create_task(pacer.turn(1000 + chat)) for chat in range(5)]
        await asyncio.sleep(0)
        clock.now += ALL[1]
        await asyncio.wait(waiting, timeout=2)
        return sum(task.done() for task in waiting)

    assert asyncio.run(run()) == 5
    assert len(pacer._all.taken) <= ALL[0]


def test_quiet_chats_are_forgotten() -> None:
    """Memory does not grow with the number of chats, and a chat that still counts is not forgotten."""
    clock = Clock()
    pacer = Pacer(clock)

    async def run() -> None:
        for chat in range(1, 3 * MANY):
            clock.now += 1
            pacer.hold(chat, 0.5)
            clock.now += 1
            await pacer.turn(chat)

    asyncio.run(run())

    assert len(pacer._chats) <= MANY + 1
    assert len(pacer._held) <= MANY + 1
    assert 3 * MANY - 1 in pacer._chats


@given(st.integers(1, 5), st.lists(st.tuples(st.sampled_from([7, 8]), PAUSES), max_size=80))
def test_rate_limit(most: int, questions: list[tuple[int, float]]) -> None:
    """A person asks at most so often in any minute, whatever others do, and is told once how long to wait."""
    limit, now = RateLimit(most), 1000.0
    allowed: dict[int, list[float]] = {7: [], 8: []}
    told: dict[int, list[float]] = {7: [], 8: []}
    for person, pause in questions:
        now += pause
        verdict = limit.ask(person, now)
        recent = [time for time in allowed[person] if time > now - MINUTE]
        assert verdict.allowed == (len(recent) < most)
        if verdict.allowed:
            allowed[person].append(now)
            continue
        free = recent[0] + MINUTE
        assert 0 < free - now <= verdict.seconds < free - now + 1 or verdict.seconds == 1
        assert verdict.told == (free not in told[person])
        told[person].append(free)

    assert all(most_in(times, MINUTE) <= most for times in allowed.values())


def test_rate_limit_forgets() -> None:
    """People who have been quiet are forgotten when there are many."""
    limit = RateLimit(1)
    for person in range(limits.MANY + 10):
        limit.ask(person, float(person))

    assert len(limit._sent) <= limits.MANY + 1
