"""Lists: the passages of a search, and the articles of the library page by page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.telegram import texts
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import NAME_LENGTH, Button, FromArticle, Shown, about, named, strange
from bot.terminal import excerpt

if TYPE_CHECKING:
    from retrieval import ArticleRecord, Passage

PAGE = 8  # articles shown at once


def show_search(passages: Sequence["Passage"]) -> Shown:
    """Ranked passages, numbered, each with its article and an excerpt."""
    if not passages:
        return Shown(RichText(texts.NOTHING_FOUND))
    return Shown(join("\n\n", _numbered(show_passages(passages), first=1)))


def show_passages(passages: Iterable["Passage"]) -> list[RichText]:
    """For each passage what is known of its article, and below it how the passage begins, to be opened by a tap."""
    known = list(passages)
    excerpts = [strange(excerpt(passage)).wrapped("expandable_blockquote") for passage in known]
    return [join("\n", both) for both in zip(_abouts(known), excerpts, strict=True)]


def page_count(total: int) -> int:
    """How many pages so many articles take; none take one."""
    return max(1, -(-total // PAGE))


def show_sources(records: Sequence["ArticleRecord"], *, page: int, total: int, words: str, key: str) -> Shown:
    """The articles of one page, counted from 0, of the `total` that have these words; buttons lead to the pages beside it."""
    if not total:
        return Shown(no_such_articles(words) if words else RichText(texts.NO_ARTICLES))
    pages = page_count(total)
    lines = list(_numbered(_abouts(records[:PAGE]), first=page * PAGE + 1))
    count = texts.ONE_ARTICLE if total == 1 else texts.ARTICLES.format(count=total)
    footer = [filled(texts.WITH_WORDS, articles=count, words=named(words, NAME_LENGTH)) if words else RichText(count)]
    footer += [RichText(texts.PAGE.format(page=page + 1, pages=pages))] if pages > 1 else []
    beside = ((texts.EARLIER, page - 1), (texts.LATER, page + 1))
    buttons = tuple(Button(label, f"p:{key}:{number}") for label, number in beside if 0 <= number < pages)
    text = join("\n\n", [join("\n", lines), join(texts.BETWEEN, footer).wrapped("italic")])
    return Shown(text, (buttons,) if buttons else ())


def no_such_articles(words: str) -> RichText:
    """That no article has these words."""
    return filled(texts.NO_SUCH_ARTICLES, words=named(words, NAME_LENGTH))


def _abouts(pieces: Iterable[FromArticle]) -> Iterator[RichText]:
    """A line about the article of each; what is listed twice leads to its article once."""
    seen: set[str] = set()
    for piece in pieces:
        yield about(piece, linked=piece.source not in seen)
        seen.add(piece.source)


def _numbered(lines: Iterable[RichText], *, first: int) -> Iterator[RichText]:
    for number, line in enumerate(lines, start=first):
        yield RichText(texts.NUMBERED.format(number=number)) + line
