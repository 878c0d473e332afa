"""Text with marks, as Telegram takes it: built without markup, its entities counted in UTF-16 units and legally nested."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from string import Formatter
from typing import Literal, Self

Kind = Literal["bold", "italic", "text_link", "expandable_blockquote", "blockquote", "code"]

# Each kind is cut at the borders of those before it, and none contains itself. `code` contains nothing, and only quotes hold it.
_LEVELS: tuple[tuple[Kind, ...], ...] = (
    ("blockquote", "expandable_blockquote"),
    ("text_link",),
    ("code",),
    ("bold",),
    ("italic",),
)
# Of each kind those before it that it stays out of.
_STAYS_OUT: dict[Kind, tuple[Kind, ...]] = {"code": ("text_link",), "bold": ("code",), "italic": ("code",)}

# All but what Telegram trims or takes for nothing: a message of those characters alone is refused.
_VISIBLE = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufffc]"
)
_LAST_OF_ONE_UNIT = "\uffff"


@dataclass(frozen=True, slots=True)
class Mark:
    """A half-open range of characters (code points) that is shown in some manner; `url` is where a text_link leads."""

    kind: Kind
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class RichText:
    """Text and its marks, which may lie in any order and overlap in any way."""

    text: str = ""
    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, text: str, *kinds: Kind) -> Self:
        """Text that is shown as a whole in these manners."""
        return cls(text, tuple(Mark(kind, 0, len(text)) for kind in kinds))

    def __add__(self, other: "RichText | str") -> "RichText":
        """Both, one behind the other."""
        return join("", [self, other])

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self.text)

    def wrapped(self, kind: Kind) -> "RichText":
        """The same text, all of it shown in this manner as well."""
        return RichText(self.text, (*self.marks, Mark(kind, 0, len(self.text))))

    def cut(self, start: int, end: int) -> "RichText":
        """The part between two places, with what of its marks lies there."""
        inside = (
            replace(mark, start=max(mark.start, start) - start, end=min(mark.end, end) - start)
            for mark in self.marks
            if mark.start < end and mark.end > start
        )
        return RichText(self.text[start:end], tuple(inside))


def link(text: str, url: str) -> RichText:
    """Text that leads to an address; plain text if there is none."""
    return RichText(text, (Mark("text_link", 0, len(text), url),) if url else ())


def join(separator: str, parts: Iterable[RichText | str]) -> RichText:
    """The parts in one, with the separator between them."""
    texts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for part in parts:
        rich = RichText(part) if isinstance(part, str) else part
        at += len(separator) if texts else 0
        texts.append(rich.text)
        marks += (replace(mark, start=mark.start + at, end=mark.end + at) for mark in rich.marks)
        at += len(rich.text)
    return RichText(separator.join(texts), tuple(marks))


def filled(template: str, **values: RichText | str | int) -> RichText:
    """A text of ours with what is named in its braces; marks stay on what they were on."""
    parts: list[RichText | str] = []
    for words, name, _, _ in Formatter().parse(template):
        value = values[name] if name else ""
        parts += [words, value if isinstance(value, RichText) else str(value)]
    return join("", parts)


def units(text: str) -> int:
    """How many UTF-16 units long a text is."""
    return len(text) + sum(character > _LAST_OF_ONE_UNIT for character in text)


def offsets(text: str) -> list[int]:
    """For each place in a text, its end included, how many UTF-16 units lie before it."""
    return list(accumulate((1 + (character > _LAST_OF_ONE_UNIT) for character in text), initial=0))


def shows(text: str) -> bool:
    """Whether a text has a character that is seen; without one Telegram refuses the message."""
    return _VISIBLE.search(text) is not None


def last_shown(text: str, start: int, end: int) -> int:
    """The place of the last character between two places that is seen, or `start`."""
    return next((at for at in range(end - 1, start, -1) if _VISIBLE.match(text, at)), start)


def entities(rich: RichText) -> list[dict[str, str | int]]:
    """The marks as the Bot API takes them: in UTF-16 units, on visible text only, one inside another or apart."""
    at = offsets(rich.text)
    found = []
    for mark in legal_marks(rich):
        entity: dict[str, str | int] = {"type": mark.kind, "offset": at[mark.start], "length": at[mark.end] - at[mark.start]}
        found.append(entity | {"url": mark.url} if mark.kind == "text_link" else entity)
    return found


def legal_marks(rich: RichText) -> list[Mark]:
    """The same marks in order of place, cut so that none overlaps another in part, without white space at their ends."""
    borders: list[int] = []
    found: list[tuple[int, Mark]] = []
    for level, kinds in enumerate(_LEVELS):
        marks = [mark for mark in rich.marks if mark.kind in kinds and (mark.url or mark.kind != "text_link")]
        closed = [mark for _, mark in found if mark.kind in _STAYS_OUT.get(kinds[0], ())]
        cut = (piece for mark in _apart(marks) for piece in _cut(mark, borders))
        pieces = list(_trimmed(_outside(cut, closed), rich.text))
        borders = sorted({*borders, *(border for piece in pieces for border in (piece.start, piece.end))})
        found += ((level, piece) for piece in pieces)
    found.sort(key=lambda each: (each[1].start, -each[1].end, each[0]))
    return [mark for _, mark in found]


def _apart(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks of one level side by side: what begins earlier keeps the place."""
    taken = 0
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        start = max(mark.start, taken)
        if start < mark.end:
            yield replace(mark, start=start)
            taken = mark.end


def _cut(mark: Mark, borders: Sequence[int]) -> Iterator[Mark]:
    """A mark in pieces that end where a mark further out begins or ends."""
    inside = borders[bisect_right(borders, mark.start) : bisect_left(borders, mark.end)]
    places = [mark.start, *inside, mark.end]
    return (replace(mark, start=start, end=end) for start, end in pairwise(places))


def _outside(pieces: Iterable[Mark], closed: Sequence[Mark]) -> Iterator[Mark]:
    """The pieces that lie in none of the marks, at whose borders they are cut already."""
    starts = [mark.start for mark in closed]
    for piece in pieces:
        before = bisect_right(starts, piece.start) - 1
        if before < 0 or closed[before].end <= piece.start:
            yield piece


def _trimmed(marks: Iterable[Mark], text: str) -> Iterator[Mark]:
    """The marks without what is not seen at both ends; those that show nothing are dropped."""
    for mark in marks:
        first = _VISIBLE.search(text, mark.start, mark.end)
        if first:
            yield replace(mark, start=first.start(), end=last_shown(text, first.start(), min(mark.end, len(text))) + 1)
