"""What numbers count: money of some kind or hundredths, by the signs and words beside them; and halves, thirds and doubles."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction

from retrieval.answer.digits import Value
from retrieval.answer.numbers import Number

_KINDS = {
    "%": r"%|％|percent(?:age)?\b|per cent\b|prozent\w*|pour cent\b|por ciento\b|v\. ?h\.",
    "$": r"\$|us\$|usd\b|dollars?\b|dólar(?:es)?\b",
    "€": r"€|eur\b|euros?\b",
    "£": r"£|gbp\b|pounds?\b|pfund\b|livres\b|libras\b",
    "¥": r"¥|jpy\b|yen\b|cny\b|yuan\b|rmb\b",
    "₹": r"₹|inr\b|rupees?\b|rupien\b",
    "₽": r"₽|rub\b|rubles?\b|roubles?\b|rubel\b",
    "fr": r"chf\b|francs?\b|franken\b",
}
_NATION = r"(?:u\.?s\.?|american|canadian|australian|british|swiss)"
_BEHIND = re.compile(
    rf"[\s-]?(?:{_NATION}\s)?(?:{'|'.join(f'(?P<k{at}>{words})' for at, words in enumerate(_KINDS.values()))})", re.IGNORECASE
)
_SIGNS = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹", "₽": "₽", "USD": "$", "EUR": "€", "GBP": "£", "CHF": "fr"}
_BEFORE = re.compile(r"(?P<sign>[$€£¥₹₽]|\b(?:USD|EUR|GBP|CHF))\s?\Z")
_LONGEST = 5  # characters of a sign before a number
_RANGE = re.compile(r"\s*(?:[-–—]|to|and|or|bis|und|oder|à|et|ou|a|y|o)\s*[$€£¥₹₽]?", re.IGNORECASE)

_HALF, _THIRD, _QUARTER = Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)
# Words for a part or a multiple of something, and the numbers that say as much.
_MULTIPLES: tuple[tuple[re.Pattern[str], frozenset[Value]], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), frozenset(numbers))
    for words, numbers in (
        (r"half|halves|halv(?:ed|es|ing)|(?:die )?hälfte|halb\w*|moitié|mitad", (50, _HALF)),
        (
            r"(?:a|one|two|ein|zwei)[ -]thirds?|(?:ein|zwei) drittel|un tiers|deux tiers|un tercio|dos tercios",
            (33, 66, 67, _THIRD),
        ),
        (r"(?:a|one|three)[ -]quarters?|(?:ein|drei) ?viertel|un quart|trois quarts|un cuarto|tres cuartos", (25, 75, _QUARTER)),
        (r"doubl\w*|twice|two-?fold|doppelt\w*|verdoppel\w*|le double|doblar\w*|el doble", (2, 200, 100)),
        (r"tripl\w*|thrice|three-?fold|treb(?:le|led)|dreifach\w*|verdreifach\w*", (3, 300)),
        (r"quadrupl\w*|four-?fold|vierfach\w*|vervierfach\w*", (4, 400)),
    )
)


def kinds(numbers: Sequence[Number], text: str) -> list[str]:
    """What each of the numbers of a text counts, "" where nothing says it; in a range one sign is enough for both."""
    found = [_kind(number, text) for number in numbers]
    for at in range(len(numbers) - 1):
        if _RANGE.fullmatch(text, numbers[at].end, numbers[at + 1].start):
            found[at], found[at + 1] = found[at] or found[at + 1], found[at + 1] or found[at]
    return found


def _kind(number: Number, text: str) -> str:
    before = _BEFORE.search(text[max(0, number.start - _LONGEST) : number.start])
    if before:
        return _SIGNS[before["sign"]]
    behind = _BEHIND.match(text, number.end)
    return next((kind for at, kind in enumerate(_KINDS) if behind[f"k{at}"]), "") if behind else ""


def strange_multiple(sentence: str, texts: Sequence[str], numbers: Iterable[AbstractSet[Value]]) -> str:
    """The first word such as half or twice that the texts say neither so nor as a number."""
    known: frozenset[Value] = frozenset()
    for words, meant in _MULTIPLES:
        found = words.search(sentence)
        if found and not any(words.search(text) for text in texts):
            known = known or frozenset[Value]().union(*numbers)
            if not meant & known:
                return found.group()
    return ""
