"""A file of questions answered one by one, and a summary of what came out."""

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bot.records import answer_record
from retrieval.passages import Usage

if TYPE_CHECKING:
    from bot.questions import Asked
    from retrieval import Answer
    from retrieval.chain import Question


class Chain(Protocol):
    """What answers a question after its history."""

    def invoke(self, question: "Question", /) -> "Answer":
        """Answer one question."""


@dataclass(frozen=True, slots=True)
class ByModel:
    """What came of asking a chat model: answers in its words, refusals of its own, and by shortfall those that fell back.

    Of the written ones `broken_off` are not whole.
    """

    name: str
    written: int
    broken_off: int
    refused: int
    fell_back: dict[str, int]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out of a file of questions; `p50` and `p95` are seconds a question, `failed` pairs of id and reason.

    `chat` is None if no chat model was asked.
    """

    answered: int
    abstained: int
    failed: tuple[tuple[str | int, str], ...]
    p50: float
    p95: float
    citations: float  # mean of the answered ones
    interrupted: bool = False
    chat: ByModel | None = field(default=None)


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
        chat=_by_model([answer for answer in answers if answer.model is not None]),
    )


def _by_model(asked: Sequence["Answer"]) -> ByModel | None:
    if not asked:
        return None
    written = [answer for answer in asked if answer.written]
    others = [answer for answer in asked if not answer.written]
    return ByModel(
        name=str(asked[0].model),
        written=len(written),
        broken_off=sum(answer.shortfall is not None for answer in written),
        refused=sum(answer.refused for answer in others),
        fell_back=dict(Counter(str(answer.shortfall) for answer in others if answer.shortfall)),
        usage=sum((answer.usage for answer in asked if answer.usage), Usage()),
    )
