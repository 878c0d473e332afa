"""How much a word tells: its inverse document frequency in the library, steadied by how common it is in its language.

A library of three articles cannot say that "temperature" is rarer than "people". So every library is counted as if PRIOR_CHUNKS
chunks of ordinary text stood beside it: they decide in a new library and hardly matter in a large one.
"""

from collections.abc import Sequence
from math import log1p

PRIOR_CHUNKS = 1000.0
CHUNK_WORDS = 110  # words of an average chunk


def rarity(frequency: int, chunks: int, background: float) -> float:
    """Inverse document frequency as BM25 has it; `background` is the share of ordinary chunks that hold the word."""
    holding, total = frequency + PRIOR_CHUNKS * background, chunks + PRIOR_CHUNKS
    return log1p((total - holding + 0.5) / (holding + 0.5))


def background(word: str, languages: Sequence[str]) -> float:
    """The share of ordinary chunks that hold a word, in that of the languages where it is most common."""
    from wordfreq import word_frequency

    shares = [0.0]
    for language in languages:
        try:
            shares.append(1.0 - (1.0 - word_frequency(word, language, wordlist="small")) ** CHUNK_WORDS)
        except LookupError:  # a language without a list
            continue
    return max(shares)
