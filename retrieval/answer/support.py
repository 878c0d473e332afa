"""Whether what a model says is supported by what it cites: its numbers, dates and names are there, and the quotes speak of it."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain

from retrieval.answer.dates import PLACE, Date, Dated, dates_in, iso_date, without
from retrieval.answer.denial import denied, denies, strange_denial
from retrieval.answer.digits import Value
from retrieval.answer.kinds import kinds, strange_multiple
from retrieval.answer.links import holds_link
from retrieval.answer.names import Vocabulary, strange_name
from retrieval.answer.near_copies import TABLED, strange_script, strange_word
from retrieval.answer.numbers import Number, numbers_in, values
from retrieval.library.keywords import stems
from retrieval.passages import Passage

LINK = "it holds a link"
DENIAL = "it denies what the quote does not"
DENIED = "the quote denies it"
ELSEWHERE = "the quote does not speak of it"
REMEMBERED = 256  # texts whose numbers, dates and words are kept

_LISTED = re.compile(r"\s*\d{1,2}[.)]\s+(?=[A-Z])")  # the number of an item of a list; in German it could be an ordinal
_ORDINAL = re.compile(r"\d\d?(?:st|nd|rd|th|er|º)")
_TO_DATE = re.compile(rf"\.?\s*(?:[-–]|to|and|bis|und|et|au|y|al?)?\s*{PLACE}")
BEARING = 1 / 3  # of what a sentence speaks of has to stand in its quotes
SHORT, SHORT_BEARING = 4, 1 / 2  # and more of what one speaks of that has little to say
CLAUSE = 3  # stems of a clause of which one has to stand there
_CLAUSES = re.compile(r";|,\s(?:so|and|but)\b|\s[–—]\s")


class Facts:
    """The numbers, dates and words of a text that is cited, each read when it is asked for; `date` is an article's own."""

    def __init__(self, text: str, language: str, date: str = "") -> None:
        self.text, self._language = text, language
        self._year, self._date = iso_date(date)

    @cached_property
    def dates(self) -> frozenset[Date]:
        """What its dates may be."""
        own = () if self._date is None else (self._date,)
        return frozenset((*own, *chain.from_iterable(dated.readings for dated in self._written)))

    @cached_property
    def numbers(self) -> frozenset[Value]:
        """What its numbers may be, and the years of its dates: a day of a month counts nothing."""
        years = (self._year, *(date.year for date in self.dates))
        counted = values(self._numbers)
        return frozenset((*counted, *(year for year in years if year is not None)))

    @cached_property
    def kinds(self) -> dict[str, frozenset[Value]]:
        """What its numbers may be that count money or hundredths, by what they count."""
        found: dict[str, list[Number]] = {}
        for number, kind in zip(self._numbers, kinds(self._numbers, self._undated), strict=True):
            found.setdefault(kind, []).append(number)
        return {kind: frozenset(values(numbers)) for kind, numbers in found.items()}

    @cached_property
    def days(self) -> frozenset[Value]:
        """The days of its dates."""
        return frozenset(date.day for dated in self._written for date in dated.readings if date.day is not None)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Its words."""
        return Vocabulary(self.text, self._language)

    @cached_property
    def _undated(self) -> str:
        return without(self.text, self._written)

    @cached_property
    def _numbers(self) -> list[Number]:
        return numbers_in(self._undated, self._language)

    @cached_property
    def _written(self) -> list[Dated]:
        return dates_in(self.text, self._language)

    def say(self, dated: Dated) -> bool:
        """Whether a date is said here."""
        return any(one.is_said_by(other, self.numbers) for one in dated.readings for other in self.dates)

    def count(self, number: Number, kind: str, *, day: bool) -> bool:
        """Whether a number of a kind is said here; `day` if it may be one of a month."""
        if kind:
            return number.stands_in(self.kinds.get(kind, frozenset()))
        return number.stands_in(self.numbers) or (day and number.stands_in(self.days))


def unsupported(sentence: str, quotes: Sequence[str], passages: Sequence[Passage], language: str) -> str:
    """The reason why a sentence must not be shown with a footnote, in a few words; "" if it may.

    `quotes` are the words that were found in the passages that it cites, `language` is that of the passages, "" if unknown.
    """
    sentence = _encodable(sentence)
    quotes = [_encodable(quote) for quote in quotes]
    if holds_link(sentence):
        return LINK
    if sentence.strip() and sentence.strip() in quotes:  # in the article's own words
        return ""
    languages = dict.fromkeys((language or "en", *(passage.language for passage in passages if passage.language)))
    return next(filter(None, (_strange(sentence, quotes, passages, each) for each in languages)), "")


def _strange(sentence: str, quotes: Sequence[str], passages: Sequence[Passage], language: str) -> str:
    """The reason if the passages are in this language."""
    said = [_facts(quote, language, "") for quote in quotes]
    known = [*said, *(_facts(_encodable(_text(passage)), language, passage.date) for passage in passages)]
    claims = _Claims(sentence, language)
    return (
        claims.strange_number(known)
        or claims.strange_date(known)
        or claims.strange_name(known)
        or claims.strange_word(known, quotes)
        or _denial(sentence, quotes, language)
        or ("" if claims.borne_by(said) else ELSEWHERE)
    )


class _Claims:
    """The numbers and dates of a sentence, and what else it says."""

    def __init__(self, sentence: str, language: str) -> None:
        self._language = language
        self._dates = dates_in(sentence, language)
        self._undated = without(sentence, self._dates)
        listed = _LISTED.match(self._undated) if language != "de" else None
        self._undated = self._undated[listed.end() :] if listed else self._undated
        numbers = numbers_in(self._undated, language)
        counted = zip(numbers, kinds(numbers, self._undated), strict=True)
        self._kinds = {number.as_claim(): kind for number, kind in counted if number.claim}
        self._numbers = list(self._kinds)

    def strange_number(self, known: Sequence[Facts]) -> str:
        """The reason if there is a number that is nowhere."""
        strange = next((number for number in self._numbers if not self._stands(number, known)), None)
        return f"the number {strange.shown} is not in the passages" if strange else ""

    def strange_date(self, known: Sequence[Facts]) -> str:
        """The reason if there is a date that is nowhere."""
        strange = next((dated for dated in self._dates if not any(facts.say(dated) for facts in known)), None)
        return f"the date {strange.shown} is not in the passages" if strange else ""

    def strange_name(self, known: Iterable[Facts]) -> str:
        """The reason if there is a name that is nowhere."""
        strange = strange_name(self._undated, [facts.vocabulary for facts in known], self._language)
        return f"the name {strange} is not in the passages" if strange else ""

    def strange_word(self, known: Sequence[Facts], quotes: Sequence[str]) -> str:
        """The reason if there is a word that is nowhere, where it has to be somewhere."""
        texts = [facts.text for facts in known]
        strange = strange_script(self._undated, texts)
        if not strange and self._language in TABLED:
            strange = strange_multiple(self._undated, texts, [facts.numbers for facts in known])
        elif not strange:
            strange = strange_word(without(self._undated, self._numbers), texts, quotes, self._language)
        return f"the passages do not have the word {strange}" if strange else ""

    def borne_by(self, said: Sequence[Facts]) -> bool:
        """Whether enough of what the sentence speaks of stands in the quotes, and something of each of its clauses."""
        content = set(stems(without(self._undated, self._numbers), self._language))
        stood = set[str]().union(*(facts.vocabulary.stems for facts in said))
        held = len(content & stood) + sum(self._stands(number, said) for number in self._numbers)
        held += sum(any(facts.say(dated) for facts in said) for dated in self._dates)
        whole = len(content) + len(self._numbers) + len(self._dates)
        if not whole:  # nothing but words such as "it is"
            return any(facts.vocabulary.has_all(self._undated) for facts in said)
        clauses = (set(stems(clause, self._language)) for clause in _CLAUSES.split(without(self._undated, self._numbers)))
        if any(len(clause) >= CLAUSE and not clause & stood for clause in clauses):
            return False
        return held >= whole * (SHORT_BEARING if whole <= SHORT else BEARING)

    def _stands(self, number: Number, known: Iterable[Facts]) -> bool:
        """Whether a number is said; "the 18th" and the first of "18 to 20 May" may be days."""
        day = bool(_ORDINAL.fullmatch(number.shown) or _TO_DATE.match(self._undated, number.end))
        return any(facts.count(number, self._kinds[number], day=day) for facts in known)


def _denial(sentence: str, quotes: Sequence[str], language: str) -> str:
    """The reason if one of sentence and quotes denies what the other says."""
    if strange_denial(sentence, quotes, language):
        return DENIAL
    if language == "en" and not denies(sentence, language, broadly=True) and denied(quotes) & set(stems(sentence, language)):
        return DENIED
    return ""


@lru_cache(maxsize=REMEMBERED)
def _facts(text: str, language: str, date: str) -> Facts:
    return Facts(text, language, date)


def _text(passage: Passage) -> str:
    """All that a passage says of itself."""
    return "\n".join((passage.title, *passage.headings, passage.site, passage.text))


def _encodable(text: str) -> str:
    """Without halves of characters, which no stemmer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
