"""Files of questions, one JSON object a line."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval import REFUSAL, QuestionsError, Turn

FORM = 'Each line is a JSON object: {"id": …, "question": "…", "history": [{"question": "…", "answer": "…"}]}.'


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a file, with the turns before it, oldest first."""

    id: str | int
    question: str
    history: tuple[Turn, ...]


def read_questions(path: Path) -> Sequence[Asked]:
    """All questions of a file; raises QuestionsError that names the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        message = f"The questions in {path} cannot be read: {error.strerror}."
        raise QuestionsError(message) from error
    except UnicodeDecodeError as error:
        message = f"The questions in {path} are not UTF-8 text."
        raise QuestionsError(message, help="Save the file as UTF-8.") from error
    return [_asked(line, f"Line {number} of {path}") for number, line in enumerate(lines, start=1) if line.strip()]


def _asked(line: str, where: str) -> Asked:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        message = f"{where} is not JSON: {error.msg} at column {error.colno}."
        raise QuestionsError(message, help=FORM) from None
    if not isinstance(values, dict) or not isinstance(values.get("id"), str | int):
        message = f"{where} has no id."
        raise QuestionsError(message, help=FORM)
    history = values.get("history") or []
    if not isinstance(values.get("question"), str) or not isinstance(history, list):
        message = f"{where} has no question, or a history that is no list."
        raise QuestionsError(message, help=FORM)
    return Asked(values["id"], whole(values["question"]), tuple(_turn(turn, where) for turn in history))


def _turn(values: Any, where: str) -> Turn:
    known = values if isinstance(values, dict) else {}
    if not isinstance(known.get("question"), str) or not isinstance(known.get("answer", ""), str):
        message = f"{where} has a history in which a turn is not a question and an answer."
        raise QuestionsError(message, help=FORM)
    answer = values.get("answer", "").strip()
    return Turn(whole(values["question"]), whole(answer), abstained=answer in {"", REFUSAL})


def whole(text: str) -> str:
    """The text with halves of characters, which no model can read, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
