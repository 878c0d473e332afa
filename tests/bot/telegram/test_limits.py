"""How much one person may ask in a minute."""

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.limits import MANY, MINUTE, RateLimit

STEPS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40)), max_size=60)  # who, and how long after the one before


@given(most=st.integers(1, 5), steps=STEPS)
def test_the_law(most: int, steps: list[tuple[int, int]]) -> None:
    """No minute holds more than the limit, nothing below it is refused, and whoever waits as long as they are told is let in."""
    limit, now, asked = RateLimit(most), 1_000_000.0, list[tuple[int, float]]()
    told: dict[int, float] = {}
    for person, later in steps:
        now += later
        within = [sent for who, sent in asked if who == person and sent > now - MINUTE]
        verdict = limit.ask(person, now)
        assert verdict.allowed == (len(within) < most)
        if verdict.allowed:
            asked.append((person, now))
            assert (verdict.seconds, verdict.told) == (0, False)
            continue
        assert 1 <= verdict.seconds <= MINUTE
        assert now + verdict.seconds >= within[0] + MINUTE, "the wait is long enough"
        assert verdict.told == (told.get(person) != within[0]), "once for each time"
        told[person] = within[0]


def test_waiting_helps() -> None:
    """After the seconds that were named the next question is let in."""
    limit = RateLimit(2)
    assert [limit.ask(7, sent).allowed for sent in (0.0, 10.5, 20.0)] == [True, True, False]
    assert limit.ask(7, 20.0 + limit.ask(7, 20.0).seconds).allowed


def test_others_are_not_concerned() -> None:
    """One person's haste costs nobody else anything."""
    limit = RateLimit(1)
    assert limit.ask(7, 0).allowed
    assert not limit.ask(7, 1).allowed
    assert limit.ask(8, 1).allowed


def test_late_messages() -> None:
    """Questions that come in after later ones, as after an outage, are counted and raise nothing."""
    limit = RateLimit(2)
    assert [limit.ask(7, sent).allowed for sent in (500, 100, 50, 400, 561)] == [True, True, False, False, True]


def test_memory_is_bounded() -> None:
    """Who has been quiet for a minute is forgotten once there are many."""
    limit = RateLimit(1)
    for person in range(1, MANY + 3):
        limit.ask(person, 0.0)
        limit.ask(person, 0.0)
    limit.ask(1, 1000.0)
    assert len(limit._sent) == 1
    assert len(limit._told) <= 1
