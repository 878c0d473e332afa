"""Programs at a terminal, as a person sees and types."""

import os
import pty
import select
import time


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.started, self._unread = time.monotonic(), ""
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.execve(arguments[0], arguments, {**os.environ, "TERM": "xterm-256color", **environment})  # noqa: S606

    def until(self, text: str, *, seconds: float = 25) -> str:
        """What is shown up to a text; fails when it does not appear within some seconds."""
        end = time.monotonic() + seconds
        while text not in self._unread:
            assert time.monotonic() < end, self._unread
            if select.select([self.descriptor], [], [], 0.05)[0]:
                self._unread += os.read(self.descriptor, 65536).decode(errors="replace")
        before, _, self._unread = self._unread.partition(text)
        return before

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self.descriptor, text.encode())

    def ended(self) -> int:
        """The exit code, once the program has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
