"""The process that reads apart: it limits itself, answers on its output, and ends with the process that asks."""

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ingest import messages
from ingest.documents import Document
from retrieval.errors import SourceError

GRACE_SECONDS = 5  # in which the one who asks ends us first, and can say why


def serve(seconds: float, megabytes: int, idle_seconds: float) -> None:
    """Do one job after another until the input ends, each in `seconds` and all in `megabytes`."""
    _limit(megabytes)
    asked: queue.SimpleQueue[tuple[messages.Message, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever a parser prints is no answer
    while True:
        try:
            message, data = asked.get(timeout=idle_seconds)
        except queue.Empty:
            os._exit(messages.IDLE)
        _alarm(int(seconds) + GRACE_SECONDS)
        try:
            answer: messages.Message = {"done": JOBS[message["job"]](data, message["fields"])}
        except SourceError as error:
            answer = {"failure": (error.message, error.help)}
        except MemoryError:
            os._exit(1)
        messages.send(answers, answer)
        del message, data, answer
        _alarm(0)


def _draft(data: bytes, fields: dict[str, str]) -> dict[str, str]:
    from ingest.readers.drafting import draft

    source, media_type, link, charset = (fields[name] for name in messages.READ)
    return asdict(draft(Document(source, media_type, data, link=link, charset=charset)))


def _entries(data: bytes, fields: dict[str, str]) -> list[dict[str, Any]]:
    from ingest.feeds import read_entries

    found = (asdict(each) for each in read_entries(data, **fields))
    return [{name: value for name, value in each.items() if value or name == "linked"} for each in found]


JOBS: dict[str, Callable[[bytes, dict[str, str]], Any]] = {"draft": _draft, "entries": _entries}


def _listen(asked: "queue.SimpleQueue[tuple[messages.Message, bytes]]") -> None:
    """Take what is asked; the end of the input is the end of who asks, however it came, and of this process."""
    try:
        while True:
            asked.put(messages.receive(sys.stdin.buffer))
    finally:
        os._exit(0)


def _alarm(seconds: int) -> None:
    """Let the system end this process when a parser holds it for longer; 0 calls that off."""
    alarm: Any = getattr(signal, "alarm", None)
    if alarm:
        alarm(seconds)


def _limit(megabytes: int) -> None:
    """Limit the memory, and leave no copy of it behind, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, limit in ((resource.RLIMIT_AS, megabytes * 1024 * 1024), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (limit, limit))
