"""What a question asks for, by its first words, and whether a sentence has such a thing to offer."""

import re
from enum import Enum

_WORDS = {
    "time": r"when|what (?:year|date|day|century|decade|month|time)|which year|wann|in welchem jahr|quand|cuándo|en qué año|"
    r"когда|в каком году",
    "number": r"how (?:many|much|long|far|old|tall|large|big|often|high)|what (?:percent|number|amount|percentage|age)|"
    r"wie ?viele?|wie (?:lange|weit|alt|hoch|groß|oft)|"
    r"combien|cuánt[oa]s?|quant[oie]|сколько",
    "name": r"who|whom|whose|where|wer|wo|wen|wem|wohin|où|qui|quién(?:es)?|dónde|chi|dove|quem|onde|кто|где|куда|кого",
    "reason": r"why|how|for what reason|warum|weshalb|wieso|wie|pourquoi|comment|por qué|cómo|perché|come|porquê|"
    r"почему|зачем|как",
}
_OPEN = re.compile(
    r"^\W*(?:\w+ ){0,2}?(?:why|how|explain|describe|compare|warum|wie|pourquoi|comment|por qué|cómo|почему|как)\b", re.IGNORECASE
)
_MONTH = (
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz]|ene|abr|ago|dic|févr?|avr|juin|août|янв|фев|апр|мая|май|июн|июл|авг|сен|ноя|дек)"
    r"[^\W\d_]{0,7}"
)
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d{{2}})s?\b|\b{_MONTH}(?=\W{{1,4}}\d)|(?<=\d )(?:de )?{_MONTH}\b|\b\d{{1,2}}(?:st|nd|rd|th) century\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|half|percent)\b", re.IGNORECASE
)
_NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w+")
_REASON = re.compile(
    r"\b(?:because|due to|since|therefore|thus|as a result|in order to|so that|by \w+ing|weil|denn|parce que|porque|потому)\b",
    re.IGNORECASE,
)


class Asked(Enum):
    """The kind of thing a question asks for."""

    TIME = "time"
    NUMBER = "number"
    NAME = "name"
    REASON = "reason"
    OTHER = "other"


_CUES = [(Asked(kind), re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for kind, words in _WORDS.items()]


def asked_for(question: str) -> Asked:
    """The kind whose cue stands first in the question; a longer cue wins at the same place."""
    found = [(match.start(), -len(match.group()), kind.value, kind) for kind, cue in _CUES if (match := cue.search(question))]
    return min(found)[3] if found else Asked.OTHER


def is_open(question: str) -> bool:
    """Whether a question wants an explanation, which one sentence rarely gives."""
    return bool(_OPEN.search(question)) and asked_for(question) is not Asked.NUMBER


def offers(sentence: str, asked: Asked, question: str) -> float:
    """How well a sentence has the kind of thing asked for, between 0 and 1: something of that kind that the question has not."""
    lowered = question.lower()
    if asked is Asked.TIME:
        return float(any(match.lower() not in lowered for match in _DATE.findall(sentence)))
    if asked is Asked.NUMBER:
        return float(bool(_NUMBER.search(sentence)))
    if asked is Asked.NAME:
        return float(any(match[0].isupper() and match.lower() not in lowered for match in _NAME.findall(sentence)))
    if asked is Asked.REASON:
        return 1.0 if _REASON.search(sentence) else 0.4
    return 0.7
