"""The outbox: what is owed is written down once, and what became of it survives the process."""

from contextlib import suppress
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import Conversations
from bot.exchanges import Asked, Thread, exchange
from bot.telegram.inbox import Inbox
from bot.telegram.outbox import DROPPED, OWED, SENDING, SENT, Content, Outbox, Owed, _owed, _values
from bot.telegram.tables import outgoing
from retrieval import Answer

ANSWER = Answer("Why?", "Why?", (), (), (), confidence=1.0, seconds=0.0)
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
def outbox(database: sa.Engine) -> Outbox:
    """An outbox on a database of its own."""
    return Outbox(database)


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
    outbox.owe([owed(1, message=30)])
    assert outbox.get(1, 0).message == 30
    outbox.sending(owed(1), 40)

    assert outbox.get(1, 0).message is None


def test_added(outbox: Outbox) -> None:
    """Whoever writes messages down learns how many were not there; a transaction that fails leaves none."""
    with outbox.engine.begin() as connection:
        assert [2, 1, 0] == [outbox.add(connection, [owed(1, n) for n in numbers]) for numbers in ((0, 1), (0, 2), (1, 2))]
    with suppress(OSError), outbox.engine.begin() as connection:
        assert outbox.add(connection, [owed(1, 3)]) == 1
        raise OSError

    assert [0, 1, 2] == [each.number for each in outbox.of_update(1)]


def test_shown_by(outbox: Outbox) -> None:
    """The update that a message of a chat belongs to, the latest if it shows the answers to several; none if it is unknown."""
    outbox.owe([owed(1), owed(2), owed(3, chat=8), owed(4, message=50), owed(5)])
    for update_id, message in ((1, 50), (2, 51)):
        send(outbox, owed(update_id), message)
    send(outbox, owed(3, chat=8), 52)

    assert [4, 2, None, None] == [outbox.shown_by(7, message) for message in (50, 51, 52, 0)]
    assert outbox.shown_by(8, 52) == 3


def test_known_messages(outbox: Outbox) -> None:
    """The bot's messages in a chat above an id, and the highest in each chat."""
    for number, (chat, message) in enumerate([(7, 10), (7, 12), (8, 11), (-5, 13)]):
        outbox.owe([owed(number, chat=chat)])
        send(outbox, owed(number, chat=chat), message)
    outbox.owe([owed(9)])

    assert {12} == outbox.known_messages(7, 10)
    assert {7: 12, 8: 11, -5: 13} == outbox.highest()


def test_erase(outbox: Outbox) -> None:
    """What was said or is owed to a person is forgotten, but for what their wish to be forgotten has led to."""
    outbox.owe([owed(1), owed(2), owed(3), owed(4, person=8), owed(5), owed(5, 1), owed(6)])
    send(outbox, owed(1), 10)
    outbox.drop(owed(2))
    outbox.sending(owed(3), 10)
    send(outbox, owed(4), 11)
    send(outbox, owed(5), 12)
    with outbox.engine.begin() as connection:
        outbox.erase(connection, 7, besides=5)

    assert [(SENT, 12), (OWED, None)] == [(each.state, each.message) for each in outbox.of_update(5)]
    assert [4, 5] == [number for number in range(7) if outbox.of_update(number)]


def test_prune(outbox: Outbox) -> None:
    """Older messages are forgotten, whatever became of them, but for those of updates that are still to be done."""
    inbox = Inbox(outbox.engine)
    inbox.store([{"update_id": number} for number in range(1, 8)])
    outbox.owe([owed(number) for number in range(8)])
    for number in (0, 3, 6):
        send(outbox, owed(number), number + 10)
    outbox.sending(owed(1), 5)
    outbox.sending(owed(4), 5)
    inbox.finish(4, 5, 6, 7)
    outbox.prune(7)

    assert [1, 2, 3, 7] == [number for number in range(8) if outbox.of_update(number)]


def test_prune_keeps_answers(outbox: Outbox) -> None:
    """The messages that show an answer are kept as long as the answer is."""
    with outbox.engine.begin() as connection:
        kept, other = (
            Conversations(outbox.engine).record(
                connection, Asked(Thread(7, 0, 7), number, ((number, "Why?"),), "Why?", None), ANSWER
            )
            for number in (1, 2)
        )
        connection.execute(exchange.delete().where(exchange.c.id == other))
    outbox.owe([owed(1, exchange=kept), owed(2, exchange=other)])
    for number in (1, 2):
        send(outbox, owed(number), number + 10)
    outbox.prune(3)

    assert [1] == [number for number in range(3) if outbox.of_update(number)]


def test_move(outbox: Outbox) -> None:
    """What is owed to a group goes to the id that it has got, and replies to no message of the old one."""
    outbox.owe([owed(1, chat=-5), owed(2, chat=-5, message=30), owed(3, chat=-6)])
    outbox.sending(owed(1), 40)
    with outbox.engine.begin() as connection:
        outbox.move(connection, -5, -1_000_000_000_005)
    moved = [outbox.get(number, 0) for number in (1, 2)]

    assert {(-1_000_000_000_005, None, 0, 0)} == {(each.chat, each.message, each.floor, each.content.reply_to) for each in moved}
    assert (outbox.get(3, 0).chat, outbox.get(3, 0).content.reply_to) == (-6, 3)


def test_sent_moves(outbox: Outbox) -> None:
    """What was sent to a group is known under its new id by the message's number, and what was dropped stays so."""
    outbox.owe([owed(1, chat=-5), owed(2, chat=-5)])
    send(outbox, owed(1), 41)
    outbox.drop(owed(2))
    with outbox.engine.begin() as connection:
        outbox.move(connection, -5, -1_000_000_000_005)

    moved = [outbox.get(number, 0) for number in (1, 2)]
    assert [(SENT, 41), (DROPPED, None)] == [(each.state, each.message) for each in moved]
    assert outbox.shown_by(-1_000_000_000_005, 41) == 1
    assert outbox.shown_by(-5, 41) is None
