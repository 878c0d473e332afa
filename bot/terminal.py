"""Answers, passages and articles as people read them in a terminal or a pipe; nothing of theirs is read as markup."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from bot.shortfalls import told_of
from ingest.console import counted, printable
from retrieval import Answer

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval import AnswerSentence, ArticleRecord, Citation, Passage

INDENT = 4
EXCERPT_LENGTH = 200
CLOSEST = 3  # passages shown in the place of an answer
MARK, QUIET, STRONG, DOUBTFUL = "cyan", "dim", "bold", "yellow"
UNSUPPORTED = "[not in the articles]"
_FOOTNOTE = re.compile(r"\s*\[\d[\d,;\s]*\]")  # as a model may write it by itself


def show_events(events: Iterable["AnswerSentence | Answer"], console: "Console") -> Answer:
    """Each sentence as soon as it comes, and below them the footnotes; or the refusal and the closest passages."""
    paragraph, answer = Paragraph(console), None
    try:
        for event in events:
            if isinstance(event, Answer):
                answer = event
            else:
                paragraph.add(event)
    finally:
        paragraph.end()
    if answer is None:
        message = "An answer has come to no end."
        raise ValueError(message)
    _show_rest(answer, console)
    return answer


class Paragraph:
    """Sentences that appear one by one, wrapped as if all were printed at once; what is shown already stays as it is."""

    def __init__(self, console: "Console") -> None:
        self._console, self._text, self._shown = console, Text(), 0

    def add(self, sentence: "AnswerSentence") -> None:
        """Show one more sentence, with the numbers of its footnotes."""
        self._text.append(" " if self._text else "")
        if sentence.supported:
            self._text.append(printable(sentence.text))
            self._text.append("".join(f"[{number}]" for number in sentence.citations), style=MARK)
        else:
            self._text.append(_FOOTNOTE.sub("", printable(sentence.text))).append(f" {UNSUPPORTED}", style=DOUBTFUL)
        lines = self._text.wrap(self._console, self._console.width, overflow="ignore" if self._console.soft_wrap else None)
        wrapped = Text("\n").join(lines)
        self._console.print(wrapped[self._shown :], end="", soft_wrap=True)
        self._shown = len(wrapped)

    def end(self) -> None:
        """End its last line, if it has one."""
        if self._text:
            self._console.print()


def show_answer(answer: Answer, console: "Console") -> None:
    """A whole answer."""
    show_events([*answer.sentences, answer], console)


def show_explanation(answer: Answer, console: "Console") -> None:
    """How an answer came about."""
    _show_fact("Searched for", answer.standalone, console)
    if answer.carried:
        _show_fact("Carried over", ", ".join(answer.carried), console)
    _show_fact("Passages", "" if answer.passages else "none", console)
    for number, passage in enumerate(answer.passages, start=1):
        _show_ranked(number, passage, [Text(excerpt(passage)), Text(_place(passage), style=QUIET)], console)
    for dropped in answer.dropped:
        _show_fact("Not supported", f"“{printable(dropped.text)}”: {dropped.reason}", console)
    used = answer.usage
    tokens = f", {counted(used.input_tokens, 'token')} read and {used.output_tokens} written" if used else ""
    _show_fact("Chat model", f"{answer.model or 'none'}{tokens}", console)
    _show_fact("Confidence", f"{answer.confidence:.2f}", console)
    _show_fact("Seconds", f"{answer.seconds:.2f}", console)


def show_passages(passages: Sequence["Passage"], console: "Console") -> None:
    """Ranked passages, each with its number, score and an excerpt."""
    for number, passage in enumerate(passages, start=1):
        _show_ranked(number, passage, [Text(excerpt(passage)), Text(_place(passage), style=QUIET)], console)


def show_articles(articles: Sequence["ArticleRecord"], console: "Console", *, numbered: bool = False) -> None:
    """A list of articles: title, what is known of each, and where it is."""
    for number, article in enumerate(articles, start=1):
        known = _joined(article.site, article.date, article.language, counted(article.chunks, "chunk"))
        console.print(Text.assemble((f"{number}. " if numbered else "", MARK), (printable(article.title), STRONG)))
        _show_indented([Text(known, style=QUIET), Text(printable(article.source), style=QUIET)], console)


def excerpt(passage: "Passage") -> str:
    """The beginning of a passage in one line, without title and headings, cut between words."""
    lines = [line for line in passage.text.splitlines() if not line.startswith("#") and line.strip() != passage.title]
    words = printable(" ".join(lines) or passage.text)
    if len(words) <= EXCERPT_LENGTH:
        return words
    return f"{words[:EXCERPT_LENGTH].rpartition(' ')[0] or words[:EXCERPT_LENGTH]}…"


def _show_rest(answer: Answer, console: "Console") -> None:
    """All of an answer but its sentences."""
    if answer.abstained:
        console.print(Text(printable(answer.text)))
        _show_closest(answer.passages[:CLOSEST], console)
    else:
        console.print()
        for citation in answer.citations:
            _show_footnote(citation, console)
    if answer.carried:
        console.print(Text(f"Read as a follow-up to: {printable(', '.join(answer.carried))}", style=QUIET))
    if told := told_of(answer):
        console.print(Text(printable(told), style=QUIET))


def _show_fact(name: str, value: str, console: "Console") -> None:
    console.print(Text.assemble((f"{name}:", STRONG), f" {printable(value)}" if value else ""))


def _show_ranked(number: int, passage: "Passage", below: Iterable[Text], console: "Console") -> None:
    console.print(Text.assemble((f"{number}. ", MARK), (_about(passage), STRONG), (f" · {passage.score:.2f}", QUIET)))
    _show_indented(below, console)


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
