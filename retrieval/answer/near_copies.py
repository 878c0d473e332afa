"""What may be said of passages in languages whose numbers and denials are not known here: little more than their own words."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from retrieval.library.keywords import stems

TABLED = frozenset(("en", "de", "fr", "es"))  # languages whose numbers, months and denials are known
REMEMBERED = 256  # texts whose words and scripts are kept

_WORD = re.compile(r"[^\W_]+")
_NUMERALS = re.compile("[〇零一二三四五六七八九十百千万萬億亿两兩]+")
_NO_SCRIPTS = frozenset(
    ("MICRO", "FEMININE", "MASCULINE", "MODIFIER", "MATHEMATICAL", "SUPERSCRIPT", "SUBSCRIPT", "DOUBLE-STRUCK")
)
_ONE_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK"}
# Words and signs that deny, in languages without a table.
_DENYING = re.compile(
    r"\b(?:не|ни|нет|без|ні|немає|non|né|mai|senza|nem|não|nunca|sem|niet|geen|nooit|zonder|inte|ej|aldrig|ikke|ikkje|aldri|ei|"
    r"eivät|nie|bez|nu|fără|değil|yok|không|tidak|bukan|δεν|μην|όχι|لا|لم|لن|ليس|غير|לא|אין|नहीं|न)\b"
    "|[不没沒無无未非]|ない|ません|なく|ずに|ไม่|않|없|\\b안 "
)


def strange_script(sentence: str, texts: Sequence[str]) -> str:
    """The first word of a sentence with letters of a script that none of the texts has."""
    mine = _scripts(sentence)
    strange = mine - frozenset[str]().union(*map(_scripts, texts))
    return next((word for word in _WORD.findall(sentence) if _scripts(word) & strange), "") if strange else ""


def strange_word(sentence: str, texts: Iterable[str], quotes: Sequence[str], language: str) -> str:
    """The first word that is in none of the texts in any form, or that denies and is in none of the quotes."""
    known, numerals = frozenset[str](), set[str]()
    for text in texts:
        known |= _stems(text, language)
        numerals.update(_NUMERALS.findall(text))
    for match in _DENYING.finditer(sentence.casefold()):
        if not any(match.group() in _DENYING.findall(quote.casefold()) for quote in quotes):
            return match.group().strip()
    for written in _NUMERALS.findall(sentence):
        if written not in numerals:
            return str(written)
    if known.issuperset(stems(sentence, language)):
        return ""
    return next((word for word in _WORD.findall(sentence) if not known.issuperset(stems(word, language))), "")


@lru_cache(maxsize=REMEMBERED)
def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(stems(text, language))


@lru_cache(maxsize=REMEMBERED)
def _scripts(text: str) -> frozenset[str]:
    """The scripts of its letters, by the names that Unicode gives those."""
    if text.isascii():
        return frozenset(("LATIN",)) if any(map(str.isalpha, text)) else frozenset()
    letters = {letter for letter in unicodedata.normalize("NFKC", text) if letter.isalpha()}
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in letters} - _NO_SCRIPTS
    return frozenset(_ONE_SCRIPT.get(name, name) for name in names if name)
