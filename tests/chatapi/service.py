"""What both chat servers are: a script of replies, a record of requests, and the playing of replies in their dialects."""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from chatapi import replies
from chatapi.asked import Refused, Request, parsed
from chatapi.replies import COUNTED, Model, Reply
from chatapi.wire import ChatListener, Wire

Found = TypeVar("Found")


class Service:
    """A chat server while it is entered; see `ChatServer` and `OllamaServer` for the two dialects.

    `keep_alive` leaves connections open for more requests, as real servers do; whoever wants that has to close the client.
    """

    kind = ""  # the media type of a stream

    def __init__(
        self,
        model: Model | None = None,
        *,
        key: str = "",
        models: tuple[str, ...] = (),
        keep_alive: bool = False,
        port: int = 0,
    ) -> None:
        self.model, self.key, self.models, self.keep_alive, self.port = model, key, models, keep_alive, port
        self.requests, self.errors = list[Request](), list[BaseException | None]()
        self.disconnected = threading.Event()
        self.changed = threading.Condition()
        self._script: deque[Reply | str] = deque()
        self._listener: ChatListener | None = None

    def __enter__(self) -> Self:
        self._listener = ChatListener(self, self.port)
        self.port = self._listener.server_address[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        assert error or not self.errors, f"the chat server was asked what it must not be, or failed itself: {self.errors}"

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._listener:
            self._listener.close(lambda: None)
            self._listener = None

    @property
    def root(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def busy(self) -> int:
        """How many requests are being answered right now."""
        with self.changed:
            return sum(not request.done for request in self.requests)

    def script(self, *answers: Reply | str) -> None:
        """Let the next requests be answered by these, one each; after them the model answers again, if there is one."""
        with self.changed:
            self._script.extend(answers)

    def wait_for(self, predicate: Callable[[], Found], seconds: float = 10) -> Found:
        """What the predicate gives as soon as that is true, looked at when a request comes in or ends; fails after a while."""
        until = time.monotonic() + seconds
        with self.changed:
            while not (found := predicate()):
                assert time.monotonic() < until, f"not within {seconds} s; {len(self.requests)} requests have come"
                self.changed.wait(0.05)
        return found

    def failed(self, error: BaseException | None) -> None:
        """Write down that this server itself has failed; the test fails at the end of the block."""
        self.errors.append(error)

    def answer(self, wire: Wire, path: str, body: bytes) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in wire.headers.items()}
        try:
            self.admit(headers)
            content = parsed(body) if body else {}
            known = self.other(path.partition("?")[0], content)
            if known is not None:
                wire.send(200, known)
                return
        except Refused as refused:
            self._refuse(wire, refused.reply)
            return
        request = Request(content, headers)
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        self._answer(wire, request)

    def admit(self, headers: dict[str, str]) -> None:
        """Raise Refused for a wrong key or none, if the server wants one."""
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(replies.error(code="invalid_api_key"))

    def other(self, path: str, body: dict[str, Any]) -> Any | None:
        """The answer of an endpoint that is not the chat; None for the chat itself."""
        raise NotImplementedError

    def read(self, request: Request) -> None:
        """Fill in messages, most and stream from the body, or raise Refused."""
        raise NotImplementedError

    def error(self, reply: Reply) -> dict[str, Any]:
        """The body of an error."""
        raise NotImplementedError

    def opening(self, request: Request, reply: Reply) -> list[str]:
        """What comes before the first piece."""
        raise NotImplementedError

    def piece(self, request: Request, reply: Reply, words: str) -> str:
        """One piece."""
        raise NotImplementedError

    def ending(self, request: Request, reply: Reply) -> list[str]:
        """What comes after the last piece, with the usage."""
        raise NotImplementedError

    def broken(self, reply: Reply) -> str:
        """An error inside a stream."""
        raise NotImplementedError

    def whole(self, request: Request, reply: Reply) -> dict[str, Any]:
        """The answer to a request without `stream`."""
        raise NotImplementedError

    def usage(self, request: Request, reply: Reply) -> tuple[int, int]:
        """Tokens read and written: as the reply has them, or a token for each word."""
        if reply.usage and reply.usage != COUNTED:
            return reply.usage
        read = sum(len(message["content"].split()) for message in request.messages)
        return read, len("".join(reply.pieces).split())

    def _answer(self, wire: Wire, request: Request) -> None:
        try:
            try:
                self.read(request)
                reply = self._reply(request)
            except Refused as refused:
                reply = refused.reply
            request.status = reply.status
            self._play(wire, request, reply)
        except OSError:  # the client has gone, or the server is being closed
            wire.close()
            if not wire.server.stopping.is_set():
                request.gone = True
                self.disconnected.set()
        finally:
            with self.changed:
                request.done = True
                self.changed.notify_all()

    def _reply(self, request: Request) -> Reply:
        if any(request.body.get(name) for name in ("tools", "functions", "tool_choice")):
            self.failed(AssertionError(f"tools are given: {request.body}"))
            raise Refused(replies.error(400, message="This model has no tools."))
        with self.changed:
            said = self._script.popleft() if self._script else None
        if said is None and self.model is None:
            self.failed(AssertionError(f"request {len(self.requests)} is not in the script, and there is no model"))
            return replies.error(500)
        try:
            said = self.model(request.messages) if said is None else said
        except Exception as error:  # noqa: BLE001 - the test fails with it
            self.failed(error)
            return replies.error(500)
        return replies.text(said) if isinstance(said, str) else said

    def _play(self, wire: Wire, request: Request, reply: Reply) -> None:
        wire.wait(reply.before)
        if reply.status != 200:
            self._refuse(wire, reply)
        elif reply.raw is not None:
            kind = self.kind if reply.raw.startswith(("data:", "{")) else "text/html"
            wire.send(200, reply.raw, kind=kind)
        elif reply.ending in {"close", "reset", "hang"} and not reply.pieces:
            self._end(wire, reply)
        elif request.stream:
            wire.begin(self.kind)
            self._stream(wire, request, reply)
            self._end(wire, reply)
        else:
            self._send(wire, request, reply)

    def _stream(self, wire: Wire, request: Request, reply: Reply) -> None:
        for data in self.opening(request, reply):
            wire.piece(data)
        for number, words in enumerate(_words(reply)):
            wire.wait(reply.pause if number else 0)
            wire.piece(self.piece(request, reply, words))
            request.sent.append((time.monotonic(), words))
        for data in self.ending(request, reply) if reply.ending == "whole" else []:
            wire.piece(data)

    def _end(self, wire: Wire, reply: Reply) -> None:
        if reply.ending == "hang":
            wire.wait(reply.seconds)
        if reply.ending == "error":
            wire.piece(self.broken(reply))
        if reply.ending in {"whole", "early", "error"}:
            wire.end()
        elif reply.ending == "reset":
            wire.reset()
        else:
            wire.close()

    def _send(self, wire: Wire, request: Request, reply: Reply) -> None:
        for number, _ in enumerate(_words(reply)):
            wire.wait(reply.pause if number else 0)
        if reply.ending == "error":
            self._refuse(wire, replies.error(500, message=reply.message))
            return
        wire.send(200, self.whole(request, reply), half=reply.ending != "whole")
        if reply.ending != "whole":
            self._end(wire, reply)

    def _refuse(self, wire: Wire, reply: Reply) -> None:
        headers = {} if reply.retry_after is None else {"Retry_After": f"{reply.retry_after:g}"}
        wire.send(reply.status, self.error(reply) if reply.raw is None else reply.raw, **headers)


def _words(reply: Reply) -> Iterator[str]:
    return itertools.cycle(reply.pieces) if reply.ending == "endless" else iter(reply.pieces)
