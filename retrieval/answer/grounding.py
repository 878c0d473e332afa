"""What keeps a footnote or drops it: a quote has to stand, character for character, where its citation says it stands."""

from collections.abc import Iterable, Iterator

from retrieval.answer.extractive import Quotable
from retrieval.library.catalogue import Catalogue
from retrieval.passages import AnswerSentence, Citation


def grounded(sentences: Iterable[Quotable], catalogue: Catalogue) -> Iterator[tuple[AnswerSentence, Citation]]:
    """Each sentence with a citation of its own, numbered from 1, as soon as it is checked.

    One that its article does not hold now is dropped.
    """
    number = 0
    for item in sentences:
        if item.text.strip() and catalogue.text(item.article_id, item.span.start, item.span.end) == item.text:
            number += 1
            yield AnswerSentence(" ".join(item.text.split()), (number,)), _citation(number, item)


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
