"""A follow-up made to stand alone by a chat model, in one short call."""

import re
import time
from collections.abc import Sequence

from retrieval.chat.budget import prompt_tokens
from retrieval.chat.calls import ChatModel
from retrieval.chat.conditions import Conditions
from retrieval.chat.failures import ChatFailure, ChatStopped
from retrieval.chat.prompts import rewrite_messages
from retrieval.passages import Turn

SECONDS = 12.0  # it may take: the keyless way is nearly as good, and at hand
MOST_OUTPUT = 200  # tokens
LONGEST = 400  # characters of a question
_WORD = re.compile(r"[^\W\d_]{4,}|[\u0e00-\u9fff]")
_AROUND = " \t*_`\"'“”„«»"


class Rewriter:
    """Asks a chat model what a question means after the turns before it."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def rewrite(self, question: str, history: Sequence[Turn], conditions: Conditions) -> str:
        """The question as it stands alone; nothing if the call fails, is slow or gives no question."""
        messages, until = rewrite_messages(question, history), time.monotonic() + SECONDS
        if conditions.allowance.left < MOST_OUTPUT + prompt_tokens(messages):
            return ""
        said = ""
        pieces = self._model.stream(
            messages,
            allowance=conditions.allowance,
            most=MOST_OUTPUT,
            seconds=SECONDS,
            stopped=lambda: conditions.stopped() or time.monotonic() > until,
            config=conditions.config,
        )
        try:
            for piece in pieces:
                said += piece
        except ChatFailure:
            return ""
        except ChatStopped:
            if conditions.stopped():
                raise
            return ""
        return question_in(said, [question, *(part for turn in history for part in (turn.question, turn.answer))])


def question_in(said: str, texts: Sequence[str]) -> str:
    """The one line of what a model has said, if it can be a question about what these texts speak of; else nothing."""
    lines = [line for line in (" ".join(each.split()).strip(_AROUND) for each in said.splitlines()) if line]
    if len(lines) != 1 or len(lines[0]) > LONGEST or not any(map(str.isalnum, lines[0])):
        return ""
    return lines[0] if _words(lines[0]) & _words(" ".join(texts)) else ""


def _words(text: str) -> set[str]:
    """The beginnings of its longer words; in scripts without spaces, of its characters."""
    return {word[:5] for word in _WORD.findall(text.casefold())}
