"""How a command runs: options that all share, and every failure ended by one sentence and an exit code."""

import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from ingest.console import complain
from retrieval import FootnoteError, SettingsError

FAILED = 1
_WRONG_USE = cast("type[Exception]", typer.BadParameter.__mro__[1])  # UsageError, which typer does not export
_TRACING = ("LANGSMITH_", "LANGCHAIN_")


def _folder(text: str) -> Path:
    if not text.strip():
        message = "The folder has no name."
        raise typer.BadParameter(message)
    return Path(text)


DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        parser=_folder,
        help="Folder of the library; else FOOTNOTE_DATA_DIR, else ~/.footnote.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Interrupted(typer.Exit):
    """Ctrl-C has ended what was being done."""


class Command(TyperCommand):
    """A command whose failures are sentences, and which begins by naming what is set in vain."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with told():
            warn_of_unknown_settings()
            return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands whose failures are sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with told():
            return super().invoke(ctx)


def run(app: typer.Typer, *, name: str, default: str = "") -> None:
    """Run a program as `name`; the group's callback finds in its context the command to fall back on."""
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # closed by the caller: nothing is read, and what is written is lost
            setattr(sys, stream, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - a name, open to the end
        getattr(sys, stream).reconfigure(errors="replace")  # a terminal that lacks a letter shows "?" in its place
    for name_of_tracing in [each for each in os.environ if each.startswith(_TRACING)]:
        del os.environ[name_of_tracing]  # LangChain would send questions and articles to a server
    app(prog_name=name, obj=default)


def warn_of_unknown_settings(names: Iterable[str] | None = None) -> None:
    """A line on the error stream for each name that looks like a setting and is none.

    Unless names are given they are the library's, and before them is told which lines of `.env` cannot be read, but not what
    they hold, for it may be private.
    """
    from retrieval.settings import unknown_names, unread_lines

    lines = unread_lines() if names is None else []
    if lines:
        which = "Line {} of .env is" if len(lines) == 1 else "Lines {} of .env are"
        complain(f"{which.format(', '.join(map(str, lines)))} left out, for NAME=VALUE is expected; see .env.example.")
    for name in unknown_names() if names is None else names:
        complain(f"{name} is set but is no setting of this version; see .env.example.")


@contextmanager
def told() -> Iterator[None]:
    """The one place where a failure becomes a line on the error stream and an exit code, as typer.Exit."""
    try:
        yield
    except (typer.Exit, typer.Abort, _WRONG_USE, BrokenPipeError):
        raise
    except SettingsError as error:
        for line in str(error).splitlines():
            complain(line)
        raise typer.Exit(FAILED) from None
    except FootnoteError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        complain("Interrupted.")
        raise Interrupted(FAILED) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        if os.environ.get("FOOTNOTE_DEBUG"):
            traceback.print_exc()
        reason = str(error).strip().partition("\n")[0]
        complain(f"Something went wrong ({type(error).__name__}: {reason}). FOOTNOTE_DEBUG=1 before the command shows where.")
        raise typer.Exit(FAILED) from None
