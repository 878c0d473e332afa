"""How much a word tells: its inverse document frequency in the library, steadied by how common it is in its language.

A library of three articles cannot say that "temperature" is rarer than "people". So every library is counted as if PRIOR_CHUNKS
chunks of ordinary text stood beside it: they decide in a new library and hardly matter in a large one.
"""

from collections.abc import Sequence
from functools import cache
from math import log1p

PRIOR_CHUNKS = 1000.0
CHUNK_WORDS = 110  # words of an average chunk

_UNSPACED = frozenset(("ja", "ko", "zh"))  # to split their texts wordfreq wants more packages, but its lists can be read without
_ALIASES = {"no": "nb", "nn": "nb"}  # as wordfreq names them


def rarity(frequency: int, chunks: int, background: float) -> float:
    """Inverse document frequency as BM25 has it; `background` is the share of ordinary chunks that hold the word."""
    holding, total = frequency + PRIOR_CHUNKS * background, chunks + PRIOR_CHUNKS
    return log1p((total - holding + 0.5) / (holding + 0.5))


def background(word: str, languages: Sequence[str]) -> float:
    """The share of ordinary chunks that hold a word, in that of the languages where it is most common."""
    shares = [_frequency(word, _ALIASES.get(language, language)) for language in languages]
    return 1.0 - (1.0 - max(shares, default=0.0)) ** CHUNK_WORDS


def _frequency(word: str, language: str) -> float:
    """The share of a word in ordinary text; 0 in a language without a list."""
    from wordfreq import get_frequency_dict, word_frequency

    if language not in _listed():
        return 0.0
    if language in _UNSPACED:
        return float(get_frequency_dict(language, "small").get(word, 0.0))
    return float(word_frequency(word, language, wordlist="small"))


@cache
def _listed() -> frozenset[str]:
    from wordfreq import available_languages

    return frozenset(available_languages("small"))
