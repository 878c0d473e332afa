"""What keeps a footnote or drops it: a quote has to stand, character for character, where its citation says it stands."""

from collections.abc import Iterable

from retrieval.answer.extractive import Quotable
from retrieval.library.catalogue import Catalogue
from retrieval.passages import AnswerSentence, Citation


def grounded(sentences: Iterable[Quotable], catalogue: Catalogue) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    """Each sentence with a citation of its own, numbered from 1; one that its article does not hold now is dropped."""
    kept = [
        item
        for item in sentences
        if item.text.strip() and catalogue.text(item.article_id, item.span.start, item.span.end) == item.text
    ]
    answer = tuple(AnswerSentence(" ".join(item.text.split()), (number,)) for number, item in enumerate(kept, 1))
    return answer, tuple(_citation(number, item) for number, item in enumerate(kept, 1))


def _citation(number: int, item: Quotable) -> Citation:
    chunk = item.measured.chunk
    return Citation(
        number=number,
        source=chunk.source,
        title=chunk.title,
        quote=item.text,
        start=item.span.start,
        end=item.span.end,
        site=chunk.site,
        date=chunk.date,
        link=chunk.link,
    )
