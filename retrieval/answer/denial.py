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
    r"false\w*|stop\w*|ended|untrue|"
    r"un(?!der|it|iv|iq|ion|less|til)\w{4,})\b"
)
# What denies in a sentence as "not" does.
_ALSO = r"|\b(?:(?:is|are|was|were) false|falsely|untrue|stop(?:s|ped)|hardly|barely|scarcely|fail(?:s|ed)? to)\b"
_DENYING = {language: re.compile(words, re.IGNORECASE) for language, words in _NOT.items()}
_DENIALS = {language: re.compile(words + (_ALSO if language == "en" else ""), re.IGNORECASE) for language, words in _NOT.items()}
_IN_ANY_WORDS = re.compile(f"{_NOT['en']}|{_OTHER}", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:[^.;!?]|[.](?!\s))+")
_NEAR = 3  # stems behind a denial that it may be about
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


def strange_denial(sentence: str, quotes: Iterable[str], language: str) -> bool:
    """Whether a sentence denies something, and no quote denies anything of that."""
    denials = _DENIALS.get(language)
    mine = list(denials.finditer(sentence)) if denials else []
    if not mine:
        return False
    theirs = _spoken_against(quotes, language)
    for match in mine:
        clause = _CLAUSE.match(sentence, match.end())
        about = stems(clause.group(), language)[:_NEAR] if clause else []
        if "false" in match.group().casefold() and not theirs.issuperset(about):
            return True
        if not theirs.intersection(about or stems(sentence, language)):  # "they are not": whatever else it speaks of
            return True
    return False


def _spoken_against(quotes: Iterable[str], language: str) -> set[str]:
    """The stems of what stands behind a denial, and of sentences that deny in other words."""
    found = set[str]()
    for quote in quotes:
        for sentence in _SENTENCE.findall(quote):
            if language == "en" and re.search(_OTHER, sentence, re.IGNORECASE):
                found.update(stems(sentence, language))
            for match in _DENYING[language].finditer(sentence):
                found.update(stems(sentence[match.end() :], language) or stems(sentence, language))
    return found


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
