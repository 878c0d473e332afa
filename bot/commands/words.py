"""A question as the command line brings it: words, or the standard input."""

import sys
from typing import Annotated

import typer

from bot.questions import whole

LONGEST = 4000  # characters: more is a text that was sent by mistake, and costs minutes

WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="QUESTION", help="The question; - or nothing reads it from standard input.", show_default=False),
]


def question_of(words: list[str] | None) -> str:
    """The question in one line; raises typer.BadParameter if there is none."""
    if not words and sys.stdin.isatty():
        message = 'There is no question. Write it behind the command: footnote ask "…"'
        raise typer.BadParameter(message)
    text = " ".join(whole(sys.stdin.read() if not words or words == ["-"] else " ".join(words)).split())
    if not text:
        message = "The question is empty."
        raise typer.BadParameter(message)
    if len(text) > LONGEST:
        message = f"The question has {len(text)} characters; {LONGEST} is the most."
        raise typer.BadParameter(message)
    return text
