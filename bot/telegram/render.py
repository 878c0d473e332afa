"""An answer as a message: its sentences, the quotes they rest on, and a button for each source."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.telegram import texts
from bot.telegram.listing import show_passages
from bot.telegram.origin import origin
from bot.telegram.richtext import RichText, filled, join
from bot.telegram.shown import LABEL_LENGTH, Button, Rows, Shown, about, shortened, strange, title_of
from bot.telegram.splitting import split

if TYPE_CHECKING:
    from retrieval import Answer, AnswerSentence, Citation

MOST_SOURCES = 8  # that have a button
SINGLE = 4  # sources up to which each button has a row of its own
CLOSEST = 3  # passages shown in the place of an answer
_NUMBER = re.compile(r"\s*\[[\d\s,;–-]*\d[\d\s,;–-]*\]")


def show_answer(answer: "Answer", key: str) -> Shown:
    """The answer with its quotes and sources, or the refusal and what is closest; `key` finds it again."""
    if answer.abstained and not answer.passages:  # something is always closest, unless there are no articles
        return Shown(RichText(texts.NO_LIBRARY_YET))
    parts = _refusal(answer) if answer.abstained else _grounded(answer)
    terms = join(", ", filter(None, map(strange, answer.carried)))
    if terms:
        parts.append(filled(texts.FOLLOW_UP, terms=terms).wrapped("italic"))
    if words := origin(answer, answer.model, abstained=answer.abstained):
        parts.append(words.wrapped("italic"))
    votes = (Button(texts.GOOD, f"v:{key}:1"), Button(texts.BAD, f"v:{key}:0"))
    if not answer.abstained:
        return Shown(join("\n\n", parts), (*_source_buttons(answer, key), votes))
    return Shown(join("\n\n", parts), (votes,))


def show_preview(sentences: Iterable["AnswerSentence"]) -> RichText:
    """What has been answered so far, as much as fits into one message."""
    return next(iter(split(_paragraph(sentences))), RichText())


def by_source(citations: Iterable["Citation"]) -> list[tuple["Citation", ...]]:
    """The citations of each source, in the order in which the sources are first used: the numbers in the buttons."""
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.source, []).append(citation)
    return [tuple(group) for group in groups.values()]


def _grounded(answer: "Answer") -> list[RichText]:
    """The sentences, and their quotes in one expandable block."""
    quotes = join("\n\n", [_quotes(group) for group in by_source(answer.citations)])
    paragraph = _paragraph(answer.sentences)
    return [paragraph, quotes.wrapped("expandable_blockquote")] if quotes else [paragraph]


def _paragraph(sentences: Iterable["AnswerSentence"]) -> RichText:
    """The sentences in one paragraph, each with the numbers of its quotes, or the mark that it has none."""
    return join(" ", filter(None, map(_sentence, sentences)))


def _sentence(sentence: "AnswerSentence") -> RichText:
    if not sentence.supported:  # what looks like a number in it is none of ours
        return join(" ", [strange(_NUMBER.sub("", sentence.text)), texts.UNSUPPORTED])
    return join(" ", filter(None, [strange(sentence.text), *map(_reference, sentence.citations)]))


def _quotes(group: Sequence["Citation"]) -> RichText:
    """What is quoted of one source, and the source."""
    lines = [join(" ", [_reference(each.number), filled(texts.QUOTE, quote=strange(each.quote))]) for each in group]
    return join("\n", [*lines, about(group[0])])


def _refusal(answer: "Answer") -> list[RichText]:
    """The refusal and the closest passages, without numbers, so that nothing looks like a footnote."""
    return [strange(answer.text), RichText(texts.CLOSEST), *show_passages(answer.passages[:CLOSEST])]


def _source_buttons(answer: "Answer", key: str) -> Rows:
    """A button for each source; with few of them their titles get the whole width."""
    groups = by_source(answer.citations)[:MOST_SOURCES]
    buttons = [Button(_label(group), f"s:{key}:{number}") for number, group in enumerate(groups)]
    width = 1 if len(buttons) <= SINGLE else 2
    return tuple(tuple(buttons[at : at + width]) for at in range(0, len(buttons), width))


def _label(group: Sequence["Citation"]) -> str:
    return shortened(" ".join([*(_reference(each.number) for each in group), title_of(group[0])]), LABEL_LENGTH)


def _reference(number: int) -> str:
    return texts.REFERENCE.format(number=number)
