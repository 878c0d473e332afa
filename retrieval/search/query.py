"""A question as it is searched for: weighted terms, a vector and the kind of thing it asks for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.embedding import Vectors
from retrieval.library.keywords import stems
from retrieval.search.rarity import background, rarity

WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 200  # of a question: more is a pasted page, and every term costs a lookup


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question: its stems in the library's languages, its rarity, and its weight (1, or less if carried over)."""

    word: str
    stems: tuple[str, ...]
    rarity: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; `own` are the terms of the question itself, `terms` those and the carried ones."""

    question: str
    own: tuple[Term, ...]
    terms: tuple[Term, ...]
    vector: Vectors
    carried: tuple[str, ...] = ()


class Analyst:
    """Makes terms out of text with what one library knows of its languages and frequencies."""

    def __init__(self, languages: Sequence[str], chunks: int, frequency: Callable[[Sequence[str]], int]) -> None:
        self.languages, self.chunks, self._frequency = tuple(languages) or ("en",), chunks, frequency

    def terms(self, text: str) -> tuple[Term, ...]:
        """The distinct content words of a text, in order."""
        found: dict[tuple[str, ...], Term] = {}
        for word in WORD.findall(text.lower())[:MAX_WORDS]:
            for piece, alternatives in self._stems(word):
                if alternatives and alternatives not in found:
                    count = self._frequency(alternatives)
                    weight = rarity(count, self.chunks, background(piece, self.languages))
                    found[alternatives] = Term(piece, alternatives, weight)
        return tuple(found.values())

    def _stems(self, word: str) -> list[tuple[str, tuple[str, ...]]]:
        """Word to its stem in each language that does not skip it; a run of unspaced script gives one pair a character."""
        by_language = [stems(word, language) for language in self.languages]
        longest = max(by_language, key=len)
        if len(longest) > 1:
            return [(piece, (piece,)) for piece in longest]
        return [(word, tuple(dict.fromkeys(found[0] for found in by_language if found)))]


def weights(terms: Sequence[Term]) -> Mapping[tuple[str, ...], float]:
    """Alternative stems to the weight that each term has in a search."""
    return {term.stems: term.rarity * term.weight for term in terms}
