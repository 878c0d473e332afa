"""Whether a sentence says in an article's own words what stands in a paragraph that it does not quote.

Numbers and names are checked one by one; this is for the rest, such as a claim that hangs behind a sentence which is well quoted.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from retrieval.library.keywords import stems
from retrieval.passages import Passage, Span

GAP = re.compile(r"\n\s*\n")
RUN = 3  # content words in a row: two in a row are often a name for the topic
REMEMBERED = 256  # paragraphs


class Origins:
    """The runs of words of passages, by which it is seen where a sentence has its words from; the question lends it any."""

    def __init__(self, question: str, passages: Sequence[Passage]) -> None:
        self._free = {
            (passage.language, passage.title): runs([question, passage.title], passage.language) for passage in passages
        }
        self._all = frozenset[str]().union(*(runs(GAP.split(passage.text), passage.language) for passage in passages))

    def elsewhere(self, sentence: str, cited: Sequence[tuple[Passage, Span]]) -> bool:
        """Whether words of the sentence stand in a row in the passages, but not in the paragraphs of what it cites."""
        language = cited[0][0].language
        foreign = runs([sentence], language) & self._all
        for passage, span in cited:
            foreign -= self._free[(passage.language, passage.title)] | runs(paragraphs(passage.text, span), passage.language)
        return bool(foreign)


def paragraphs(text: str, span: Span) -> list[str]:
    """The paragraphs of a passage in which a quote stands."""
    start = max((gap.end() for gap in GAP.finditer(text, 0, span.start)), default=0)
    end = GAP.search(text, span.end)
    return GAP.split(text[start : end.start() if end else len(text)])


def runs(texts: Iterable[str], language: str) -> frozenset[str]:
    """The runs of content words of some texts, as stems; none goes from one text into another."""
    return frozenset[str]().union(*(_runs(text, language) for text in texts))


@lru_cache(maxsize=REMEMBERED)
def _runs(text: str, language: str) -> frozenset[str]:
    words = stems(text.encode("utf-8", "replace").decode("utf-8"), language or "en")
    return frozenset(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
