"""Work apart: in a process of its own, which can be ended when a stranger's bytes make a parser loop or fill the memory."""

import atexit
import os
import subprocess
import sys
import threading
from typing import Any

from ingest import messages
from retrieval.errors import SourceError

SECONDS = 120.0  # for one document: thousands of pages on a slow computer
MEGABYTES = 1536  # of addresses, as far as the system can limit them
IDLE_SECONDS = 60.0  # after which the process ends by itself
START = "import sys; sys.path[:] = {path!r}; from ingest.worker import serve; serve({seconds}, {megabytes}, {idle})"
# All that it needs to start: a parser that has been taken over finds no key and no token.
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
NOT_STARTED = ("The process that reads it cannot be started.", "Close other programs and try again.")
HELP = "Save the part that matters as a new file."


class Apart:
    """One process that reads one document after another: begun with the first, and anew after one that it did not survive."""

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._idle_seconds = idle_seconds
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, job: str, fields: dict[str, Any], data: bytes) -> Any:
        """Have a job of `ingest.worker` done; raise SourceError when that cannot be done, or not within the limits."""
        message = {"job": job, "fields": fields}
        with self._one_at_a_time:
            answer = self._ask(message, data) or self._ask(message, data)  # the first may have ended, just when it was asked
        if answer is None or "failure" in answer:
            failure = answer["failure"] if answer else NOT_STARTED
            raise SourceError(failure[0], help=failure[1])
        return answer["done"]

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            process.communicate()

    def _ask(self, message: messages.Message, data: bytes) -> messages.Message | None:
        """Send the job and wait for the answer; None when the process was idle for too long and has ended."""
        try:
            process = self._running()
        except OSError:
            return {"failure": NOT_STARTED}
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        try:
            messages.send(process.stdin, message, data)
            return messages.receive(process.stdout)[0]
        except (OSError, EOFError, ValueError):
            code = process.wait() if not late.is_set() else None
            self.close()
            return None if code == messages.IDLE else {"failure": _failure(self._seconds, late=late.is_set())}
        except BaseException:  # Ctrl-C in between: the next answer would be the one to this job
            self.close()
            raise
        finally:
            timer.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        """The process, begun if there is none; a copy of this process does not talk to the one of its parent."""
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self.close()
        if self._process is None:
            start = START.format(path=sys.path, seconds=self._seconds, megabytes=self._megabytes, idle=self._idle_seconds)
            self._process = subprocess.Popen(  # noqa: S603 - this Python with our own lines
                [sys.executable, "-P", "-c", start],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
                process_group=0 if os.name == "posix" else None,  # Ctrl-C is for us
            )
            self._owner = os.getpid()
        return self._process


APART = Apart()
atexit.register(APART.close)


def _failure(seconds: float, *, late: bool) -> tuple[str, str]:
    """Why there is no answer."""
    if late:
        return f"Reading it took longer than {seconds:g} seconds.", HELP
    return "Reading it took too much memory, or it is damaged in a way that ends its reader.", HELP
