"""A quote in its surroundings: the text around it as the article has it, with what is quoted marked."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.telegram import texts
from bot.telegram.links import page_link
from bot.telegram.richtext import Mark, RichText, join
from bot.telegram.shown import Button, FromArticle, Shown, about
from bot.telegram.unlinking import unlinked
from ingest.console import printable

if TYPE_CHECKING:
    from retrieval import Span

CLOSE_DATA = "x"
_LINE_END = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def show_surroundings(
    piece: FromArticle, text: str, spans: Sequence["Span"], *, before: bool = False, after: bool = False
) -> Shown:
    """The text with its spans marked, under what is known of the article, which goes on `before` and `after` it.

    A button leads to the first of the spans on the article's page, if it is on the web.
    """
    body = _marked(text, spans)
    around = [RichText(texts.ELLIPSIS if goes_on else "") for goes_on in (before, after)]
    quote = text[spans[0].start : spans[0].end] if spans else ""
    address = page_link(piece.link, quote)
    opening = ((Button(texts.OPEN_PAGE, url=address),),) if address else ()
    shown = join("\n", filter(None, [around[0], body, around[1]]))
    return Shown(join("\n\n", filter(None, [about(piece), shown])), (*opening, (Button(texts.CLOSE, CLOSE_DATA),)))


def _marked(text: str, spans: Sequence["Span"]) -> RichText:
    """The text made harmless, its lines and paragraphs kept, with the same words marked as before."""
    clean: list[str] = []
    places = []  # for each character of the text, where it or what follows it stands when it is clean
    for before, character in pairwise(f" {text}"):
        places.append(len(clean))
        shown = _shown(character)
        blank = shown == "\n" and ((before, character) == ("\r", "\n") or clean[-2:] == ["\n", "\n"])
        clean += [] if blank or not shown else [shown]
    places.append(len(clean))
    last = len(text)
    marks = (Mark("bold", places[min(span.start, last)], places[min(span.end, last)]) for span in spans)
    harmless = unlinked("".join(clean))
    return RichText(harmless.text, (*harmless.marks, *marks))


def _shown(character: str) -> str:
    """What is shown of one character: the end of a line, a space, itself, or nothing."""
    if _LINE_END.match(character):
        return "\n"
    return " " if character.isspace() else printable(character)
