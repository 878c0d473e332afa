"""The answer contract as it streams in: units of quotes and a sentence that rests on them, complete at the end of its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.passages import REFUSAL

LONGEST_LINE = 4000  # characters: more is no sentence, and no quote either

# Small models put numbers and marks around the labels, and sometimes words or brackets around the number.
_BEFORE = r"[\W_]*(?:\d{1,2}[.)]\s*)?[\W_]*"
_QUOTE = re.compile(
    _BEFORE + r"quote\s*[\[(]?\s*(?:from\s+)?(?:passage\s*)?#?\s*[\[(]?\s*(\d{1,3})\s*[\])]*[\s*_]*[:.\-–—][\s*_]*(.*)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(_BEFORE + r"sentence\s*\d{0,2}[\s*_]*[:\-–—][\s*_]*(.*)", re.IGNORECASE)
_IN_ONE_LINE = re.compile(r"\s(?=SENTENCE\s*:)")
_EMPHASIS = re.compile(r"\*\*|__|`")
_NUMBER = re.compile(r"\s*\[\d{1,2}\]$")  # behind a quote, where a model has numbered it
SENTENCE_END = re.compile(r"[.!?…。！？｡।۔؟።։။។]\W*$")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that the model says stand in a passage."""

    passage: int
    words: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of the model and what it says the sentence rests on."""

    sentence: str
    quotes: tuple[Quoted, ...]


class ContractReader:
    """Reads what the model writes, piece by piece; `refused` if it says that the passages do not answer."""

    def __init__(self) -> None:
        self.refused = False
        self._line = ""
        self._quotes: list[Quoted] = []
        self._settled = False  # whether the quotes have their sentence; the next quote begins a new unit then
        self._quoting = False  # whether the last quote may go on in the next line
        self._begun: str | None = None  # a sentence that may go on in the next line

    def feed(self, piece: str) -> Iterator[Unit]:
        """The units that are complete with this piece."""
        *lines, self._line = (self._line + piece).replace("\r", "\n").split("\n")
        for line in lines:
            yield from self._take(line)
        self._line = self._line[-LONGEST_LINE - 1 :]

    def end(self, *, whole: bool) -> Iterator[Unit]:
        """The last unit, if it is complete: the model has ended by itself, or its sentence ends like one."""
        line, self._line = self._line, ""
        if whole or SENTENCE_END.search(line):
            yield from self._take(line)
        if whole:
            yield from self._ended()

    def _take(self, line: str) -> Iterator[Unit]:
        text = line.strip()
        if len(text) > LONGEST_LINE:
            return
        if quote := _QUOTE.fullmatch(text):
            yield from self._ended()
            words, *rest = _IN_ONE_LINE.split(quote[2], maxsplit=1)
            self._quote(int(quote[1]), words)
            for sentence in rest:
                yield from self._take(sentence)
        elif sentence := _SENTENCE.fullmatch(text):
            yield from self._ended()
            yield from self._say(sentence[1])
        elif not text:
            yield from self._ended()
        elif is_refusal(text):
            self.refused = True
        elif self._begun is not None:
            yield from self._say(f"{self._begun} {text}")
        elif self._quoting:
            last = self._quotes[-1]
            self._quotes[-1] = Quoted(last.passage, f"{last.words} {text}".strip())

    def _quote(self, passage: int, words: str) -> None:
        if self._settled:
            self._quotes, self._settled = [], False
        self._quotes.append(Quoted(passage, _NUMBER.sub("", words.strip(" `"))))
        self._quoting = True

    def _say(self, text: str) -> Iterator[Unit]:
        """A sentence, or the part of one that stands in a line."""
        self._begun, self._quoting = text, False
        if SENTENCE_END.search(text):
            yield from self._ended()

    def _ended(self) -> Iterator[Unit]:
        """The sentence that has begun, if any; without quotes of its own it rests on those of the one before."""
        words, self._begun = _EMPHASIS.sub("", self._begun or "").strip(), None
        if is_refusal(words):
            self.refused = True
        elif words:
            self._settled = True
            yield Unit(words, tuple(self._quotes))


def is_refusal(line: str) -> bool:
    """Whether a line says that the articles do not say it."""
    return _letters(line) == _letters(REFUSAL)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
