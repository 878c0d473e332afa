"""Paragraphs into sentences with exact spans; pure."""

import re
from collections.abc import Iterator

from ingest.outline import ITEM
from retrieval import Span

SENTENCE_LENGTH = 500
WINDOW = 2000  # characters given to the splitter at once: its time grows with their square for some languages
SLOW_RULES = {"ca", "da", "it"}  # these take up to a third of a millisecond for each mark that may end a sentence
MANY_MARKS = 100_000  # more than a book of a million words has
_MARK = re.compile(r"[^\w\s,;:'\"()-]")
_STRAY = 3  # a piece with fewer letters is a mark, not a sentence


def rules(text: str, language: str) -> str:
    """The language by whose rules a text is split: its own, but not slow ones where there are more marks than any book has."""
    slow = language in SLOW_RULES and len(text) > MANY_MARKS
    return "en" if slow and sum(1 for _ in _MARK.finditer(text)) > MANY_MARKS else language


def split_sentences(text: str, paragraph: Span, language: str = "") -> list[Span]:
    """The sentences of a paragraph without the white space and list marks around them, none over SENTENCE_LENGTH."""
    marker = ITEM.match(text, paragraph.start, paragraph.end)
    spans: list[Span] = []
    for start, end in _boundaries(text, marker.end() if marker else paragraph.start, paragraph.end, language):
        span = _stripped(text, start, end)
        if span is None:
            continue
        if spans and (_letters(text, span) < _STRAY or _runs_on(text, spans[-1].end, span.start)):
            span = Span(spans.pop().start, span.end)
        spans.append(span)
    return [part for span in spans for part in _hard_cut(text, span) if _letters(text, part)]


def _boundaries(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """Where sentences start and end. The last one of a window may go on behind it, so the next window starts with it."""
    from sentencex import get_sentence_boundaries

    while start < end:
        body = text[start : min(start + WINDOW, end)].replace("\n", " ")
        found = [(each["start_index"], each["end_index"]) for each in get_sentence_boundaries(language or "en", body)]
        upto = len(body)
        if start + upto < end and len(found) > 1:
            upto = found.pop()[0]
        elif start + upto < end:  # one sentence fills the window
            upto = max(body.rfind(" "), 0) or upto
            found = [(0, upto)]
        yield from ((start + first, start + last) for first, last in found)
        start += upto


def _hard_cut(text: str, span: Span) -> Iterator[Span]:
    """Cut what is longer than SENTENCE_LENGTH at the last white space before it."""
    start = span.start
    while span.end - start > SENTENCE_LENGTH:
        limit = start + SENTENCE_LENGTH
        space = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
        piece = _stripped(text, start, space if space > start else limit)
        if piece:
            yield piece
        start = space if space > start else limit
    rest = _stripped(text, start, span.end)
    if rest:
        yield rest


def _stripped(text: str, start: int, end: int) -> Span | None:
    """A span without the white space at its ends; None if nothing is left."""
    piece = text[start:end]
    left, right = len(piece) - len(piece.lstrip()), len(piece.rstrip())
    return Span(start + left, start + right) if right > left else None


def _runs_on(text: str, end: int, start: int) -> bool:
    """Whether nothing parts two pieces, as in "version 2.C, which": then the stop ends no sentence, but in unspaced scripts."""
    return end == start and text[end - 1] in ".:!?" and text[start].isalnum()


def _letters(text: str, span: Span) -> int:
    """How many letters and digits there are in a span."""
    return sum(map(str.isalnum, text[span.start : span.end]))
