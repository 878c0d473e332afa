"""A file of results, which takes the place of an earlier one only when it is whole."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.console import json_line
from retrieval import QuestionsError


def part_of(out: Path) -> Path:
    """Where results are written until they are whole: beside the file; a device or a pipe takes them as they come."""
    if out.exists() and not out.is_file():
        return out
    whole = out.resolve() if out.is_symlink() else out
    return whole.with_name(f"{whole.name}.part")


def check_results(out: Path, questions: Path) -> None:
    """Change nothing, but raise QuestionsError if the results cannot be written."""
    with _told(out):
        problem = _problem(out)
        if problem:
            raise OSError(problem, os.strerror(problem))
        if any(each.exists() and each.samefile(questions) for each in (out, part_of(out))):
            message = f"The results would be written over the questions in {questions}."
            raise QuestionsError(message, help="Name another file with --out.")


@contextmanager
def results_writer(out: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A function that writes one line, at once, to the part."""
    with _told(out):
        results = part_of(out).open("w", encoding="utf-8")

    def write(record: dict[str, Any]) -> None:
        results.write(json_line(record, "utf-8") + "\n")
        results.flush()

    with results:
        yield write


def complete(out: Path) -> None:
    """Let the part take the place of the file."""
    part = part_of(out)
    if part != out:
        with _told(out):
            part.replace(part.with_suffix(""))


def _problem(out: Path) -> int:
    """The number of the error that writing would end with; 0 if there is none."""
    if out.is_dir():
        return errno.EISDIR
    part = part_of(out)
    if not part.parent.is_dir():
        return errno.ENOENT
    written = [each for each in (part, out) if each.exists()] + [part.parent] * (part != out)
    return 0 if all(os.access(each, os.W_OK) for each in written) else errno.EACCES


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Every OSError as a sentence."""
    try:
        yield
    except OSError as error:
        message = f"The results cannot be written to {out}: {error.strerror}."
        raise QuestionsError(message, help="Name another file with --out.") from error
