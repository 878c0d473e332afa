"""Who is served when: order within a lane, lanes side by side, and never more at hand than there is room for."""

import asyncio
from contextlib import suppress

import pytest
from botapi.stage import Stage, calm, run
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram import dispatcher as module
from bot.telegram.inbox import Stored


@settings(max_examples=30, deadline=None)
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


def test_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that fails holds up neither its lane nor the count; it is tried again a little later, but not for ever."""

    async def test() -> None:
        stage = Stage()
        stage.submit(1, fails=module.AGAIN)
        stage.submit(2, fails=module.AGAIN + 1)
        stage.submit(3)
        stage.open(1, 2, 3)
        with monkeypatch.context() as patched:
            patched.setattr(module, "AGAIN_SECONDS", 0)
            await calm()
        assert [3, 1] == stage.done
        assert [1 + module.AGAIN] * 2 == [stage.begun.count(number) for number in (1, 2)]
        assert stage.dispatcher.at_hand == 0

    run(test)


def test_failure_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken into an update that fails comes again behind it."""
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0)

    async def test() -> None:
        stage = Stage()
        stage.submit(1, fails=1)
        stage.submit(2, 3)
        await calm()
        stage.dispatcher.take_in(1)
        stage.open(3, 1, 2)
        await calm()
        assert [3, 1, 2] == stage.done
        assert stage.dispatcher.at_hand == 0

    run(test)


def test_failure_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails while the process ends is left to the next start."""
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0)

    async def test() -> None:
        stage = Stage()
        stage.submit(1, fails=1)
        await calm()
        stage.open(1)
        await stage.dispatcher.close(5)
        await calm()
        assert [1] == stage.begun

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


def test_discard() -> None:
    """What waits is called off in whichever lane it is, what is being served is not; the rest keeps its order."""

    async def test() -> None:
        stage = Stage(lanes=3)
        stage.submit(*range(12))
        await calm()
        called_off = stage.dispatcher.discard(lambda stored: stored.update_id in {0, 1, 3, 4, 5, 8})
        assert [3, 4, 5, 8] == sorted(each.update_id for each in called_off)
        assert stage.dispatcher.at_hand == 8
        stage.open(*range(12))
        await calm()
        assert {0, 1, 2, 6, 7, 9, 10, 11} == set(stage.done)
        assert [[0, 6, 9], [1, 7, 10], [2, 11]] == [[each for each in stage.done if each % 3 == lane] for lane in range(3)]
        assert stage.dispatcher.at_hand == 0

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


def test_close_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not end even when it is broken off does not hold up the end."""
    end = asyncio.Event()

    async def stubborn(_: Stored) -> None:
        while not end.is_set():
            with suppress(asyncio.CancelledError):
                await end.wait()

    async def test() -> None:
        stage = Stage()
        monkeypatch.setattr(stage.dispatcher, "_serve", stubborn)
        stage.submit(1)
        await calm()
        async with asyncio.timeout(3):
            await stage.dispatcher.close(0.01)
        end.set()
        await calm()

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
