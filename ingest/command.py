"""How a command runs: options that all share, and every failure ended by one sentence and an exit code."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ingest.console import complain
from retrieval import FootnoteError

FAILED = 1
INTERRUPTED = 130  # what shells report of a program that Ctrl-C has ended

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Folder of the library; else FOOTNOTE_DATA_DIR, else ~/.footnote.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Command(TyperCommand):
    """A command whose failures are sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with told():
            return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands whose failures are sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with told():
            return super().invoke(ctx)


def run(app: typer.Typer, *, name: str, default: str = "") -> None:
    """Run a program as `name`; the group's callback finds in its context the command to fall back on."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a letter shows "?" in its place
    app(prog_name=name, obj=default)


@contextmanager
def told() -> Iterator[None]:
    """The one place where a failure becomes a line on the error stream and an exit code, as typer.Exit."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except FootnoteError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        complain("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        if os.environ.get("FOOTNOTE_DEBUG"):
            traceback.print_exc()
        reason = str(error).strip().partition("\n")[0]
        complain(f"Something went wrong ({type(error).__name__}: {reason}). FOOTNOTE_DEBUG=1 before the command shows where.")
        raise typer.Exit(FAILED) from None
