"""Articles into chunks with exact spans, cut at headings and between sentences; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from ingest.outline import sections
from ingest.sentences import rules, split_sentences
from retrieval import Article, Chunk, Span

# About 700 characters and no overlap: as good at finding as 1,000 with overlap, and nothing is embedded twice.
CHUNK_LENGTH = 700
FAVOURED_LENGTH = 600
# What a cut costs, beside the square of the share by which the length misses the favoured one: inside a paragraph, and drawn from
# the sentence that it stands before. So cuts hold on to places of the text, and an edit moves those beside it alone.
INSIDE_PARAGRAPH, DRAWN = 0.5, 0.5
_MISSES = np.array([(length / FAVOURED_LENGTH - 1) ** 2 for length in range(CHUNK_LENGTH + 1)])


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
    language = rules(article.text, article.language)
    opens: int | None = None
    for section in sections(article.text, title):
        opens = section.start if opens is None else opens
        paragraphs = [split_sentences(article.text, part, language) for part in section.paragraphs]
        for group in _groups(article.text, paragraphs):
            yield _Piece(section.headings, group, opens)
            opens = None


def _groups(text: str, paragraphs: list[list[Span]]) -> Iterator[list[Span]]:
    """Cut the sentences of a section where it costs least; a chunk is at most CHUNK_LENGTH long."""
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    # Of cutting before each sentence, and, as soon as it is reached, of all cuts before that one.
    costs = np.array([cost for paragraph in paragraphs for cost in _costs(text, paragraph)])
    starts = np.array([sentence.start for sentence in sentences])
    firsts, first, least = [], 0, 0.0  # of the chunk that ends with each sentence, as it costs least to cut all up to there
    for number, last in enumerate(sentences):
        costs[number] += least
        while last.end - starts[first] > CHUNK_LENGTH:
            first += 1
        # In one step, for hundreds of tiny sentences may be the first; of equals the last one is.
        ways = (costs[first : number + 1] + _MISSES[last.end - starts[first : number + 1]])[::-1]
        best = int(ways.argmin())
        least = ways[best]
        firsts.append(number - best)
    groups, end = [], len(sentences)
    while end:
        groups.append(sentences[firsts[end - 1] : end])
        end = firsts[end - 1]
    yield from reversed(groups)


def _costs(text: str, paragraph: list[Span]) -> Iterator[float]:
    """What it costs to cut before each sentence of a paragraph."""
    for number, sentence in enumerate(paragraph):
        drawn = crc32(text[sentence.start : sentence.end].encode("utf-8", "replace")) / 2**32
        yield DRAWN * drawn + INSIDE_PARAGRAPH * (number > 0)
