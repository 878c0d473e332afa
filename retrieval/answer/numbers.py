"""The numbers of a text, in digits and in words."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from retrieval.answer.digits import FRACTIONS, SINGLE, SPACES, Value, fraction, read_digits, whole
from retrieval.answer.folding import UNSPACED
from retrieval.answer.numerals import claims, hints, scales, units, vague

_TOKENS = (
    rf"(?<!(?![{UNSPACED}])[^\W_])(?P<sign>(?<![\w.,)%])[-−–]|\b(?:minus|negative)\s)?"
    rf"(?P<digits>\d{{1,3}}(?:[{SPACES} ]\d{{3}})+(?!\d)(?:[.,]\d+(?!\d))?|\d+(?:[.,'’]\d+)*|(?=[{FRACTIONS}]))"
    rf"(?P<fraction>[{FRACTIONS}])?(?P<power>\^-?\d+|[⁻⁰¹²³⁴-⁹]+)?(?P<letters>(?:(?![{UNSPACED}])[^\W\d_])*)"
    r"|(?P<word>[^\W\d_]+(?:-vingts?)?)"
)
_TOKEN = re.compile(f"{_TOKENS}|(?P<single>(?!))", re.IGNORECASE)
_ANY_TOKEN = re.compile(f"(?P<single>[{SINGLE}])|{_TOKENS}", re.IGNORECASE)  # slower
_IS_SINGLE = re.compile(f"[{SINGLE}]")
_SUFFIXES = {"k": 1000, "m": 10**6, "bn": 10**9}
_BESIDE = re.compile(r"[\s-]*(?:(?P<joined>and|und|et|y)\s+)?", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—]|to|and|or|bis|und|oder|à|et|ou|a|y|o)\s*", re.IGNORECASE)
_DASH = re.compile(r"\s?[-–]\s?")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_HUNDRED, _THOUSAND, _TWENTY, _TEN = 100, 1000, 20, 10
_CENTURIES = range(10, 22)
_COUNTED_ON = {60: range(1, 17), 70: range(7, 10), 80: range(1, 17), 90: range(7, 10)}  # soixante-dix, quatre-vingt-dix-sept


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, and what it may be; `parts` if it may also be several, `least` if it only says so many.

    `scale` is what it was multiplied by. One that is no claim is a number only for those who look for it.
    """

    shown: str
    start: int
    end: int
    values: tuple[Value, ...]
    parts: tuple[Value, ...] = ()
    scale: int = 1
    least: bool = False
    claim: bool = True

    def as_claim(self) -> "Number":
        """What a sentence says with it: 19k is 19,000 and not also 19, as it may be where it is looked for."""
        return replace(self, values=self.values[1:]) if self.scale > 1 and len(self.values) > 1 else self

    def stands_in(self, known: AbstractSet[Value]) -> bool:
        """Whether it is one of the known numbers."""
        if self.least:
            return _so_many(self) in known or any(not isinstance(value, str) and value >= self.scale for value in known)
        if any(value in known for value in self.values):
            return True
        return bool(self.parts) and all(part in known for part in self.parts)


def values(numbers: Iterable[Number]) -> Iterator[Value]:
    """All that the numbers of a passage may be; a sign may be said in other words."""
    for number in numbers:
        known: tuple[Value, ...] = (_so_many(number),) if number.least else (*number.values, *number.parts)
        yield from known
        yield from (-value for value in known if not isinstance(value, str) and value < 0)


def _so_many(number: Number) -> str:
    return f"{number.scale} and more"


def numbers_in(text: str, language: str) -> list[Number]:
    """The numbers of a text in their order."""
    found: list[Number] = []
    for number in _Reader(text, language or "en").numbers():
        found[-1:] = _range(found[-1], number, text[found[-1].end : number.start]) if found else (number,)
    return found


def _range(first: Number, second: Number, between: str) -> tuple[Number, Number]:
    """1939–45 ends in 1945, and 5 to 7 million begins with 5 million."""
    one, other = first.values[0], second.values[0]
    if isinstance(one, str) or isinstance(other, str) or not _RANGE.fullmatch(between):
        return first, second
    if _DASH.fullmatch(between) and one // _HUNDRED in _CENTURIES and len(second.shown) == len("45"):
        second = replace(second, values=(other, one // _HUNDRED * _HUNDRED + other))
    if second.scale > 1 and first.scale == 1 and not second.least:
        first = replace(first, values=(*first.values, one * second.scale))
    return first, second


@dataclass(slots=True)
class _Run:
    """Words and digits that are one number so far: `total` of what was multiplied by thousands, and `current` behind it."""

    start: int
    end: int
    total: int = 0
    current: int | None = None
    last: int = 0  # the unit that was added last
    scale: int = 1
    words: int = 1
    written: str = ""  # if it begins with digits


class _Reader:
    """Reads a text from left to right; what is not beside the words of a number ends it."""

    def __init__(self, text: str, language: str) -> None:
        self._text, self._language = text, language
        self._run: _Run | None = None
        self._units, self._scales, self._vague, self._hints = units(language), scales(language), vague(language), hints(language)
        self._known = {*self._units, *self._scales, *self._vague, *self._hints}

    def numbers(self) -> Iterator[Number]:
        """The numbers in their order."""
        for match in (_ANY_TOKEN if _IS_SINGLE.search(self._text) else _TOKEN).finditer(self._text):
            if match["single"]:
                yield from self._flush()
                yield Number(match.group(), match.start(), match.end(), (whole(match["single"]),))
            elif match["word"] is None:
                yield from self._digits(match)
            elif (word := match["word"].casefold()) in self._known:
                yield from self._word(word, match)
        yield from self._flush()

    def _digits(self, match: re.Match[str]) -> Iterator[Number]:
        yield from self._flush()
        start, end, letters = match.start(), match.end(), match["letters"].casefold()
        value, parts = read_digits(match["digits"], self._language) if match["digits"] else (0, ())
        if match["power"]:
            value, parts = f"{value}^{match['power'].lstrip('^').translate(_RAISED)}", ()
        elif match["fraction"] and not isinstance(value, str):
            value, parts = value + fraction(match["fraction"]), ()
        if match["sign"]:
            value, parts = f"-{value}" if isinstance(value, str) else -value, ()
        if not (match["power"] or match["sign"] or match["fraction"] or letters):
            self._run = _Run(start, end, written=match["digits"])
            return
        values = (value, value * _SUFFIXES[letters]) if letters in _SUFFIXES and not isinstance(value, str) else (value,)
        yield Number(match.group().strip(), start, end, values, parts, scale=_SUFFIXES[letters] if len(values) > 1 else 1)

    def _word(self, word: str, match: re.Match[str]) -> Iterator[Number]:
        run, start, end = self._run, match.start(), match.end()
        beside = _BESIDE.fullmatch(self._text, run.end, start) if run else None
        if word in self._scales and (run and beside and not beside["joined"]):
            yield from self._multiply(run, self._scales[word], end)
        elif word in self._vague:
            yield from self._flush()
            yield Number(match.group(), start, end, (self._vague[word],), scale=self._vague[word], least=True)
        elif word in self._scales:
            yield from self._flush()
            self._run = _Run(start, start)
            yield from self._multiply(self._run, self._scales[word], end)
        elif word in self._units:
            value = self._units[word]
            if run and beside and _fits(run, value, joined=bool(beside["joined"]), language=self._language):
                run.current, run.last, run.end, run.words = (run.current or 0) + value, value, end, run.words + 1
            else:
                yield from self._flush()
                self._run = _Run(start, end, current=value, last=value)
        elif word in self._hints:
            yield from self._flush()
            yield Number(match.group(), start, end, (self._hints[word],), claim=False)

    def _multiply(self, run: _Run, scale: int, end: int) -> Iterator[Number]:
        run.words += 1
        if run.written:
            run.scale *= scale
        elif scale < _THOUSAND:
            if run.current is not None and run.current > _HUNDRED and run.last:  # "one hundred and two | hundred"
                yield from self._flush(without=run.last)
                run = self._run = _Run(run.end, end, current=run.last)
            run.current, run.last = (run.current or 1) * scale, 0
        elif run.current is None and run.total:  # "mil millones"
            run.total, run.scale = run.total * scale, scale
        elif run.total and scale >= run.scale:  # "two thousand and three | thousand"
            yield from self._flush(without=run.current or 0)
            self._run = _Run(run.end, end, total=(run.current or 1) * scale, scale=scale)
            return
        else:
            run.total, run.current, run.last, run.scale = run.total + (run.current or 1) * scale, None, 0, scale
        run.end = end

    def _flush(self, without: int = 0) -> Iterator[Number]:
        """The number that is complete."""
        run, self._run = self._run, None
        if run is None:
            return
        shown = self._text[run.start : run.end].strip()
        if run.written:
            value, parts = read_digits(run.written, self._language, scaled=run.scale > 1)
            if run.scale > 1:
                value, parts = value if isinstance(value, str) else value * run.scale, ()
            yield Number(shown, run.start, run.end, (value,), parts, scale=run.scale)
        else:
            value = run.total + (run.current or 0) - without
            claim = run.words > 1 or claims(shown.casefold())
            yield Number(shown, run.start, run.end, (value,), scale=run.scale, claim=claim)


def _fits(run: _Run, value: int, *, joined: bool, language: str) -> bool:
    """Whether a word goes on with a number: behind hundreds and thousands, or a digit behind tens."""
    if run.written:
        return False
    if run.current is None:
        return run.total > 0
    if run.current >= _HUNDRED and run.current % _HUNDRED == 0 and value < _HUNDRED:
        return True
    if joined and language == "en":
        return False
    rest = run.current % _HUNDRED
    if language == "fr" and value in _COUNTED_ON.get(rest, ()):
        return True
    return run.last == rest and rest >= _TWENTY and rest % _TEN == 0 and 0 < value < _TEN
