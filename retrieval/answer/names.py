"""The names in a sentence, and whether passages say them: capitals where other words have none, acronyms, words with digits."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property

from retrieval.answer.common_names import COMMON_NAMES
from retrieval.answer.folding import visible
from retrieval.library.keywords import STEMMERS, stems
from retrieval.search.rarity import background

RARE = 0.0022  # share of ordinary passages that hold a word less common than 4.3 of wordfreq's Zipf scale

_WORD = re.compile(r"[^\W_]+(?:(?:['’]|\.(?=\w)|[-‐‑](?=\w))[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_ACCENT = re.compile("[\u0300-\u036f]")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}|\b(?:[^\W\d_]\.)+[^\W\d_]\b")
_SINGLE = re.compile(r"\.[^\W\d_]\b")
_BETWEEN = re.compile(r"[ \n-]{0,2}")
_SMALL = frozenset(("of", "the", "and", "for", "in", "on", "de", "der", "des", "du", "la", "für", "und"))
_MOST_INITIALS = 6
# Behind these a capital is no sign of a name, unless the full stop is that of an abbreviation.
_OPENING = re.compile(r"[.!?:…\"“„«‘¿¡][^\w)]*$")
_ABBREVIATION = re.compile(r"(?:\b[^\W\d_]|\b[A-Z][a-z]{1,3})\.\s*$")
_WINDOW = 8  # characters before a word that are looked at

# Openings of sentences that are rare as words.
_OPENERS = frozenset(
    """
    afterward afterwards albeit alongside aforementioned amid amidst apart astride beforehand beneath besides beyond
    consequently conversely despite elsewhere furthermore furthermost hence henceforth hereafter heretofore herein hitherto
    however inasmuch incidentally insofar instead lastly likewise meanwhile midway moreover nearby nevertheless nonetheless
    notwithstanding outwith overall regardless respectively secondly similarly thereafter thereby therefore thereupon
    thirdly thus underneath unlike unlikely upon versus whenever whereas whereby wherever whilst worldwide yes
    """.split()  # noqa: SIM905 - one a line would be a page
)
# Words that are not rare because of what they are, though rare as they are: made from a common word, or by a common ending.
_ENDINGS = re.compile(
    r".{4,}(?:[ts]ions?|ments?|ness(?:es)?|ists?|isms?|it(?:y|ies)|ships?|hoods?|ology|ologists?|ographers?|ously|ically|fully|lessly)"
)
_GERMAN_ENDINGS = re.compile(r".{3,}(?:ung|heit|keit|schaft|ion|ität|ismus|ist|nis|tum)(?:en|s|es|se)?")
_MADE_FROM = (("ly", ""), ("ly", "le"), ("ily", "y"), ("ally", ""), ("ies", "y"), ("es", ""), ("s", ""))
_LEAST_BASE = 0.0001  # share of ordinary passages that hold the word that another is made from
_LEAST_STEM = 4  # characters of a stem that may be looked for inside of German words
_LEAST_PART = 5


class Vocabulary:
    """The words of a text, folded and as stems, and the acronyms that its capitalised words would make."""

    def __init__(self, text: str, language: str) -> None:
        self._text, self._language = text, language

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words in lower case, and its acronyms without their dots."""
        folded = _fold(self._text)
        dotted = [word.replace(".", "") for word in _DOTTED.findall(folded)] if _SINGLE.search(folded) else []
        return frozenset((*_PART.findall(folded), *dotted))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words as they are indexed."""
        return frozenset(stems(self._text, self._language))

    @cached_property
    def initials(self) -> frozenset[str]:
        """The acronyms that rows of its words with capitals would make."""
        return frozenset(_initials(self._text))

    def has_all(self, text: str) -> bool:
        """Whether every word of another text stands here."""
        return self.words.issuperset(_PART.findall(_fold(text)))

    def holds_part(self, word: str) -> bool:
        """Whether a German word is a part of one in the text, or one in the text a part of it."""
        found = [stem for stem in stems(word, self._language) if len(stem) >= _LEAST_STEM]
        if any(stem in other for stem in found for other in self.words):
            return True
        return any(len(other) >= _LEAST_PART and other in word for other in self.stems)


def strange_name(sentence: str, known: Sequence[Vocabulary], language: str) -> str:
    """The first name of a sentence that none of the texts says; "" if they say them all."""
    spoken = language or "en"
    for number, match in enumerate(_WORD.finditer(sentence)):
        word = _POSSESSIVE.sub("", match.group())
        if not _is_marked(word) or _is_said(word, known, spoken):
            continue
        before = sentence[max(0, match.start() - _WINDOW) : match.start()]
        opening = number == 0 or (bool(_OPENING.search(before)) and not _ABBREVIATION.search(before))
        if not _is_ordinary(word, known, spoken, opening=opening):
            return word
    return ""


def _is_marked(word: str) -> bool:
    """Whether a word has a capital, or letters and digits such as in b12."""
    return (
        not word.islower()
        and not word.isnumeric()
        and (any(map(str.isupper, word)) or (word[0].isalpha() and not word.isalpha()))
    )


def _is_said(word: str, known: Sequence[Vocabulary], language: str) -> bool:
    """Whether a word stands in one of the texts, as it is, in parts, in another form or as what an acronym is made of."""
    parts = _PART.findall(_fold(word))
    whole = "".join(parts)
    if any(whole in each.words for each in known) or (parts[:1] == ["i"] and len(word) <= len("I've")):
        return True
    if word.isupper() and len(whole) > 1 and any(whole in each.initials for each in known):
        return True
    return all(any(part in each.words for each in known) or _other_form(stems(part, language), known) for part in parts)


def _other_form(found: Sequence[str], known: Sequence[Vocabulary]) -> bool:
    """Whether one of the texts has the stems of a word; a stop word has none."""
    return not found or any(each.stems.issuperset(found) for each in known)


def _is_ordinary(word: str, known: Sequence[Vocabulary], language: str, *, opening: bool) -> bool:
    """Whether the capital of a word says nothing: that of a German noun or at the beginning of a sentence."""
    if (
        not (opening or language == "de")
        or any(map(str.isupper, word[1:]))
        or not word.replace("-", "").replace("’", "'").isalpha()
    ):
        return False
    lowered = word.casefold()
    return all(_is_common(part, language) for part in _PART.findall(lowered)) or (
        language == "de" and any(each.holds_part(_fold(word)) for each in known)
    )


def _is_common(word: str, language: str) -> bool:
    if word in COMMON_NAMES:
        return False
    if language not in STEMMERS:  # nothing is known of its words
        return True
    if background(word, [language]) >= RARE or word in _OPENERS or _ENDINGS.fullmatch(word):
        return True
    if language == "de":
        return bool(_GERMAN_ENDINGS.fullmatch(word))
    bases = [word.removesuffix(ending) + instead for ending, instead in _MADE_FROM if word.endswith(ending)]
    return any(background(base, [language]) >= _LEAST_BASE and base not in COMMON_NAMES for base in bases)


def _fold(text: str) -> str:
    """Lower case without accents."""
    folded = visible(text).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))


def _initials(text: str) -> list[str]:
    """Of each row of two to six capitalised words that follow each other, with small words between them or without."""
    found, row = [], ""
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        if not _BETWEEN.fullmatch(text, end, match.start()):
            row = ""
        end = match.end()
        if word[0].isupper():
            row = (row + word[0].casefold())[-_MOST_INITIALS:]
            found += [row[place:] for place in range(len(row) - 1)]
        elif word not in _SMALL:
            row = ""
    return found
