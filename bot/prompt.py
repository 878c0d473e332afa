"""Lines that a person types at a prompt, edited and remembered by readline where Python has it."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

REMEMBERED = 1000  # lines
PLAIN = "> "
# \001 and \002 tell readline which characters take no room.
COLOURED = "\001\033[1;36m\002> \001\033[0m\002"


def typed_lines(history: Path, *, coloured: bool) -> Generator[str, None, None]:
    """What is typed, until Ctrl-D or a second Ctrl-C in a row; the first one only clears the line."""
    with _line_editing(history) as editable:
        interrupted = False
        while True:
            try:
                line = input(COLOURED if coloured and editable else PLAIN)
            except EOFError:
                typer.echo()
                return
            except KeyboardInterrupt:
                if interrupted:
                    typer.echo()
                    return
                interrupted = True
                typer.echo("\nCtrl-C again or Ctrl-D leaves.")
            else:
                interrupted = False
                yield line


@contextmanager
def _line_editing(history: Path) -> Iterator[bool]:
    """Whether lines can be edited; what was typed is kept for the next time, readable by its owner only."""
    try:
        import readline
    except ImportError:  # Windows
        yield False
        return
    readline.set_history_length(REMEMBERED)
    with suppress(OSError):
        readline.read_history_file(history)
    try:
        yield True
    finally:
        with suppress(OSError):  # a read-only folder
            os.close(os.open(history, os.O_CREAT | os.O_WRONLY, 0o600))
            readline.write_history_file(history)
            history.chmod(0o600)
