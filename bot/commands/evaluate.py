"""`footnote eval`: a file of questions in, a file of answers out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from bot.evaluation import Summary
from bot.evaluation import evaluate as evaluate_all
from bot.questions import read_questions
from bot.waiting import waiting
from bot.wiring import open_chain, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import console, json_line, print_json, printable
from retrieval import QuestionsError

QuestionsArgument = Annotated[
    Path, typer.Argument(metavar="QUESTIONS", help="JSON lines with id, question and history.", show_default=False)
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="RESULTS", help="Where the answers go, as JSON lines.", show_default=False)
]


def evaluate(
    questions: QuestionsArgument,
    out: OutOption,
    data: DataOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Answer a file of questions."""
    asked = read_questions(questions)
    with _opened(out, questions) as results:
        with waiting():
            chain = open_chain(settings_of(data))
        with chain.retriever.library, _bar(len(asked)) as notify:
            summary = evaluate_all(asked, chain=chain, write=_writer(results), notify=notify)
    if as_json:
        failed = [{"id": name, "reason": reason} for name, reason in summary.failed]
        print_json({**asdict(summary), "failed": failed, "out": str(out)})
    else:
        _print_summary(summary, out)
    if summary.failed:
        raise typer.Exit(FAILED)


@contextmanager
def _opened(out: Path, questions: Path) -> Iterator[IO[str]]:
    """The file of results; raises QuestionsError before any work if it cannot be written."""
    try:
        if out.exists() and out.samefile(questions):
            message = f"The results would be written over the questions in {questions}."
            raise QuestionsError(message, help="Name another file with --out.")
        results = out.open("w", encoding="utf-8")
    except OSError as error:
        message = f"The results cannot be written to {out}: {error.strerror}."
        raise QuestionsError(message, help="Name another file with --out.") from error
    with results:
        yield results


def _writer(results: IO[str]) -> Callable[[dict[str, Any]], None]:
    """A function that writes one line, at once."""

    def write(record: dict[str, Any]) -> None:
        results.write(json_line(record, "utf-8") + "\n")
        results.flush()

    return write


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar in a terminal, and nothing elsewhere."""
    errors = console(errors=True)
    from rich.progress import Progress

    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Answering", total=total)
        yield lambda: bar.advance(task)


def _print_summary(summary: Summary, out: Path) -> None:
    """The figures for people, and a line for each question that failed."""
    shown = console()
    shown.print(
        f"Answered {summary.answered}, abstained {summary.abstained}, failed {len(summary.failed)} "
        f"(median {summary.p50:.3f} s, 95 % below {summary.p95:.3f} s, {summary.citations:.1f} citations an answer)"
    )
    shown.print(f"Written to {printable(str(out))}")
    for name, reason in summary.failed:
        shown.print(f"failed: {printable(str(name))}: {printable(reason)}", style="red")
