"""The names in a sentence, and whether passages say them: capitals where other words have none, acronyms, words with digits."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property

from retrieval.answer.common_names import COMMON_NAMES
from retrieval.answer.folding import visible
from retrieval.answer.lower_case import calendar, is_also_word, may_be_name
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
_ACRONYM = re.compile(r"(?<![^\W_])[^\W\d_](?:\.?[^\W\d_])+(?![^\W_])")
_SHORT_ACRONYMS = frozenset(("us", "uk", "eu", "un"))  # other names of two words might be anything
_ALSO_WORDS = frozenset(("us", "it", "who", "un"))  # acronyms that are other words in lower case
_LEAST_ACRONYM = 3
_GLUED = re.compile(r"([^\W\d_]{3,})(\d+)")  # PlayStation3
# Behind these a capital is no sign of a name, unless the full stop is that of an abbreviation.
_OPENING = re.compile(r"[.!?:…\"“„«‘¿¡][^\w)]*$")
_ABBREVIATION = re.compile(r"(?:\b[^\W\d_]|\b[A-Z][a-z]{1,3})\.\s*$")
_FOLLOWING = re.compile(r"\s([^\W\d_]+)")
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
    r".{4,}(?:[ts]ions?|ments?|ness(?:es)?|ists?|isms?|it(?:y|ies)|ships?|hoods?|[ai]ble|ology|ologists?|ographers?|ously|ically|fully|lessly)"
)
_GERMAN_ENDINGS = re.compile(r".{3,}(?:ung|heit|keit|schaft|ion|ität|ismus|ist|nis|tum)(?:en|s|es|se)?")
_MADE_FROM = (("ly", ""), ("ly", "le"), ("ily", "y"), ("ally", ""), ("ies", "y"), ("es", ""), ("s", ""))
_DONE_FROM = (("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"))  # many names end so, so that the rest has to be common
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
    def acronyms(self) -> frozenset[str]:
        """Its words that are all capitals, in lower case and without dots."""
        return frozenset(_fold(word).replace(".", "") for word in _ACRONYM.findall(self._text) if word.isupper())

    @cached_property
    def initials(self) -> frozenset[str]:
        """The acronyms that rows of its words with capitals would make."""
        return frozenset(initials for initials, _, _ in _initials(self._text))

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
    spoken, last = language or "en", ""
    for number, match in enumerate(_WORD.finditer(sentence)):
        word, before_it = _POSSESSIVE.sub("", match.group()), last
        last = word
        if word.casefold() in calendar(spoken) or word.islower():
            if _is_strange(word, before_it, sentence[match.end() :], known, spoken):
                return word
            continue
        if not _is_marked(word) or _is_said(word, known, spoken):
            continue
        before = sentence[max(0, match.start() - _WINDOW) : match.start()]
        opening = number == 0 or (bool(_OPENING.search(before)) and not _ABBREVIATION.search(before))
        if not _is_ordinary(word, known, spoken, opening=opening) and not _in_acronym(sentence, match.start(), known):
            return word
    return ""


def _is_strange(word: str, before: str, behind: str, known: Sequence[Vocabulary], language: str) -> bool:
    """Whether a word in lower case, or a day of the week, is a name that no text says."""
    if may_be_name(word.casefold(), language):
        known_name = word.casefold() in COMMON_NAMES or word.casefold() in calendar(language)
        return not (_is_said(word, known, language) or (not known_name and _is_made(word, known, language)))
    if is_also_word(word, before) and not _is_said(word, known, language):
        following = _FOLLOWING.match(behind)
        return bool(following and stems(following[1], language) and not _is_said(following[1], known, language))
    return False


def _is_made(word: str, known: Sequence[Vocabulary], language: str) -> bool:
    """Whether an unknown word is made of known ones."""
    bases = [word.removesuffix(ending) + instead for ending, instead in _MADE_FROM + _DONE_FROM if word.endswith(ending)]
    bases += [word.removeprefix("un")] if word.startswith("un") else []
    return any(background(base, [language]) > 0 and base not in COMMON_NAMES for base in bases) or all(
        len(part) < _LEAST_STEM or _is_common(part, language) or any(each.holds_part(_fold(part)) for each in known)
        for part in _PART.findall(word)
    )


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
    acronym = word.isupper() and len(whole) > 1
    if acronym and any(whole in each.acronyms or whole in each.initials for each in known):
        return True
    if whole in _ALSO_WORDS and acronym and _ACRONYM.fullmatch(word):
        return False
    if any(whole in each.words for each in known) or (parts[:1] == ["i"] and len(word) <= len("I've")):
        return True
    glued = _GLUED.fullmatch(whole)
    return _are_said(parts, known, language) or (glued is not None and _are_said(glued.groups(), known, language))


def _are_said(parts: Sequence[str], known: Sequence[Vocabulary], language: str) -> bool:
    """Whether each part is a word of one of the texts, or another form of one; a stop word is one of every text."""
    for part in parts:
        if not any(part in each.words for each in known):
            found = stems(part, language)
            if found and not any(each.stems.issuperset(found) for each in known):
                return False
    return True


def _in_acronym(sentence: str, place: int, known: Sequence[Vocabulary]) -> bool:
    """Whether the word at a place is one of a name that the texts know as an acronym: "United States" as "U.S."."""
    return any(
        start <= place < end and any(initials in each.acronyms for each in known)
        for initials, start, end in _initials(sentence)
        if len(initials) >= _LEAST_ACRONYM or initials in _SHORT_ACRONYMS
    )


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
    made = [(word.removesuffix(ending) + instead, _LEAST_BASE) for ending, instead in _MADE_FROM if word.endswith(ending)]
    done = [(word.removesuffix(ending) + instead, RARE) for ending, instead in _DONE_FROM if word.endswith(ending)]
    return any(background(base, [language]) >= least and base not in COMMON_NAMES for base, least in made + done)


def _fold(text: str) -> str:
    """Lower case without accents."""
    folded = visible(text).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))


def _initials(text: str) -> Iterator[tuple[str, int, int]]:
    """Of each row of two to six words with capitals, perhaps with small words between them; and from where to where it goes."""
    row: list[re.Match[str]] = []
    end = 0
    for match in _WORD.finditer(text):
        if not _BETWEEN.fullmatch(text, end, match.start()):
            row = []
        end = match.end()
        if match.group()[0].isupper():
            row = [*row, match][-_MOST_INITIALS:]
            letters = "".join(one.group()[0] for one in row).casefold()
            yield from ((letters[first:], row[first].start(), end) for first in range(len(row) - 1))
        elif match.group() not in _SMALL:
            row = []
