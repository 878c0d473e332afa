"""One question in several messages: Telegram's clients cut a text that is longer than a message may be, and drop the white space.

A client cuts at the end of a paragraph, line, sentence or word, and trims both parts; only where there is no such place does
it cut inside a word, and then the first part is as long as a message may be.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.telegram.richtext import units
from bot.telegram.splitting import LIMIT

LEAST = 2000  # UTF-16 units of a part that another may follow: clients look for a place to cut from half a message on
WITHIN = datetime.timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Piece:
    """A message as far as it may be a part of a question; `topic` is 0 where there are none."""

    message_id: int
    sender: int
    topic: int
    date: datetime.datetime
    text: str
    is_command: bool = False
    is_forwarded: bool = False


def may_continue(first: Piece) -> bool:
    """Whether a message is so long that the rest of it may come in another."""
    return units(first.text) >= LEAST and not first.is_command


def continues(first: Piece, second: Piece) -> bool:
    """Whether the second message goes on where the client has cut the first."""
    together = (first.sender, first.topic, first.is_forwarded) == (second.sender, second.topic, second.is_forwarded)
    in_order = first.message_id < second.message_id and datetime.timedelta(0) <= second.date - first.date <= WITHIN
    return may_continue(first) and together and in_order and not second.is_command


def joined(pieces: Sequence[Piece]) -> str:
    """The whole text, with a space where a client has dropped white space."""
    seams = ("" if _meet(first.text, second.text) else " " for first, second in pairwise(pieces))
    return "".join(part for piece, seam in zip(pieces, ["", *seams], strict=True) for part in (seam, piece.text))


def _meet(first: str, second: str) -> bool:
    """Whether nothing was dropped between two texts: the first is full, or there is white space."""
    full = units(first) >= LIMIT
    return full or not first or not second or first[-1].isspace() or second[0].isspace()
