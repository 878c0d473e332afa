"""Who is served when: order within a lane, lanes side by side, and never more at hand than there is room for."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable

import pytest
from botapi.chains import EchoChain, Held
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram import dispatcher as module
from bot.telegram import pacing, serving, texts
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.inbox import Stored

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
Start = Callable[..., Running]


class Stage:
    """A dispatcher whose updates are served when the test says so; the lane of each is its number modulo `lanes`."""

    def __init__(self, *, lanes: int = 1) -> None:
        self.gates: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self.begun: list[int] = []
        self.done: list[int] = []
        self.told: list[tuple[int, int]] = []
        self.busy: set[Hashable] = set()
        self.lanes = lanes
        self.dispatcher = Dispatcher(self.serve, self.lane_of, self.still_waiting)

    def lane_of(self, stored: Stored) -> Hashable:
        """The lane."""
        return stored.update_id % self.lanes

    async def serve(self, stored: Stored) -> None:
        """Wait for the gate of an update; one whose payload says so fails."""
        lane = self.lane_of(stored)
        assert lane not in self.busy, "two at once in one lane"
        self.busy.add(lane)
        self.begun.append(stored.update_id)
        try:
            await self.gates[stored.update_id].wait()
        finally:
            self.busy.discard(lane)
        if stored.payload.get("fails"):
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


@settings(max_examples=50, deadline=None)
@given(lanes=st.integers(1, 4), opened=st.permutations(range(12)))
def test_order(lanes: int, opened: list[int]) -> None:
    """Whatever takes longest, updates of a lane are served in the order in which they came, each once, and none is lost."""

    async def test() -> None:
        stage = Stage(lanes=lanes)
        stage.submit(*range(12))
        await calm()
        assert sorted(stage.begun) == list(range(lanes)), "lanes go side by side"
        for number in opened:
            stage.open(number)
            await calm()
        for lane in range(lanes):
            assert [number for number in stage.done if number % lanes == lane] == list(range(lane, 12, lanes))
        assert stage.dispatcher.at_hand == 0
        assert not stage.dispatcher._lanes

    run(test)


def test_failure() -> None:
    """An update that fails holds up neither its lane nor the count."""

    async def test() -> None:
        stage = Stage()
        stage.submit(1, fails=True)
        stage.submit(2)
        stage.open(1, 2)
        await calm()
        assert [2] == stage.done
        assert stage.dispatcher.at_hand == 0

    run(test)


def test_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """When as many are at hand as there may be there is no room, until one is done or called off."""
    monkeypatch.setattr(module, "MOST", 3)

    async def test() -> None:
        stage = Stage()
        stage.submit(1, 2)
        assert stage.dispatcher.has_room
        stage.submit(3)
        assert not stage.dispatcher.has_room
        waiting = asyncio.create_task(stage.dispatcher.room())
        await calm()
        assert not waiting.done()
        stage.open(1)
        await waiting
        stage.submit(4)
        assert not stage.dispatcher.has_room
        assert [3] == [each.update_id for each in stage.dispatcher.discard(lambda stored: stored.update_id == 3)]
        assert stage.dispatcher.has_room
        stage.open(2, 4)
        await calm()
        assert [1, 2, 4] == stage.done

    run(test)


def test_following() -> None:
    """The update that comes next in a lane can be waited for and be made a part of the one that is served."""

    async def test() -> None:
        stage = Stage(lanes=2)
        dispatcher = stage.dispatcher
        stage.submit(2)
        await calm()
        assert await dispatcher.following(2, 0.01) is None
        assert await dispatcher.following(99, 10) is None
        waiting = asyncio.create_task(dispatcher.following(2, 10))
        await calm()
        stage.submit(3)
        await calm()
        assert not waiting.done(), "the other lane's is none that follows"
        stage.submit(4, 6)
        assert (await waiting).update_id == 4
        dispatcher.take_in(2)
        assert [2, 4] == dispatcher.together(2)
        assert [99] == dispatcher.together(99)
        assert dispatcher.at_hand == 3
        stage.open(2, 3, 6)
        await calm()
        assert [3, 2, 6] == sorted(stage.done, key=[3, 2, 6].index)
        assert dispatcher.at_hand == 0

    run(test)


def test_close() -> None:
    """At the end nothing more is begun; what is being served may end in time, and is broken off then."""

    async def test() -> None:
        stage = Stage(lanes=2)
        stage.submit(1, 2, 3, 4)
        await calm()
        asyncio.get_running_loop().call_later(0.02, stage.open, 1)
        await stage.dispatcher.close(0.1)
        stage.submit(5)
        await calm()
        assert [1] == stage.done
        assert [1, 2] == sorted(stage.begun)
        assert not stage.busy

    run(test)


def test_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an update that waits for long the place in its lane is told; of one that is served or called off it is not."""
    monkeypatch.setattr(module, "PATIENCE", 0.02)

    async def test() -> None:
        stage = Stage()
        stage.submit(1, 2, 3, 4)
        stage.dispatcher.discard(lambda stored: stored.update_id == 3)
        await asyncio.sleep(0.05)
        assert [(2, 1), (4, 2)] == stage.told
        stage.open(1, 2, 4)
        await calm()
        stage.submit(5)
        await asyncio.sleep(0.04)
        assert len(stage.told) == 2

    run(test)


def test_one_moment(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks again while an answer takes long is asked for patience once, with a place in the queue; commands are not."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    chat, other = api.private(ADA), api.private(BOB)
    with start(wrap=(held := Held()), streaming=False) as bot, held:
        monkeypatch.setattr("bot.telegram.previews.PATIENCE", 60)
        for text in ("How many otters?", "/help", "Who pays for the lighthouse?", "And the flood?"):
            api.say(chat, ADA, text)
        held.begun()
        api.say(other, BOB, "/help")
        api.wait_sent(other, 1)
        (moment,) = api.wait_sent(chat, 1)
        held.go()
        api.wait_for(lambda: not bot.left)

    assert moment.text in {texts.ONE_MOMENT.format(number=number) for number in (2, 3)}
    assert 5 == len(api.sent(chat))
    assert serving.MOMENT_SECONDS >= 10


def test_fifty_chats(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four questions in each of fifty chats at once are answered in order, each once, and none is lost."""
    monkeypatch.setattr(pacing, "ALL", (10_000, 1.0))
    monkeypatch.setattr(module, "PATIENCE", 60)
    people = [Person(number, f"Person {number}") for number in range(100, 150)]
    chats = [api.private(person) for person in people]
    questions = [f"Question {number}" for number in range(4)]
    with start(wrap=EchoChain(), streaming=False) as bot:
        for text in questions:
            for chat, person in zip(chats, people, strict=True):
                api.say(chat, person, text)
        api.wait_for(lambda: not bot.left, 30)

    for chat in chats:
        assert [f"0: {text}" for text in questions] == [each.text for each in api.sent(chat)]
