"""A text too long for one message becomes several, without losing a character and at borders that a reader does not mind."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from bot.telegram import texts
from bot.telegram.richtext import Mark, RichText, last_shown, legal_marks, offsets, shows

LIMIT = 4096  # UTF-16 units in a message, however Telegram counts
MOST_ENTITIES = 100  # in a message; it ignores the rest
CLUSTER = 64  # code points that a border may be moved back by, so as not to part an emoji from its modifiers

# Borders in order of liking; the first three only where they leave the message at least half full.
_PARAGRAPH = re.compile(r"\n\s*\n\s*")
_LINE = re.compile(r"\n\s*")
# What stands behind a sentence stays with it: the numbers of its footnotes, or the mark that it has none.
_SENTENCE = re.compile(rf"[.!?…][\"'”’)\]]*(?:\s\[\d+\])*(?:\s{re.escape(texts.UNSUPPORTED)})?\s+|[。！？]+")
_SPACE = re.compile(r"\s+")

_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_TAGS = ("\U000e0020", "\U000e007f")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


def split(rich: RichText, limit: int = LIMIT) -> list[RichText]:
    """Parts that, one behind the other, are the whole text; each fits into a message, and marks go on from one to the next.

    A part may show nothing only where the text has half a message or more of white space in a row.
    """
    text, marks, at = rich.text, legal_marks(rich), offsets(rich.text)
    legal = RichText(text, tuple(marks))
    parts: list[RichText] = []
    start = 0
    while start < len(text):
        fits = bisect_right(at, at[start] + limit) - 1
        stop = _stop(text, start, min(fits, _crowded(marks, start, len(text))), limit)
        parts.append(legal.cut(start, stop))
        start = stop
    return parts


def _crowded(marks: Sequence[Mark], start: int, end: int) -> int:
    """Where from `start` on there would be more entities than a message may have."""
    starts = [mark.start for mark in marks if mark.end > start]
    return starts[MOST_ENTITIES] if len(starts) > MOST_ENTITIES else end


def _stop(text: str, start: int, furthest: int, limit: int) -> int:
    """Where a part that could reach as far as `furthest` ends."""
    if furthest == len(text):
        return furthest
    if not shows(text[furthest : furthest + limit]):
        # The next part would be blank: it gets the last visible character of this one, if that is not the only one.
        last = last_shown(text, start, furthest)
        furthest = last if shows(text[start:last]) else furthest
    borders = (border for border in _borders(text, start, furthest) if not _holds_together(text, border))
    fine = (each for each in borders if shows(text[start:each]) and (each == furthest or shows(text[each:furthest])))
    return next(fine, furthest)


def _borders(text: str, start: int, furthest: int) -> Iterator[int]:
    """Places to part a text, the best first."""
    half = start + (furthest - start) // 2
    for pattern, least in ((_PARAGRAPH, half), (_LINE, half), (_SENTENCE, half), (_SPACE, start)):
        ends = [found.end() for found in pattern.finditer(text, start, furthest)]
        yield from (end for end in reversed(ends) if least < end)
    yield from range(furthest, max(start, furthest - CLUSTER), -1)


def _holds_together(text: str, at: int) -> bool:
    """Whether what is on both sides of a place is seen as one: an emoji, a flag, a letter with its accents, a sentence's mark."""
    before, after = text[at - 1], text[at : at + 1]
    if not after:
        return False
    length = len(texts.UNSUPPORTED)
    if texts.UNSUPPORTED in text[max(0, at - length + 1) : at + length]:
        return True
    if _JOINER in {before, after} or unicodedata.category(after).startswith("M"):
        return True
    if _among(after, _SKIN_TONES) or _among(after, _TAGS) or (before, after) == ("\r", "\n"):
        return True
    flags = 0
    while flags < at and _among(text[at - 1 - flags], _FLAG_LETTERS):
        flags += 1
    return flags % 2 == 1 and _among(after, _FLAG_LETTERS)


def _among(character: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= character <= ends[1]
