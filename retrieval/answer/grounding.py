"""What keeps a footnote or drops it: a quote has to stand in its article, and a model's sentence to be borne by its quotes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from retrieval.answer.contract import Quoted, Unit
from retrieval.answer.copying import Origins, paragraphs
from retrieval.answer.extractive import Quotable
from retrieval.answer.links import holds_link
from retrieval.answer.matching import Normalised
from retrieval.answer.speech import bearers, breaks_off, parts, sentences
from retrieval.answer.support import LINK, unsupported
from retrieval.library import Library
from retrieval.library.records import ChunkRecord
from retrieval.passages import AnswerSentence, Citation, Dropped, Passage, Span

NO_QUOTE = "it quotes nothing"
UNQUOTED = "it has words of a paragraph that it does not quote"
BROKEN_OFF = "it breaks off"
ALTERED = "its quote does not stand in the passage"


def grounded(sentences: Iterable[Quotable], library: Library) -> Iterator[tuple[AnswerSentence, Citation]]:
    """Each sentence of articles with a citation of its own, numbered from 1, as soon as it is checked.

    One that its article does not hold now is dropped.
    """
    number = 0
    for item in sentences:
        if item.text.strip() and library.catalogue.text(item.article_id, item.span.start, item.span.end) == item.text:
            number += 1
            yield (
                AnswerSentence(" ".join(item.text.split()), (number,)),
                _citation(number, item.measured.chunk, item.span, item.text),
            )


class Footnotes:
    """Checks the sentences of a model against numbered passages, and numbers what they cite in the order of its first use."""

    def __init__(self, question: str, passages: Sequence[Passage], library: Library) -> None:
        self._passages, self._library = passages, library  # whose catalogue may become another one while the model writes
        self._origins = Origins(question, passages)
        self._normalised = cache(lambda number: Normalised(passages[number - 1].text))
        self._places: dict[tuple[str, int, int], Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What has been cited so far, numbered from 1."""
        return tuple(self._places.values())

    def check(self, unit: Unit) -> Iterator[AnswerSentence | Dropped]:
        """The sentences of a unit with the numbers of its quotes; or, if they do not bear one of them, why all are dropped."""
        found = [place for quoted in unit.quotes if (place := self._place(quoted))]
        pieces = parts(unit.sentence, found[0][0].language if found else "")
        reasons = (self._reason(piece, unit.quotes, found) for piece in pieces)
        reason = next(filter(None, reasons), BROKEN_OFF if pieces and found and breaks_off(pieces[-1], found) else "")
        if reason:
            yield Dropped(" ".join(pieces), reason)
            return
        for text in sentences(pieces):
            yield AnswerSentence(text, tuple(dict.fromkeys(self._number(*place) for place in bearers(text, found))))

    def _place(self, quoted: Quoted) -> tuple[Passage, Span] | None:
        """Where the words stand in the passage that the model names, and in its article at this moment."""
        if not 1 <= quoted.passage <= len(self._passages):
            return None
        passage, span = self._passages[quoted.passage - 1], self._normalised(quoted.passage).find(quoted.words)
        if span is None:
            return None
        start = passage.start + span.start
        words = passage.text[span.start : span.end]
        return (passage, span) if self._library.catalogue.holds(passage.source, start, start + len(words), words) else None

    def _reason(self, text: str, quotes: Sequence[Quoted], found: Sequence[tuple[Passage, Span]]) -> str:
        if not found:
            return LINK if holds_link(text) else ALTERED if quotes else NO_QUOTE
        words = [passage.text[span.start : span.end] for passage, span in found]
        # What else an article says, or wants said, lends a sentence nothing: only the paragraphs of its quotes do.
        near = [replace(passage, text="\n\n".join(paragraphs(passage.text, span))) for passage, span in found]
        reason = unsupported(text, words, near, found[0][0].language)
        return reason or (UNQUOTED if self._origins.elsewhere(text, found) else "")

    def _number(self, passage: Passage, span: Span) -> int:
        """The number of a place, which is given when it is first cited."""
        whole = Span(passage.start + span.start, passage.start + span.end)
        key = (passage.source, whole.start, whole.end)
        if key not in self._places:
            quote = passage.text[span.start : span.end]
            self._places[key] = _citation(len(self._places) + 1, passage, whole, quote)
        return self._places[key].number


def _citation(number: int, origin: ChunkRecord | Passage, span: Span, quote: str) -> Citation:
    return Citation(
        number=number,
        source=origin.source,
        title=origin.title,
        quote=quote,
        start=span.start,
        end=span.end,
        site=origin.site,
        date=origin.date,
        link=origin.link,
    )
