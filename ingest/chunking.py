"""Articles into chunks with exact spans, cut at headings and between sentences; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.outline import sections
from ingest.sentences import split_sentences
from retrieval import Article, Chunk, Span

# About 700 characters and no overlap: as good at finding as 1,000 with overlap, and nothing is embedded twice.
CHUNK_LENGTH = 700


@dataclass(frozen=True, slots=True)
class _Piece:
    """The sentences of one chunk; `opens` is where the headings above the first chunk of a section start."""

    headings: tuple[str, ...]
    sentences: list[Span]
    opens: int | None


def chunk_article(article: Article) -> tuple[Chunk, ...]:
    """Cut an article into chunks that together hold all of its text but white space."""
    pieces = list(_pieces(article))
    chunks, start = [], 0
    for number, piece in enumerate(pieces):
        # A chunk reaches back to the end of the one before, for the heading or the head of a table stands before its first
        # sentence; the one before ends where a section starts.
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        last = piece.sentences[-1].end if following else len(article.text)
        end = last if following is None or following.opens is None else following.opens
        start += len(article.text[start:end]) - len(article.text[start:end].lstrip())
        end = start + len(article.text[start:end].rstrip())
        spans = tuple(Span(sentence.start - start, sentence.end - start) for sentence in piece.sentences)
        chunks.append(Chunk(start, end, article.text[start:end], spans, piece.headings))
        start = end
    return tuple(chunks)


def _pieces(article: Article) -> Iterator[_Piece]:
    """The sentences of every chunk to be; sections without sentences are left to the next one."""
    title = article.title if any(line.strip() not in {"", article.title} for line in article.text.split("\n")) else ""
    opens: int | None = None
    for section in sections(article.text, title):
        opens = section.start if opens is None else opens
        sentences = [span for part in section.paragraphs for span in split_sentences(article.text, part, article.language)]
        for group in _groups(sentences):
            yield _Piece(section.headings, group, opens)
            opens = None


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
