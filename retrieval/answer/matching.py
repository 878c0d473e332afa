"""Where the words that a model quotes stand: letter for letter, but for how a text is set.

Forgiven are white space, kinds of dashes and quotation marks, upper case, ways to write the same accent, and what is invisible.
Any other difference is a different quote, and so are words that are cut out of a longer word or number.
"""

import re
from collections.abc import Iterator
from functools import cache

from retrieval.answer.folding import BREAK, JOINED, RANGE, SIGN, UNSPACED, Folded, invisible, marks
from retrieval.passages import Span

LEAST_CHARACTERS, LEAST_WORDS = 8, 2
LEAST_UNSPACED = 6  # characters in a script without spaces
WINDOW = 6  # characters on each side that say whether something is cut in two
MOST_ADDED = 4  # marks around the words that a model may have added

_CUT = "\ue0f4"  # a private character: where the words of a quote begin or end
_WORDS = re.compile(r"\w+(?:'\w+)*")
_BEYOND_SPACES = re.compile(f"[{UNSPACED}]")
_SIGNED = re.compile(rf"{SIGN}\d")
_NUMERALS = "〇零一二三四五六七八九十百千万萬亿億兆两兩"


class Normalised:
    """A text in which quotes are looked for; made once and used for many."""

    __slots__ = ("_folded", "_text")

    def __init__(self, text: str) -> None:
        self._text, self._folded = text, Folded(text)

    def find(self, quote: str) -> Span | None:
        """The first place of a quote; None if it does not stand here, or is too short to tell."""
        folded = Folded(quote.strip())
        signed = bool(_SIGNED.match(folded.kinds))
        for words in _readings(folded.folded):
            if _enough(words) and (span := self._place(words, signed=signed)):
                return span
        return None

    def _place(self, words: str, *, signed: bool) -> Span | None:
        """The first place where the words are whole words; `signed` if they begin with a number below zero."""
        text = self._folded
        place = text.folded.find(words)
        while place >= 0:
            end = place + len(words)
            cut = self._cuts(place) or self._cuts(end) or (signed and text.kinds[place] == BREAK)
            if not cut and (span := text.place(place, end)):
                return self._bare(span.start, span.end)
            place = text.folded.find(words, place + 1)
        return None

    def _cuts(self, place: int) -> bool:
        """Whether a word or number would be cut in two here."""
        kinds = self._folded.kinds
        return bool(_inside().search(kinds[max(0, place - WINDOW) : place] + _CUT + kinds[place : place + WINDOW]))

    def _bare(self, start: int, end: int) -> Span:
        """Without white space and what is invisible at its ends."""
        text, hidden = self._text, invisible()
        while text[start].isspace() or hidden.match(text, start):
            start += 1
        while text[end - 1].isspace() or hidden.match(text, end - 1):
            end -= 1
        return Span(start, end)


def find_quote(text: str, quote: str) -> Span | None:
    """Where a quote stands in a text, as `Normalised` finds it."""
    return Normalised(text).find(quote)


def _readings(quote: str) -> Iterator[str]:
    """The quote as it is, then without the marks that a model may have put around it, those with the fewest taken off first."""
    seen = {quote: None}
    left = [quote]
    for _ in range(MOST_ADDED):
        yield from left
        less = [shorter for words in left for shorter in _less(words) if shorter not in seen]
        left = list(dict.fromkeys(less))
        seen.update(dict.fromkeys(left))
    yield from left


def _less(words: str) -> Iterator[str]:
    """One mark less: a pair of quotation marks around all, an ellipsis at an end, or a mark behind the last word."""
    if len(words) > 1 and words[0] == words[-1] == "'":
        yield words[1:-1].strip()
    if words.startswith("..."):
        yield words[3:].strip()
    if words.endswith("..."):
        yield words[:-3].strip()
    elif words.endswith((".", ",", ";", ":")):
        yield words[:-1].strip()


def _enough(words: str) -> bool:
    """Whether so many words cannot stand somewhere by chance."""
    if _BEYOND_SPACES.search(words):
        return len(words.replace(" ", "")) >= LEAST_UNSPACED
    return len(words) >= LEAST_CHARACTERS and len(_WORDS.findall(words)) >= LEAST_WORDS


@cache
def _inside() -> re.Pattern[str]:
    """Finds a cut that is inside of something: of a word with its hyphens, a number with its sign, its unit or its digits."""
    letter = rf"(?:(?![{UNSPACED}])[\w{marks()}])"
    cuts = (
        rf"{letter}{_CUT}{letter}",
        rf"[{_NUMERALS}]{_CUT}[{_NUMERALS}]",
        rf"{letter}{_CUT}['{JOINED}]\w|\w['{JOINED}]{_CUT}{letter}",  # don't, well-known
        rf"\d{_CUT}[{RANGE}.,:/^]\d|\d[{RANGE}.,:/^]{_CUT}\d",  # 5.3, 5,000, 10:30, 5/8, 1939–45
        rf"(?:\A|\s)[.,]{_CUT}\d|(?:\A|\W)[{JOINED}{RANGE}]{_CUT}\d|{SIGN}{_CUT}\d",  # .5, -5
        rf"[$€£¥₹<>≤≥±]{_CUT}\d|\d{_CUT}[%‰°]",
        rf"(?<![\d.,])\d{{1,3}}(?:{_CUT} | {_CUT})\d{{3}}(?!\d)",  # 1 200
    )
    return re.compile("|".join(cuts))
