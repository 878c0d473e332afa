"""Short names for what buttons mean."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram.shortcuts import Shortcuts
from bot.telegram.stored import open_conversations

MEANINGS = st.lists(st.tuples(st.text(max_size=20), st.integers(1, 3)), max_size=5)
NAMES = st.text(max_size=64) | st.integers(min_value=10**6).map(str) | st.sampled_from(["9" * 19, "9" * 60, "٣", "-1", "1.0", ""])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A database for all tests here."""
    opened = open_conversations(tmp_path_factory.mktemp("shortcuts"))
    yield opened
    opened.dispose()


@settings(max_examples=25, deadline=None)
@given(made=MEANINGS)
def test_meanings(engine: sa.Engine, made: list[tuple[str, int]]) -> None:
    """Each meaning of each person has one name, short enough for a button, that leads back to it, also after a restart."""
    names = {pair: Shortcuts(engine).make(*pair) for pair in made}
    again = Shortcuts(engine)
    assert len(set(names.values())) == len(names)
    assert all(again.make(*pair) == name and again.meaning(name) == pair[0] for pair, name in names.items())
    assert all(len(f"p:{name}:{10**6}") <= 64 for name in names.values())


@settings(max_examples=50, deadline=None)
@given(name=NAMES)
def test_strangers_names(engine: sa.Engine, name: str) -> None:
    """What no button was given means nothing, whatever it is."""
    if not (name.isascii() and name.isdigit() and len(name) < 6):
        assert Shortcuts(engine).meaning(name) is None


def test_kept(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each person only the newest are kept, so that one who makes many costs nobody else theirs."""
    monkeypatch.setattr("bot.telegram.shortcuts.KEPT", 3)
    shortcuts = Shortcuts(database)
    other = shortcuts.make("otters", 41)
    names = [shortcuts.make(f"words {number}", 40) for number in range(5)]
    assert [None, None, "words 2", "words 3", "words 4"] == [shortcuts.meaning(name) for name in names]
    assert shortcuts.meaning(other) == "otters"
    assert shortcuts.make("words 2", 40) == names[2], "what is made again is not made anew"
    assert shortcuts.meaning(names[4]) == "words 4"


def test_erase(database: sa.Engine) -> None:
    """What was made for a person is forgotten with them, and no later name leads to another meaning."""
    shortcuts = Shortcuts(database)
    mine, other = shortcuts.make("otters", 7), shortcuts.make("otters", 8)
    with database.begin() as connection:
        shortcuts.erase(connection, 7)
    assert shortcuts.meaning(mine) is None
    assert shortcuts.meaning(other) == "otters"
    assert shortcuts.make("bread", 7) not in {mine, other}


def test_numbers_of_strangers(database: sa.Engine) -> None:
    """A number that no shortcut can have means nothing, however long it is."""
    assert {None} == {Shortcuts(database).meaning("9" * length) for length in range(1, 70)}


def test_text_that_no_database_holds(database: sa.Engine) -> None:
    """A meaning with a zero character in it has a name, and the same one each time."""
    shortcuts = Shortcuts(database)
    assert shortcuts.make("a\0b", 7) == shortcuts.make("a\0b", 7)
