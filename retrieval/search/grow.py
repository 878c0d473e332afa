"""Found chunks to passages: each grows by whole sentences around it, so that it can be read by itself."""

from collections.abc import Sequence

from retrieval.library.catalogue import Catalogue
from retrieval.library.records import ChunkRecord
from retrieval.passages import Passage, Span

PASSAGE_LENGTH = 1200


def passages(ranked: Sequence[tuple[ChunkRecord, float]], catalogue: Catalogue, count: int) -> tuple[Passage, ...]:
    """The best `count` passages; a chunk that a better passage already shows is left out."""
    shown: list[Passage] = []
    taken: dict[int, list[Span]] = {}
    for chunk, score in ranked:
        if len(shown) == count:
            break
        spans = taken.setdefault(chunk.article_id, [])
        if any(span.start <= chunk.start and chunk.end <= span.end for span in spans):
            continue
        span = widened(chunk, catalogue.neighbours(chunk.article_id, chunk.start, chunk.end, PASSAGE_LENGTH), spans)
        text = catalogue.text(chunk.article_id, span.start, span.end)
        if len(text) == span.end - span.start:  # else the article has just been changed
            spans.append(span)
            shown.append(_passage(chunk, span, text, score))
    return tuple(shown)


def widened(chunk: ChunkRecord, neighbours: Sequence[ChunkRecord], taken: Sequence[Span]) -> Span:
    """The chunk's span grown by sentences on both sides in turn, within its heading and outside of what is taken already."""
    near = _section(chunk, neighbours)
    sentences = [(item.start + span.start, item.start + span.end) for item in near for span in item.sentences]
    before = [item for item in sentences if item[1] <= chunk.start]
    after = [item for item in sentences if item[0] >= chunk.end]
    others = [span for span in taken if not _overlap(span, chunk.start, chunk.end)]  # what cuts into the chunk cannot be helped
    start, end, blocked = chunk.start, chunk.end, {True: False, False: False}
    while not all(blocked.values()):
        for forward in (True, False):
            if blocked[forward]:
                continue
            side = after if forward else before
            step = (side.pop(0) if forward else side.pop()) if side else None
            wide = (start, step[1]) if step and forward else (step[0], end) if step else (start, end)
            fits = step is not None and wide[1] - wide[0] <= PASSAGE_LENGTH
            if fits and not any(_overlap(span, *wide) for span in others):
                start, end = wide
            else:
                blocked[forward] = True
    return Span(start, end)


def _section(chunk: ChunkRecord, neighbours: Sequence[ChunkRecord]) -> list[ChunkRecord]:
    """The unbroken run of chunks around one that stand under its heading: the same heading may come again further on."""
    run: list[ChunkRecord] = []
    for item in neighbours:
        if item.headings == chunk.headings:
            run.append(item)
        elif item.start < chunk.start:
            run = []
        else:
            break
    return run


def _overlap(span: Span, start: int, end: int) -> bool:
    return span.start < end and start < span.end


def _passage(chunk: ChunkRecord, span: Span, text: str, score: float) -> Passage:
    return Passage(
        chunk=chunk.id,
        source=chunk.source,
        title=chunk.title,
        text=text,
        start=span.start,
        end=span.end,
        score=score,
        site=chunk.site,
        date=chunk.date,
        link=chunk.link,
        headings=chunk.headings,
        language=chunk.language,
    )
