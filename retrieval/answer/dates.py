"""The dates of a text, each as one thing: a day, a month or a year of a month; in English, German, French, Spanish and digits."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from retrieval.answer.digits import Value

_NAMES = {
    "en": "january|jan february|feb march april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov "
    "december|dec",
    "de": "januar|jänner februar märz april mai juni juli august september oktober|okt november dezember|dez",
    "fr": "janvier|janv février|févr|fév mars avril|avr mai juin juillet|juil août septembre octobre novembre décembre|déc",
    "es": "enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre octubre noviembre diciembre|dic",
}
_NUMBERED = {
    language: {name: number for number, names in enumerate(months.split(), 1) for name in names.split("|")}
    for language, months in _NAMES.items()
}
MONTHS = {name: number for months in _NUMBERED.values() for name, number in months.items()}
_IN_LOWER_CASE = ("fr", "es")  # how they write their months
# Words and names of other things, if nothing before or behind them speaks of a date.
_AMBIGUOUS = frozenset(
    (
        "may",
        "march",
        "mars",
        "mai",
        "mayo",
        "jan",
        "sep",
        "sept",
        "dec",
        "jun",
        "apr",
        "abr",
        "avr",
        "ene",
        "ago",
        "dic",
        "dez",
        "déc",
    )
)

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")
_YEAR = r"(?P<year>[12]\d{3})(?!\w|[.,]\d)"
_DAY = r"(?<![\w.,:/–-])(?P<day>[0-3]?\d)"
_DAY_BEFORE = re.compile(rf"{_DAY}(?:st|nd|rd|th|er|º|\.)?\s*(?:(?:of|de|del)\s+)?\Z")
_DAY_IN_RANGE = re.compile(r"[-–](?P<day>[0-3]?\d)(?:st|nd|rd|th|\.)?\s*(?:(?:of|de|del)\s+)?\Z")
_DAY_BEHIND = re.compile(rf"\.?\s+(?:the\s+)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\w|[:%]|[.,]\d)(?:\s*,?\s*{_YEAR})?")
_YEAR_BEHIND = re.compile(rf"\.?(?:\s*,\s*|\s+)(?:(?:of|de|del)\s+)?{_YEAR}")
_CUE = re.compile(
    r"\b(?:in|of|since|until|till|by|from|during|early|late|mid|this|last|next|every|each|between|before|after|through|im|seit|bis|"
    r"ab|anfang|mitte|ende|en|de|du|au|depuis|début|fin|desde|hasta)[\s-]+\Z",
    re.IGNORECASE,
)
_MONTH_CUE = re.compile(r"\b(?:in|since|until|during|im|seit)\s+\Z", re.IGNORECASE)  # for a month that should have a capital
_BEFORE = 16  # characters before a month that are looked at
_IN_DIGITS = (
    re.compile(r"(?<![\w.])(?P<year>[12]\d{3})(?P<mark>[-/.])(?P<month>[01]?\d)(?P=mark)(?P<day>[0-3]?\d)(?!\w|\.\d)"),
    re.compile(r"(?<![\w.])(?P<day>[0-3]?\d)(?P<mark>[-/.])(?P<month>[0-3]?\d)(?P=mark)(?P<year>[12]\d{3})(?!\w|\.\d)"),
    re.compile(r"(?P<year>[12]\d{3})年(?P<month>[01]?\d)月(?:(?P<day>[0-3]?\d)日)?"),
)
_MAYBE_DIGITS = re.compile(r"\d[-/.]\d\d?[-/.]\d|年")
_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?(?:-(?P<day>\d\d))?")
_LAST_MONTH, _LAST_DAY = 12, 31


PLACE = "¦"  # what stands in the place of something that was taken out


@dataclass(frozen=True, slots=True)
class Date:
    """A month, perhaps of a year, perhaps one day of it."""

    year: int | None
    month: int
    day: int | None

    def is_said_by(self, other: "Date", years: AbstractSet[Value]) -> bool:
        """Whether another date says as much; one without a year is in any of `years`, which are named beside it."""
        year = self.year is None or self.year == other.year or (other.year is None and self.year in years)
        return year and self.month == other.month and self.day in {None, other.day}


@dataclass(frozen=True, slots=True)
class Dated:
    """A date where it is written, and what it may be: 03/04/2025 is in March or April."""

    shown: str
    start: int
    end: int
    readings: tuple[Date, ...]


def dates_in(text: str, language: str) -> list[Dated]:
    """The dates of a text in their order."""
    found = [*_written(text, language), *(_in_digits(text) if _MAYBE_DIGITS.search(text) else ())]
    return sorted(found, key=lambda dated: dated.start)


class Placed(Protocol):
    """Something that stands in a text."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


def without(text: str, found: Iterable[Placed]) -> str:
    """The text with a mark that is no letter in the place of each thing that was found, which come in their order."""
    pieces, end = list[str](), 0
    for each in found:
        if each.start >= end:
            pieces += [text[end : each.start], f" {PLACE} "]
            end = each.end
    return "".join((*pieces, text[end:]))


def iso_date(text: str) -> tuple[int | None, Date | None]:
    """The year of an article's date, and the date itself if it is more than a year."""
    found = _ISO.match(text)
    if found is None:
        return None, None
    return int(found["year"]), _date(found["year"], found["month"], found["day"]) if found["month"] else None


def _written(text: str, language: str) -> Iterator[Dated]:
    for match in _WORD.finditer(text):
        name = match.group()
        number = MONTHS.get(name.casefold())
        if number is None:
            continue
        start, end = match.span()
        before = text[max(0, start - _BEFORE) : start]
        small = name.islower() and not (language in _IN_LOWER_CASE and name in _NUMBERED[language])
        if small and name in _AMBIGUOUS and not (_MONTH_CUE.search(before) or _YEAR_BEHIND.match(text, end)):
            continue
        day = _DAY_BEFORE.search(before) or _DAY_IN_RANGE.search(before)
        behind = (None if day else _DAY_BEHIND.match(text, end)) or _YEAR_BEHIND.match(text, end)
        if not (day or behind) and name.casefold() in _AMBIGUOUS and not _CUE.search(before):
            continue
        parts = (behind.groupdict() if behind else {}) | (day.groupdict() if day else {})
        date = _date(parts.get("year"), str(number), parts.get("day"))
        if date is not None:
            first = start - len(before) + day.start("day") if day else start
            last = behind.end() if behind else end
            yield Dated(text[first:last], first, last, (date,))


def _in_digits(text: str) -> Iterator[Dated]:
    for pattern in _IN_DIGITS:
        for found in pattern.finditer(text):
            parts = found.groupdict()
            readings = [_date(parts["year"], parts["month"], parts["day"])]
            if pattern is _IN_DIGITS[1] and parts["mark"] != ".":
                readings.append(_date(parts["year"], parts["day"], parts["month"]))
            dates = tuple(date for date in readings if date is not None)
            if dates:
                yield Dated(found.group(), *found.span(), dates)


def _date(year: str | None, month: str, day: str | None) -> Date | None:
    """None if there is no such day or month."""
    one = Date(int(year) if year else None, int(month), int(day) if day else None)
    return one if 1 <= one.month <= _LAST_MONTH and (one.day is None or 1 <= one.day <= _LAST_DAY) else None
