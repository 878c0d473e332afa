"""An answer in a chat model's words: asked for with passages, read as it streams in, each sentence checked before it is shown."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from retrieval.answer.contract import ContractReader, Unit
from retrieval.answer.grounding import Footnotes
from retrieval.answer.support import LINK
from retrieval.chat.budget import prompt_tokens
from retrieval.chat.calls import ChatModel
from retrieval.chat.conditions import Conditions
from retrieval.chat.failures import ChatFailure, ChatStopped
from retrieval.chat.prompts import answer_messages
from retrieval.library import Library
from retrieval.passages import AnswerSentence, Citation, Dropped, Passage, Shortfall

ATTEMPTS = 3
FIRST_WAIT = 0.5  # seconds, then three times as many
LONGEST_WAIT = 20.0  # a provider that wants to be left alone for longer is given up
MOST_PASSAGES = 8
MOST_SENTENCES = 8  # more than was asked for: a model that goes on is going in circles
MOST_OUTPUT = 900  # tokens of an answer: five sentences with two quotes each
LEAST_OUTPUT = 120  # those of one unit

ONCE_MORE = {Shortfall.EMPTY, Shortfall.BROKEN_FORM}

Sentences = Generator[AnswerSentence, None, None]


@dataclass(frozen=True, slots=True)
class Written:
    """What has become of an answer: the sentences that were shown, or none; then the model has refused, or fallen short."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    refused: bool = False
    shortfall: Shortfall | None = None


class Writer:
    """Has a chat model answer; `seconds` is how long it may be silent, `mark` whether unsupported sentences are shown, marked."""

    def __init__(self, model: ChatModel, *, seconds: float, mark: bool) -> None:
        self._model, self._seconds, self._mark = model, seconds, mark

    def write(
        self, question: str, passages: Sequence[Passage], library: Library, conditions: Conditions
    ) -> Generator[AnswerSentence, None, Written]:
        """The sentences as they are checked, then what has become of the answer; after a failure the model is asked again."""
        given = fitting(question, passages, conditions.allowance.left)
        draft, shortfall = Draft(Footnotes(question, given, library), mark=self._mark), None
        for attempt in range(ATTEMPTS):
            try:
                yield from self._attempt(question, given, draft, conditions)
                shortfall, wait = draft.shortfall(), 0.0
                again = shortfall in ONCE_MORE and attempt == 0
            except ChatFailure as failure:
                if failure.kind is not Shortfall.ANSWER_BUDGET or shortfall is None:  # else what went wrong before tells more
                    shortfall = failure.kind
                again = failure.retryable or (failure.kind in ONCE_MORE and attempt == 0)
                wait = FIRST_WAIT * 3**attempt if failure.retry_after is None else failure.retry_after
            # What was shown is not taken back, so nothing is begun anew behind it.
            if draft.shown or draft.refused or not again or wait > LONGEST_WAIT or attempt + 1 == ATTEMPTS:
                break
            _pause(wait, conditions.stopped)
        return draft.written(shortfall)

    def _attempt(self, question: str, given: Sequence[Passage], draft: "Draft", conditions: Conditions) -> Sentences:
        """Ask once, and settle what comes; raises ChatFailure, and what came before it is settled."""
        messages, reader, failed = answer_messages(question, given), ContractReader(), None
        draft.begin()
        room = conditions.allowance.left - prompt_tokens(messages)
        if not given or room < LEAST_OUTPUT:
            raise ChatFailure(Shortfall.ANSWER_BUDGET)
        pieces = self._model.stream(
            messages,
            allowance=conditions.allowance,
            most=min(MOST_OUTPUT, room),
            seconds=self._seconds,
            stopped=conditions.stopped,
            config=conditions.config,
        )
        try:
            with closing(pieces):
                for piece in pieces:
                    for unit in reader.feed(piece):
                        yield from draft.settle(unit)
                    if draft.full:
                        return
        except ChatFailure as failure:
            failed = failure
        for unit in reader.end(whole=failed is None):
            yield from draft.settle(unit)
        draft.refused = reader.refused and not draft.shown
        if failed is not None:
            raise failed


class Draft:
    """An answer in the making: what was shown, what was not, and why."""

    def __init__(self, footnotes: Footnotes, *, mark: bool) -> None:
        self.shown: list[AnswerSentence] = []
        self.refused = False
        self._footnotes, self._mark = footnotes, mark
        self._dropped: list[Dropped] = []
        self._withheld: list[AnswerSentence] = []  # marked ones, until one that is supported shows that there is an answer

    @property
    def full(self) -> bool:
        """Whether there are as many sentences as an answer may have."""
        return len(self.shown) >= MOST_SENTENCES

    def begin(self) -> None:
        """Forget what another attempt has left."""
        self._withheld, self._dropped = [], []

    def settle(self, unit: Unit) -> Sentences:
        """Show the sentences of a unit that are supported, and, if that is wanted, the others marked."""
        for checked in self._footnotes.check(unit):
            if isinstance(checked, AnswerSentence):
                yield from self._show([*self._withheld, checked])
                self._withheld = []
                continue
            self._dropped.append(checked)
            if self._mark and checked.reason != LINK:
                marked = AnswerSentence(checked.text, (), supported=False)
                if self.shown:
                    yield from self._show([marked])
                else:
                    self._withheld.append(marked)

    def shortfall(self) -> Shortfall | None:
        """What is wrong with what the model has said to its end."""
        if self.shown or self.refused:
            return None
        return Shortfall.UNSUPPORTED if self._dropped else Shortfall.BROKEN_FORM

    def written(self, shortfall: Shortfall | None) -> Written:
        """The end of it."""
        return Written(tuple(self.shown), self._footnotes.citations, tuple(self._dropped), self.refused, shortfall)

    def _show(self, sentences: Sequence[AnswerSentence]) -> Sentences:
        for sentence in sentences:
            if not self.full and sentence.text not in {each.text for each in self.shown}:
                self.shown.append(sentence)
                yield sentence


def fitting(question: str, passages: Sequence[Passage], tokens: int) -> list[Passage]:
    """The best passages, as many as leave the model room to answer."""
    given = list(passages[:MOST_PASSAGES])
    room = tokens - min(MOST_OUTPUT, tokens // 4)
    while len(given) > 1 and prompt_tokens(answer_messages(question, given)) > room:
        given.pop()
    return given


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if stopped():
            raise ChatStopped
        time.sleep(0.05)
