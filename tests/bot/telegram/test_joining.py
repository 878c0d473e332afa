"""A question that a client has cut in two is one question."""

import datetime
from bisect import bisect_right
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram.joining import Piece, continues, joined, may_continue
from bot.telegram.richtext import offsets, units

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
FIRST = Piece(1, sender=5, topic=0, date=NOW, text="x" * 4000)
SECOND = Piece(2, sender=5, topic=0, date=NOW + datetime.timedelta(seconds=1), text="the rest")


def cut(text: str, limit: int = 4096) -> list[str]:
    """A text as clients cut it: at white space in the last part of a message, which is dropped, else where it is full."""
    parts = []
    while units(text) > limit:
        end = bisect_right(offsets(text), limit) - 1
        spaces = [at for at in range(end - 1, end // 2, -1) if text[at].isspace()]
        end = spaces[0] if spaces else end
        parts.append(text[:end].strip())
        text = text[end:].strip()
    return [*parts, text]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["word", "😀", "longer-word" * 9, "é,"]), min_size=1, max_size=9), st.sampled_from([" ", "\n"]))
def test_what_was_cut_is_whole_again(words: list[str], space: str) -> None:
    """No word is lost, none is cut in two and no two become one; at the cut a space stands for the white space."""
    text = space.join(words * 2000)[:9000].strip()
    pieces = [replace(FIRST, message_id=n, text=part) for n, part in enumerate(cut(text))]

    assert text.split() == joined(pieces).split()
    assert all(map(continues, pieces, pieces[1:]))


def test_a_text_without_white_space_gets_none() -> None:
    """What had to be cut inside a word, or in a script that does without spaces, is put together as it was."""
    for text in ("x" * 9000, "中文" * 4500, "https://example.org/" + "a" * 5000):
        assert text == joined([replace(FIRST, text=part) for part in cut(text)])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (replace(FIRST, text="x" * 1999), SECOND),
        (replace(FIRST, is_command=True), SECOND),
        (FIRST, replace(SECOND, is_command=True)),
        (FIRST, replace(SECOND, sender=6)),
        (FIRST, replace(SECOND, topic=1)),
        (FIRST, replace(SECOND, message_id=1)),
        (FIRST, replace(SECOND, date=NOW + datetime.timedelta(seconds=3))),
        (FIRST, replace(SECOND, date=NOW - datetime.timedelta(seconds=1))),
        (FIRST, replace(SECOND, is_forwarded=True)),
    ],
)
def test_other_messages_stay_apart(first: Piece, second: Piece) -> None:
    """What is short, a command, another person's, in another topic, earlier, later or forwarded is a message of its own."""
    assert continues(FIRST, SECOND)
    assert not continues(first, second)


def test_only_long_messages_are_waited_for() -> None:
    """A short question is answered at once."""
    assert may_continue(FIRST)
    assert not may_continue(SECOND)


def test_one_message_is_itself() -> None:
    """A question in one message is not changed, and white space that is there is not doubled."""
    assert FIRST.text == joined([FIRST])
    assert f"{FIRST.text}\nthe rest" == joined([replace(FIRST, text=f"{FIRST.text}\n"), SECOND])
