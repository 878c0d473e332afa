"""What a check finds, and a check that cannot be done as one more thing that is found."""

import shlex
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from retrieval.errors import FootnoteError

REPAIR = "footnote doctor --repair"
RESTORE = "footnote restore FILE --replace"
LET_IN = "Let the user who runs this read and write it"


class Level(StrEnum):
    """How bad it is; only what is wrong makes a library unhealthy."""

    OK = "ok"
    UNCHECKED = "not checked"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says in a sentence; `mend` is the one command or step that mends it, empty where there is nothing to do."""

    check: str
    level: Level
    said: str
    mend: str = ""


def guarded(check: str, found: Callable[[], Iterable[Finding]], *, mend: str = REPAIR) -> Iterator[Finding]:
    """The findings of a check; whatever it raises is a finding too, and the next check goes on."""
    try:
        yield from found()
    except FootnoteError as error:
        yield Finding(check, Level.WRONG, error.message, error.help)
    except GeneratorExit:
        raise
    except BaseException as error:
        if is_ours(error):
            raise
        mend = LET_IN if isinstance(error, PermissionError) else mend
        yield Finding(check, Level.WRONG, f"It cannot be read: {reason(error)}.", mend)


def restore_beside(folder: Path) -> str:
    """The command that restores a backup where what is there cannot even be opened; it is kept, under another name."""
    here = shlex.quote(str(folder.absolute()))
    return f"mv {here} {shlex.quote(f'{folder.absolute()}.damaged')} && footnote restore FILE --data {here}"


def is_ours(error: BaseException) -> bool:
    """Whether it is the person who ends the program; the panic of a library in Rust is no Exception either, and is not."""
    return isinstance(error, KeyboardInterrupt | SystemExit)


def reason(error: BaseException) -> str:
    """What was raised, in a few words."""
    raised = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    words = (getattr(raised, "strerror", None) or str(raised)).strip().partition("\n")[0].rstrip(".")
    plain = isinstance(raised, sqlite3.Error | OSError) and words
    return words if plain else f"{type(raised).__name__}: {words}".rstrip(": ")


def number(count: int, noun: str) -> str:
    """A count with its noun, as in "1 chunk" and "2 chunks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
