"""Articles into chunks with exact spans, cut at headings and between sentences; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval import Article, Chunk, Span

# About 700 characters and no overlap: as good at finding as 1,000 with overlap, and nothing is embedded twice.
CHUNK_LENGTH = 700
SENTENCE_LENGTH = 500

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r"(#{1,6})[ \t]+(?P<title>\S.*)")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?=\S)")
_ROW = re.compile(r".*\S[ \t]*\|")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*$")
_WRAPPED_LINE = 45  # a line at least this long without an end mark goes on in the next one: saved text is often hard-wrapped


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading, without the heading: `headings` is the path down to it."""

    headings: tuple[str, ...]
    paragraphs: tuple[Span, ...]


def chunk_article(article: Article) -> tuple[Chunk, ...]:
    """Cut an article into chunks that together hold all of its text but white space."""
    title = article.title if any(line.strip() not in {"", article.title} for line in article.text.split("\n")) else ""
    pieces = [
        (section.headings, group)
        for section in sections(article.text, title)
        for group in _groups(
            [sentence for part in section.paragraphs for sentence in split_sentences(article.text, part, article.language)]
        )
    ]
    chunks, start = [], 0
    for number, (headings, group) in enumerate(pieces):
        # The heading of a chunk stands before its first sentence, so a chunk reaches back to the end of the one before.
        end = pieces[number + 1][1][0].start if number + 1 < len(pieces) else len(article.text)
        end = _before_heading(article.text, group[-1].end, end, title)
        start += len(article.text[start:end]) - len(article.text[start:end].lstrip())
        end = start + len(article.text[start:end].rstrip())
        spans = tuple(Span(sentence.start - start, sentence.end - start) for sentence in group)
        chunks.append(Chunk(start, end, article.text[start:end], spans, headings))
        start = end
    return tuple(chunks)


def sections(text: str, title: str = "") -> Iterator[Section]:
    """Cut a text at its headings, of which a line that is the title is one; sections without text are left to the next one."""
    path: list[tuple[int, str]] = []
    paragraphs: list[Span] = []
    open_start, before = -1, ""

    def close(end: int) -> None:
        nonlocal open_start
        if open_start >= 0 and text[open_start:end].strip():
            paragraphs.append(Span(open_start, end))
        open_start = -1

    for match in _LINE.finditer(text):
        at, line = match.start(), match.group()
        heading = _heading(line, title)
        if heading:
            close(at)
            if paragraphs:
                yield Section(tuple(title for _, title in path), tuple(paragraphs))
                paragraphs = []
            path = [*(item for item in path if item[0] < heading[0]), heading]
        elif open_start >= 0 and _ends_paragraph(before, line):
            close(at)
            open_start = at if line.strip() else -1
        elif open_start < 0 and line.strip():
            open_start = at
        before = line
    close(len(text))
    if paragraphs:
        yield Section(tuple(title for _, title in path), tuple(paragraphs))


def split_sentences(text: str, paragraph: Span, language: str = "") -> list[Span]:
    """The sentences of a paragraph without the white space and list marks around them, none over SENTENCE_LENGTH."""
    from sentencex import get_sentence_boundaries

    marker = _ITEM.match(text, paragraph.start, paragraph.end)
    start = marker.end() if marker else paragraph.start
    body = text[start : paragraph.end].replace("\n", " ")
    spans: list[Span] = []
    for boundary in get_sentence_boundaries(language or "en", body):
        span = _stripped(text, start + boundary["start_index"], start + boundary["end_index"])
        if span is None:
            continue
        if spans and sum(map(str.isalnum, text[span.start : span.end])) < 3:  # noqa: PLR2004 - a stray mark, not a sentence
            span = Span(spans.pop().start, span.end)
        spans.append(span)
    return [part for span in spans for part in _hard_cut(text, span)]


def _heading(line: str, title: str) -> tuple[int, str] | None:
    """Level and words of a heading, without the marks that may close it; None if the line is none."""
    match = _HEADING.match(line.rstrip("\n"))
    if match is None:
        return (1, title) if title and line.strip() == title else None
    words = match.group("title").rstrip()
    bare = words.rstrip("#")
    return len(match.group(1)), bare.rstrip() if bare[-1:].isspace() else words


def _ends_paragraph(last: str, line: str) -> bool:
    """Whether a line starts a paragraph of its own after the last one before it."""
    if not line.strip() or _ITEM.match(line) or _ROW.match(line):
        return True
    return bool(_SENTENCE_END.search(last) or _ROW.match(last)) or len(last.strip()) < _WRAPPED_LINE


def _groups(sentences: list[Span]) -> Iterator[list[Span]]:
    """Share the sentences of a section among chunks of about equal length, at most CHUNK_LENGTH unless one alone is longer."""
    if not sentences:
        return
    total = sentences[-1].end - sentences[0].start
    target = total / -(-total // CHUNK_LENGTH)
    group = [sentences[0]]
    for sentence in sentences[1:]:
        length = group[-1].end - group[0].start
        grown = sentence.end - group[0].start
        if grown > CHUNK_LENGTH or grown - target > target - length:
            yield group
            group = []
        group.append(sentence)
    yield group


def _before_heading(text: str, start: int, end: int, title: str) -> int:
    """Where a chunk ends: before the first heading between its last sentence and the next one's, unless nothing follows."""
    if end == len(text):
        return end
    at = start
    for match in _LINE.finditer(text, start, end):
        if at > start and _heading(match.group(), title):
            return match.start()
        at = match.end()
    return start


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
