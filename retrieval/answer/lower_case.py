"""Names that a sentence writes in lower case, and the days and seasons that nobody writes otherwise."""

from functools import cache

from retrieval.answer.common_names import COMMON_NAMES
from retrieval.library.keywords import STEMMERS
from retrieval.search.rarity import background

_WEEKDAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
}
_SEASONS = {
    "en": "spring summer autumn winter",
    "de": "frühling frühjahr sommer herbst winter",
    "fr": "printemps automne hiver",
    "es": "primavera verano otoño invierno",
}
# Common names that in lower case are ordinary words: names only before another word that nobody says.
_ALSO_WORDS = frozenset(
    """
    african april arab august austin baker banning bell bill bob brook brooks brown browning bruce butler carter catholic chad
    charlotte chase chile china christian clark cole cooper craig cruz dale dallas dan dave dean dick don downing drew duke earl
    easter europa ernst faith fielding fisher florence ford foster frank franz freeman gene golding gordon grace grant gray guy
    hall harding harvey hunter jack jade jay jean jersey jerry jim joe jordan josh kay keating keith ken kent khan king koch kohl
    lance lee leo lily lincoln logan lynn march mark mars marshall martin marx mason matt max may meier mexico mike miles
    miller molly nelson newton nick noah norman nick orange oxford pacific parker pat paul penny perry peter phil phoenix
    pierre poland polish powell randy ray reading reagan redding reed rich rick rob robin rod roman rose roy ruth salman
    sally sam sandy sean scott shane shaw stein sterling stone sue taylor ted tim timothy tom tommy tony trump turkey turner tyler
    vegas victor victoria wales walker wallace warren wayne weber wells will wilson welsh wright york young
    amazon apple alexander google meta tesla twitter atlantic colombia columbia venice vienna bach deutschland
    """.split()  # noqa: SIM905 - one a line would be a page
)
_DETERMINERS = frozenset("a an the this that these those my your his her its our their every each no any some to".split())  # noqa: SIM905
_LEAST = 4  # characters of an unknown word


@cache
def calendar(language: str) -> frozenset[str]:
    """The days of the week and the seasons, English ones too."""
    return frozenset(f"{_WEEKDAYS['en']} {_SEASONS['en']} {_WEEKDAYS.get(language, '')} {_SEASONS.get(language, '')}".split())


def may_be_name(word: str, language: str) -> bool:
    """Whether a word in lower case can hardly be anything but a name, or is unknown, so that it has to stand in the passages."""
    if word in calendar(language):
        return True
    if word not in COMMON_NAMES:
        return language in STEMMERS and len(word) >= _LEAST and _is_unknown(word, language)
    return word not in _ALSO_WORDS


def is_also_word(word: str, before: str) -> bool:
    """Whether a word in lower case is a name if what stands behind it is as strange as it is."""
    return word in COMMON_NAMES and word in _ALSO_WORDS and before not in _DETERMINERS


@cache
def _is_unknown(word: str, language: str) -> bool:
    return background(word, [language]) == 0
