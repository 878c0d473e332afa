"""What every command shows: strangers' text made harmless, consoles for people, JSON for programs."""

import json
import re
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

WIDEST = 100  # characters in a line: longer ones are hard to read, however wide the window is

# Control characters (ESC and its eight-bit kin among them), marks that reorder what is read, halves of characters.
_REORDERING = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_REORDERING}\ud800-\udfff]")
# The same in JSON, which escapes the first 32 itself; and what some programs take for the end of a line.
_ESCAPED = re.compile(rf"[\x7f-\x9f\u2028\u2029{_REORDERING}\ud800-\udfff]")


def printable(text: str) -> str:
    """One line of text that cannot move the cursor, colour the screen or reorder what is read; white space is folded."""
    return " ".join(_UNSAFE.sub("", text).split())


def counted(count: int, noun: str) -> str:
    """A count with its noun, as in "1 chunk" and "2 chunks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def console(*, errors: bool = False) -> "Console":
    """A console that never reads markup in what it prints, wraps for a terminal and leaves lines whole in a pipe."""
    from rich.console import Console

    made = Console(stderr=errors, markup=False, highlight=False, emoji=False)
    made.soft_wrap = not made.is_terminal
    if made.is_terminal:
        made.width = min(made.width, WIDEST)
    return made


def complain(sentence: str) -> None:
    """Say on the error stream, in one line, what went wrong."""
    typer.echo(f"footnote: {printable(sentence)}", err=True)


def json_line(value: object, encoding: str) -> str:
    """JSON in one line; characters that control a terminal or that the encoding cannot carry are escaped, not lost."""
    text = _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    typer.echo(json_line(value, sys.stdout.encoding or "utf-8"))
