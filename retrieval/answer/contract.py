"""The answer contract as it streams in: units of quotes and a sentence that rests on them, complete at the end of its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.passages import REFUSAL

LONGEST_LINE = 4000  # characters: more is no sentence, and no quote either

# Small models put marks around the labels, and sometimes words or brackets around the number.
_QUOTE = re.compile(
    r"[\W_]*quote(?:\s+from)?(?:\s+passage)?\s*[\[(#]?\s*(\d{1,3})\s*[\])]?[\s*_]*[:.\-–—][\s*_]*(.*)", re.IGNORECASE
)
_SENTENCE = re.compile(r"[\W_]*sentence\s*\d{0,2}[\s*_]*[:\-–—][\s*_]*(.*)", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|`")
SENTENCE_END = re.compile(r"[.!?…。！？]\W*$")


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
        self._open = ""  # the label whose text goes on in the next line

    def feed(self, piece: str) -> Iterator[Unit]:
        """The units that are complete with this piece."""
        *lines, self._line = (self._line + piece).replace("\r", "\n").split("\n")
        for line in lines:
            yield from self._take(line)
        self._line = self._line[-LONGEST_LINE - 1 :]

    def end(self, *, whole: bool) -> Iterator[Unit]:
        """The last unit, if its line is complete: the model has ended by itself, or its sentence ends like one."""
        line, self._line = self._line, ""
        if whole or SENTENCE_END.search(line):
            yield from self._take(line)

    def _take(self, line: str) -> Iterator[Unit]:
        text = line.strip()
        if not text or len(text) > LONGEST_LINE:
            return
        if quote := _QUOTE.fullmatch(text):
            self._quote(int(quote[1]), quote[2])
        elif sentence := _SENTENCE.fullmatch(text):
            yield from self._sentence(sentence[1])
        elif is_refusal(text):
            self.refused = True
        elif self._open == "sentence":
            yield from self._sentence(text)
        elif self._open == "quote":
            last = self._quotes[-1]
            self._quotes[-1] = Quoted(last.passage, f"{last.words} {text}".strip())

    def _quote(self, passage: int, words: str) -> None:
        if self._settled:
            self._quotes, self._settled = [], False
        self._quotes.append(Quoted(passage, words.strip(" `")))
        self._open = "quote"

    def _sentence(self, text: str) -> Iterator[Unit]:
        """One that comes without quotes of its own rests on those of the sentence before it."""
        words = _EMPHASIS.sub("", text).strip()
        self._open = "" if words else "sentence"
        if words:
            self._settled = True
            yield Unit(words, tuple(self._quotes))


def is_refusal(line: str) -> bool:
    """Whether a line says that the articles do not say it."""
    return _letters(line) == _letters(REFUSAL)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
