"""`footnote eval`: a file of questions in, a file of answers out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.evaluation import ByModel, Summary
from bot.evaluation import evaluate as evaluate_all
from bot.questions import read_questions
from bot.results import check_results, complete, part_of, results_writer
from bot.waiting import waiting
from bot.wiring import open_chain, settings_of
from ingest.command import FAILED, DataOption, JsonOption
from ingest.console import console, counted, print_json, printable
from ingest.progress import SECONDS_BETWEEN_LINES

if TYPE_CHECKING:
    from rich.console import Console

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
    """Answer a file of questions; RESULTS is replaced when all are answered."""
    asked = read_questions(questions)
    check_results(out, questions)
    with waiting():
        chain = open_chain(settings_of(data))
    with chain.retriever.library, results_writer(out) as write, _progress(len(asked)) as notify:
        summary = evaluate_all(asked, chain=chain, write=write, notify=notify)
    if not summary.interrupted:
        complete(out)
    written = part_of(out) if summary.interrupted else out
    if as_json:
        failed = [{"id": name, "reason": reason} for name, reason in summary.failed]
        print_json({**asdict(summary), "failed": failed, "out": str(written)})
    else:
        _print_summary(summary, written)
    if summary.failed or summary.interrupted:
        raise typer.Exit(FAILED)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar in a terminal, and a line now and then elsewhere."""
    errors = console(errors=True)
    if not errors.is_terminal:
        yield _lines(total, errors)
        return
    from rich.progress import Progress

    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("Answering", total=total)
        yield lambda: bar.advance(task)


def _lines(total: int, errors: "Console") -> Callable[[], None]:
    """A line every few seconds, for logs."""
    done, told = 0, time.monotonic()

    def notify() -> None:
        nonlocal done, told
        done += 1
        if time.monotonic() - told >= SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            errors.print(f"{done} of {counted(total, 'question')}")

    return notify


def _print_summary(summary: Summary, out: Path) -> None:
    """The figures for people, and a line for each question that failed."""
    shown = console()
    shown.print(
        f"Answered {summary.answered}, abstained {summary.abstained}, failed {len(summary.failed)} "
        f"(median {summary.p50:.3f} s, 95 % below {summary.p95:.3f} s, {summary.citations:.1f} citations an answer)"
    )
    if summary.chat:
        shown.print(printable(_told_of_model(summary.chat)))
    if summary.interrupted:
        shown.print(f"Stopped before the end. What was answered is in {printable(str(out))}")
    else:
        shown.print(f"Written to {printable(str(out))}")
    for name, reason in summary.failed:
        shown.print(f"failed: {printable(str(name))}: {printable(reason)}", style="red")


def _told_of_model(chat: ByModel) -> str:
    """How many answers a chat model has written, how many fell back and why, and what it used."""
    fell_back = ", ".join(f"{shortfall} {count}" for shortfall, count in chat.fell_back.items())
    broken_off = f" ({chat.broken_off} broken off)" if chat.broken_off else ""
    return (
        f"{chat.name}: wrote {chat.written}{broken_off}, refused {chat.refused}, "
        f"fell back {sum(chat.fell_back.values())}{f' ({fell_back})' if fell_back else ''}, "
        f"{counted(chat.usage.input_tokens, 'token')} read and {chat.usage.output_tokens} written"
    )
