"""Text in a form in which two writings of the same words are equal, and where each of its characters comes from."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import accumulate, chain

from retrieval.passages import Span

# What a dash was in the text, in `Folded.kinds`. They are private characters, which mean nothing in a text.
JOINED, RANGE, SIGN, BREAK = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3"

# Scripts that are written without spaces: each of their characters is a word of its own.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_HYPHENS = "\\-\u2010\u2011\u2043\ufe63\uff0d"
_SHORT_DASHES = "\u2012\u2013\u2212"
_DASHES = _HYPHENS + _SHORT_DASHES + "\u2014\u2015\u2e3a\u2e3b\ufe58"
_HYPHEN, _SHORT_DASH = re.compile(f"[{_HYPHENS}]"), re.compile(f"[{_SHORT_DASHES}]")
_QUOTES = "\"'`´‘’‚‛“”„‟«»‹›′″‵‶ʹʺʻʼʽ＂＇「」『』〝〞〟"

_SHOWN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # formats with a shape
_SHAPELESS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # marks without one
_VOWELS = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")  # parts of a Korean syllable that join the one before

Piece = tuple[int, int, str, str]  # from, to, what it is folded to, and the kind of dash it is or ""


class Folded:
    """A text in lower case with one kind of space, dash and quotation mark, composed accents, and nothing invisible.

    Marks of emphasis count as invisible. `kinds` is `folded` with the kind of each dash in its place.
    """

    __slots__ = ("_firsts", "_pieces", "folded", "kinds")

    def __init__(self, text: str) -> None:
        self._pieces = list(_pieces(text))
        self.folded = "".join([piece for _, _, piece, _ in self._pieces])
        self.kinds = "".join([kind or piece for _, _, piece, kind in self._pieces])
        self._firsts = list(accumulate([len(piece) for _, _, piece, _ in self._pieces], initial=0))

    def place(self, start: int, end: int) -> Span | None:
        """Where a part of `folded` comes from in the text; None if a ligature or the like would be parted."""
        first, offset = self._piece(start)
        last, rest = self._piece(end - 1)
        begins, ends = first[0] + offset, last[0] + rest + 1
        if offset and not _partable(first):
            return None
        if not _partable(last):
            ends = last[1]
            if rest + 1 < len(last[2]):
                return None
        return Span(begins, ends)

    def _piece(self, index: int) -> tuple[Piece, int]:
        number = bisect_right(self._firsts, index) - 1
        return self._pieces[number], index - self._firsts[number]


def _partable(piece: Piece) -> bool:
    start, end, folded, _ = piece
    return len(folded) == end - start


def normalise(text: str) -> str:
    """The form in which texts are compared: what is forgiven looks the same in it."""
    return "".join([piece for _, _, piece, _ in _pieces(text)])


def visible(text: str) -> str:
    """A text without the characters that nobody sees."""
    return text if text.isascii() else invisible().sub("", text)


@cache
def invisible() -> re.Pattern[str]:
    """Format characters and marks without a shape: soft hyphens, joiners, changes of direction, tags."""
    return re.compile(f"[{_invisible_class()}]")


@cache
def marks() -> str:
    """What belongs to the character before it, for a set in a pattern."""
    return _set(lambda one: (unicodedata.category(one)[0] == "M" and not _SHAPELESS.match(one)) or bool(_VOWELS.match(one)))


@cache
def _invisible_class() -> str:
    return _set(lambda one: (unicodedata.category(one) == "Cf" and one not in _SHOWN) or bool(_SHAPELESS.match(one)))


def _set(wanted: Callable[[str], bool]) -> str:
    """The characters that are wanted as ranges for a pattern; the other planes hold none of those that are asked for here."""
    numbers = [number for number in chain(range(0x20000), range(0xE0000, 0xE0200)) if wanted(chr(number))]
    firsts = [number for number, before in zip(numbers, [-1, *numbers], strict=False) if number != before + 1]
    lasts = [number for number, after in zip(numbers, [*numbers[1:], -1], strict=True) if number + 1 != after]
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in zip(firsts, lasts, strict=True))


@cache
def _parts() -> re.Pattern[str]:
    """Cuts a text into runs in which a character is a character, and what has to be looked at."""
    joining, hidden = marks(), _invisible_class()
    # Markdown's marks around words, which a model may or may not copy; "5*3", "2 * 3" and "snake_case" have none.
    emphasis = (
        rf"(?<![\w{joining}{hidden}])(?:\*{{1,3}}|_{{1,3}})(?=[^\s*_{hidden}])"
        rf"|(?<=[^\s*_{hidden}])(?:\*{{1,3}}|_{{1,3}})(?![\w{hidden}])"
    )
    # A set with hundreds of ranges beyond the first plane is slow, so what is beyond it is looked at one by one.
    first_plane = "".join(part for part in re.findall(r"\\U0000\w{4}-\\U\w{8}", joining + hidden))
    plain = rf"[^\s*_{_DASHES}{_QUOTES}…{first_plane}\U00010000-\U0010ffff]"
    return re.compile(
        rf"(?P<run>{plain}+(?: {plain}+)*(?![{joining}{hidden}]))"
        rf"|(?P<dash>[\s{hidden}]*[{_DASHES}][{_DASHES}{hidden}]*[\s{hidden}]*)"
        rf"|(?P<space>[{hidden}]*\s[\s{hidden}]*)"
        rf"|(?P<hidden>[{hidden}]+|{emphasis})"
        rf"|(?P<quote>(?P<one>['`´‘’‚])(?P=one)|[{_QUOTES}])"
        rf"|(?P<other>[^\s{_DASHES}{_QUOTES}][{joining}{hidden}]*)"
    )


def _pieces(text: str) -> Iterator[Piece]:
    """The text in pieces; one that is as long as what it is folded to can be parted anywhere."""
    for match in _parts().finditer(text):
        start, end, kind, found = match.start(), match.end(), match.lastgroup, match.group()
        if kind == "run":
            folded = found.casefold()
            if len(folded) == len(found) and (found.isascii() or unicodedata.is_normalized("NFC", folded)):
                yield start, end, folded, ""
            else:
                yield from ((start + place, start + place + 1, _fold(one), "") for place, one in enumerate(found))
        elif kind == "dash":
            yield start, end, "-", _dash(text, start, end, found)
        elif kind != "hidden":
            yield start, end, {"space": " ", "quote": "'", "one": "'"}.get(kind or "") or _fold(found), ""


def _dash(text: str, start: int, end: int, found: str) -> str:
    """What a dash does by its looks: a hyphen joins, a short dash between words is a range, one before a word may be a sign."""
    found = visible(found)
    dash = found.strip()
    short = bool(_SHORT_DASH.fullmatch(dash))
    if not (short or _HYPHEN.fullmatch(dash)) or found[-1:].isspace() or end == len(text):
        return BREAK
    if found[:1].isspace() or start == 0:
        return SIGN
    return RANGE if short else JOINED


@lru_cache(maxsize=4096)
def _fold(found: str) -> str:
    """A character with its marks: lower case, composed; both ways of writing it come to the same."""
    seen = invisible().sub("", found)
    return "..." if seen == "…" else unicodedata.normalize("NFC", unicodedata.normalize("NFD", seen).casefold())
