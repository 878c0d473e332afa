"""Whether a text says that something is not so, and what an English one says that of."""

import re
from collections import Counter
from collections.abc import Iterable

from retrieval.library.keywords import stems

_NOT = {
    "en": r"\b(?:not(?<!\bor not)(?! (?:only|just|merely|simply|least)\b)|no(?! (?:less|fewer|doubt|sooner|matter)\b)(?!\. ?\d)|"
    r"cannot|never|none|nobody|nothing|nowhere|neither|nor|without)\b|n['’]t\b",
    "de": r"\bnicht\b(?! nur\b)|\b(?:kein\w*|nie|niemals|niemand\w*|nichts|ohne|weder)\b",
    "fr": r"\b(?:pas|jamais|sans|aucune?|rien|ni)\b|\bn(?:e\b|['’])(?=.{0,99}\b(?:plus|personne|guère|point)\b)",
    "es": r"\bno\b(?! (?:solo|sólo|solamente)\b)|\b(?:nunca|jamás|sin|ningun[oa]s?|ningún|nadie|nada|tampoco|ni)\b",
}
# Other words say it too, so that a model may put what they say with "not".
_OTHER = (
    r"\b(?:fail\w*|lack\w*|unable|impossible|refus\w*|den(?:y|ied|ies)|absen\w*|missing|hardly|barely|scarcely|rarely|seldom|"
    r"few|little|prohibit\w*|forb(?:id|ids|ade|idden)|bans?|banned|prevent\w*|avoid\w*|reject\w*|instead|rather than|ceas\w*|"
    r"un(?!der|it|iv|iq|ion|less|til)\w{4,})\b"
)
_DENYING = {language: re.compile(words, re.IGNORECASE) for language, words in _NOT.items()}
_IN_ANY_WORDS = re.compile(f"{_NOT['en']}|{_OTHER}", re.IGNORECASE)
# Behind a denial: the clause that it is about, and what takes some of it back.
_CLAUSE = re.compile(r"[^.,;:!?()—–]*")
_TAKEN_BACK = re.compile(
    r"\b(?:until|till|before|but|except|unless|longer|more|less|only|all|every|always|necessarily|yet)\b", re.IGNORECASE
)


def denies(text: str, language: str, *, broadly: bool = False) -> bool:
    """Whether there is a denial; `broadly` in whatever words. In languages that are not known here there is none."""
    if broadly and language == "en" and _IN_ANY_WORDS.search(text):
        return True
    return language in _DENYING and bool(_DENYING[language].search(text))


def denied(texts: Iterable[str]) -> frozenset[str]:
    """The stems that English texts speak of only to deny them."""
    said, against = Counter[str](), Counter[str]()
    denying = [(text, list(_DENYING["en"].finditer(text))) for text in texts]
    if not any(matches for _, matches in denying):
        return frozenset()
    for text, matches in denying:
        said.update(stems(text, "en"))
        for match in matches:
            clause = _CLAUSE.match(text, match.end())
            words = stems(clause.group(), "en") if clause else []
            if words and clause and not _TAKEN_BACK.search(clause.group()):
                against[words[0]] += 1
    return frozenset(stem for stem, count in against.items() if said[stem] <= count)
