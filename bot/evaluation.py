"""A file of questions answered one by one, and a summary of what came out."""

import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.records import answer_record

if TYPE_CHECKING:
    from bot.questions import Asked
    from retrieval import Answer
    from retrieval.chain import Question


class Chain(Protocol):
    """What answers a question after its history."""

    def invoke(self, question: "Question", /) -> "Answer":
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out of a file of questions; `p50` and `p95` are seconds a question, `failed` pairs of id and reason."""

    answered: int
    abstained: int
    failed: tuple[tuple[str | int, str], ...]
    p50: float
    p95: float
    citations: float  # mean of the answered ones
    interrupted: bool = False


def evaluate(
    questions: Sequence["Asked"], *, chain: "Chain", write: Callable[[dict[str, Any]], None], notify: Callable[[], None]
) -> Summary:
    """Answer each question and write its record at once; one that fails does not end the run, but Ctrl-C does."""
    answers: list[Answer] = []
    failed: list[tuple[str | int, str]] = []
    with suppress(KeyboardInterrupt):
        for asked in questions:
            try:
                answer = chain.invoke({"question": asked.question, "history": asked.history})
            except Exception as error:  # noqa: BLE001 - reported in the summary
                failed.append((asked.id, f"{type(error).__name__}: {error}"))
            else:
                write({"id": asked.id, **answer_record(answer)})
                answers.append(answer)
            notify()
    return summarise(answers, failed, interrupted=len(answers) + len(failed) < len(questions))


def summarise(answers: Sequence["Answer"], failed: Sequence[tuple[str | int, str]], *, interrupted: bool = False) -> Summary:
    """The figures of these answers; 0 where there is nothing to measure."""
    seconds = sorted(answer.seconds for answer in answers)
    counts = [len(answer.citations) for answer in answers if not answer.abstained]
    return Summary(
        answered=len(counts),
        abstained=len(answers) - len(counts),
        failed=tuple(failed),
        p50=statistics.median(seconds) if seconds else 0.0,
        p95=seconds[int(0.95 * (len(seconds) - 1))] if seconds else 0.0,
        citations=statistics.mean(counts) if counts else 0.0,
        interrupted=interrupted,
    )
