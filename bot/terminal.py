"""Answers, passages and articles as people read them in a terminal or a pipe; nothing of theirs is read as markup."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from ingest.console import printable

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval import Answer, ArticleRecord, Citation, Passage

INDENT = 4
EXCERPT_LENGTH = 200
CLOSEST = 3  # passages shown in the place of an answer
MARK, QUIET, STRONG = "cyan", "dim", "bold"


def show_answer(answer: "Answer", console: "Console") -> None:
    """The answer and its footnotes, or the refusal and the closest passages."""
    if answer.abstained:
        console.print(Text(printable(answer.text)))
        _show_closest(answer.passages[:CLOSEST], console)
    else:
        console.print(_paragraph(answer))
        console.print()
        for citation in answer.citations:
            _show_footnote(citation, console)
    if answer.carried:
        console.print(Text(f"Read as a follow-up to: {printable(', '.join(answer.carried))}", style=QUIET))


def show_passages(passages: Sequence["Passage"], console: "Console") -> None:
    """Ranked passages, each with its number, score and an excerpt."""
    for number, passage in enumerate(passages, start=1):
        console.print(Text.assemble((f"{number}. ", MARK), (_about(passage), STRONG), (f" · {passage.score:.2f}", QUIET)))
        _show_indented([Text(excerpt(passage)), Text(_place(passage), style=QUIET)], console)


def show_articles(articles: Sequence["ArticleRecord"], console: "Console", *, numbered: bool = False) -> None:
    """A list of articles: title, what is known of each, and where it is."""
    for number, article in enumerate(articles, start=1):
        chunks = f"{article.chunks} {'chunk' if article.chunks == 1 else 'chunks'}"
        known = _joined(article.site, article.date, article.language, chunks)
        console.print(Text.assemble((f"{number}. " if numbered else "", MARK), (printable(article.title), STRONG)))
        _show_indented([Text(known, style=QUIET), Text(printable(article.source), style=QUIET)], console)


def excerpt(passage: "Passage") -> str:
    """The beginning of a passage in one line, without title and headings, cut between words."""
    lines = [line for line in passage.text.splitlines() if not line.startswith("#") and line.strip() != passage.title]
    words = printable(" ".join(lines) or passage.text)
    if len(words) <= EXCERPT_LENGTH:
        return words
    return f"{words[:EXCERPT_LENGTH].rpartition(' ')[0] or words[:EXCERPT_LENGTH]}…"


def _paragraph(answer: "Answer") -> Text:
    """The sentences in one paragraph, each with the numbers of its footnotes."""
    paragraph = Text()
    for sentence in answer.sentences:
        paragraph.append(" " if paragraph else "").append(printable(sentence.text))
        paragraph.append("".join(f"[{number}]" for number in sentence.citations), style=MARK)
    return paragraph


def _show_footnote(citation: "Citation", console: "Console") -> None:
    console.print(Text.assemble((f"[{citation.number}] ", MARK), f"“{printable(citation.quote)}”"))
    _show_indented([Text(_about(citation)), Text(_place(citation), style=QUIET)], console)


def _show_closest(passages: Iterable["Passage"], console: "Console") -> None:
    """Passages without numbers, so that nothing looks like a footnote."""
    for number, passage in enumerate(passages):
        if number == 0:
            console.print()
            console.print("The closest passages:", style=QUIET)
        console.print(Text(f"- {_about(passage)}"))
        _show_indented([Text(excerpt(passage), style=QUIET)], console)


def _show_indented(lines: Iterable[Text], console: "Console") -> None:
    """Lines that stay indented where a terminal wraps them."""
    for line in filter(None, lines):
        if console.is_terminal:
            console.print(Padding(line, (0, 0, 0, INDENT), expand=False))
        else:
            console.print(Text(" " * INDENT).append_text(line))


def _about(shown: "Citation | Passage") -> str:
    return _joined(shown.title, shown.site, shown.date)


def _place(shown: "Citation | Passage") -> str:
    """Where a person can open the article."""
    return printable(shown.link or shown.source)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, map(printable, parts)))
