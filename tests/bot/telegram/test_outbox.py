"""The outbox: what is owed is written down once, and what became of it survives the process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.outbox import DROPPED, OWED, SENDING, SENT, Content, Outbox, Owed, _owed, _values
from bot.telegram.service import open_conversations
from bot.telegram.tables import outgoing

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
BUTTONS = st.lists(st.lists(st.dictionaries(st.sampled_from(["text", "callback_data", "url"]), TEXT), max_size=2), max_size=2)
ENTITIES = st.lists(st.fixed_dictionaries({"type": TEXT, "offset": st.integers(0, 99), "length": st.integers(1, 99)}), max_size=3)
CONTENTS = st.builds(
    Content,
    TEXT,
    ENTITIES.map(tuple),
    BUTTONS.map(lambda rows: tuple(tuple(row) for row in rows)),
    st.integers(0, 2**31),
    st.integers(0, 2**31),
    st.booleans(),
)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An outbox on a database of its own."""
    engine = open_conversations(tmp_path)
    yield Outbox(engine)
    engine.dispose()


def owed(update_id: int, number: int = 0, chat: int = 7, **values: object) -> Owed:
    """A message."""
    return replace(Owed(update_id, number, chat, 7, Content("Text", reply_to=3)), **values)


def send(outbox: Outbox, each: Owed, message: int) -> None:
    """Note that a message stands."""
    with outbox.engine.begin() as connection:
        outbox.sent(connection, each, message)


@given(CONTENTS)
def test_content_is_kept(content: Content) -> None:
    """What a message says is read as it was written."""
    each = Owed(1, 2, 3, 4, content, message=5, exchange=6)

    class Row:
        """A row of the table."""

    row = Row()
    vars(row).update(_values(each))
    assert each == _owed(row)


def test_written_once(outbox: Outbox) -> None:
    """Owing a message again changes nothing, whatever has become of it."""
    outbox.owe([owed(1), owed(1, 1)])
    send(outbox, owed(1), 50)
    outbox.owe([owed(1), owed(1, 1, content=Content("Another"))])

    assert [(SENT, 50), (OWED, None)] == [(each.state, each.message) for each in outbox.of_update(1)]
    assert outbox.get(1, 1).content.text == "Text"
    assert outbox.get(1, 2) is None


def test_states(outbox: Outbox) -> None:
    """A message is owed, then being sent, then sent or dropped; what is done with keeps no text."""
    first, second = owed(1), owed(2)
    outbox.owe([first, second])
    outbox.sending(first, 40)
    assert (SENDING, 40) == (outbox.get(1, 0).state, outbox.get(1, 0).floor)
    outbox.not_sent(first)
    assert outbox.get(1, 0).state == OWED
    send(outbox, first, 41)
    outbox.drop(second)

    assert [SENT, DROPPED] == [outbox.get(number, 0).state for number in (1, 2)]
    with outbox.engine.connect() as connection:
        assert ["", ""] == connection.scalars(sa.select(outgoing.c.payload)).all()


def test_sending_takes_no_other_place(outbox: Outbox) -> None:
    """A message that is sent anew is no edit of the one whose place it was to take, for that is gone."""
    outbox.owe([owed(1)])
    outbox.aim(owed(1), 30)
    assert outbox.get(1, 0).message == 30
    outbox.sending(owed(1), 40)

    assert outbox.get(1, 0).message is None


def test_known_messages(outbox: Outbox) -> None:
    """The bot's messages in a chat above an id, and the highest in each chat."""
    for number, (chat, message) in enumerate([(7, 10), (7, 12), (8, 11), (-5, 13)]):
        outbox.owe([owed(number, chat=chat)])
        send(outbox, owed(number, chat=chat), message)
    outbox.owe([owed(9)])

    assert {12} == outbox.known_messages(7, 10)
    assert {7: 12, 8: 11, -5: 13} == outbox.highest()


def test_erase(outbox: Outbox) -> None:
    """What was said to a person is forgotten, but not what is owed to them still."""
    outbox.owe([owed(1), owed(2), owed(3), owed(4, person=8)])
    send(outbox, owed(1), 10)
    outbox.drop(owed(2))
    send(outbox, owed(4), 11)
    with outbox.engine.begin() as connection:
        outbox.erase(connection, 7)

    assert [3, 4] == [number for number in range(5) if outbox.of_update(number)]


def test_prune(outbox: Outbox) -> None:
    """Older messages that are done with are forgotten, but never one that is owed or being sent."""
    outbox.owe([owed(number) for number in range(5)])
    for number in (0, 3):
        send(outbox, owed(number), number + 10)
    outbox.sending(owed(1), 5)
    outbox.prune(3)

    assert [1, 2, 3, 4] == [number for number in range(5) if outbox.of_update(number)]


def test_move(outbox: Outbox) -> None:
    """What is owed to a group goes to the id that it has got, and replies to no message of the old one."""
    outbox.owe([owed(1, chat=-5), owed(2, chat=-5), owed(3, chat=-6)])
    outbox.sending(owed(1), 40)
    outbox.aim(owed(2), 30)
    with outbox.engine.begin() as connection:
        outbox.move(connection, -5, -1_000_000_000_005)
    moved = [outbox.get(number, 0) for number in (1, 2)]

    assert {(-1_000_000_000_005, None, 0, 0)} == {(each.chat, each.message, each.floor, each.content.reply_to) for each in moved}
    assert (outbox.get(3, 0).chat, outbox.get(3, 0).content.reply_to) == (-6, 3)
