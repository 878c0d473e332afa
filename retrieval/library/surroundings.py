"""A quote in its surroundings: where it stands in its article now, with the chunks around it."""

from collections.abc import Sequence

import sqlalchemy as sa

from retrieval.library.tables import article, chunk
from retrieval.passages import Span, Surroundings


def surroundings(connection: sa.Connection, source: str, start: int, end: int, quote: str) -> Surroundings | None:
    """What `Library.surroundings` promises; the connection sees one state of the catalogue."""
    row = connection.execute(sa.select(article).where(article.c.source == source)).one_or_none()
    if row is None:
        return None
    place = locate(row.text, quote or row.text[start:end], start)
    if place is None:
        return None
    spans = sa.select(chunk.c.start, chunk.c.end).where(chunk.c.article_id == row.id, ~chunk.c.dead)
    whole = widened(place, [Span(*each) for each in connection.execute(spans.order_by(chunk.c.start))])
    return Surroundings(
        source=row.source,
        title=row.title,
        text=row.text[whole.start : whole.end],
        start=whole.start,
        end=whole.end,
        quote=Span(place.start - whole.start, place.end - whole.start),
        goes_on=bool(row.text[whole.end :].strip()),
        site=row.site,
        date=row.date,
        link=row.link,
    )


def locate(text: str, quote: str, start: int) -> Span | None:
    """Where a quote stands in a text: at `start`, or else as near to it as it can be found; None if nowhere."""
    before, after = text.rfind(quote, 0, start + len(quote)), text.find(quote, start)
    places = [place for place in (before, after) if place >= 0]
    if not quote or not places:
        return None
    nearest = min(places, key=lambda place: abs(place - start))
    return Span(nearest, nearest + len(quote))


def widened(place: Span, chunks: Sequence[Span]) -> Span:
    """From the start of the chunk before the place to the end of the one after it; `chunks` in reading order."""
    before = [span for span in chunks if span.end <= place.start][-1:]
    touched = [span for span in chunks if span.start < place.end and place.start < span.end]
    after = [span for span in chunks if span.start >= place.end][:1]
    near = [*before, *touched, *after, place]
    return Span(min(span.start for span in near), max(span.end for span in near))
