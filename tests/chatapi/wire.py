"""The HTTP side of the chat servers: requests in, answers out in pieces, and an eye on whether the client is still there."""

import contextlib
import http.server
import json
import select
import socket
import time
from typing import Any, Protocol

from botapi.wire import RESET, Listener

LOOK = 0.01  # seconds between two looks at whether the client is still there


class Gone(ConnectionError):
    """The client has left, or the server is being closed."""


class Service(Protocol):
    """What answers the requests of one connection."""

    def answer(self, wire: "Wire", path: str, body: bytes) -> None:
        """Answer one request; `body` is empty for a GET."""

    def failed(self, error: BaseException | None) -> None:
        """Write down that this server itself has failed."""

    keep_alive: bool


class ChatListener(Listener):
    """Listens on loopback; closing cuts all connections, so that nobody has to wait for a model that hangs."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer the requests of one connection."""
        Wire(request, client_address, self)


class Wire(http.server.BaseHTTPRequestHandler):
    """One connection: what the client asks, and the ways to answer it."""

    server: ChatListener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for a piece, or each takes 40 ms

    def do_GET(self) -> None:
        self.server.api.answer(self, self.path, b"")

    def do_POST(self) -> None:
        self.server.api.answer(self, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def send(self, status: int, content: Any, *, half: bool = False, **headers: str) -> None:
        """A whole answer, or the first half of one: JSON, or text as it stands."""
        body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        kind = "text/html" if isinstance(content, str) else "application/json"
        self._head(status, {"Content-Type": headers.pop("kind", kind), "Content-Length": str(len(body)), **headers})
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()

    def begin(self, kind: str) -> None:
        """The head of an answer that comes in pieces."""
        self._head(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"})
        self.wfile.flush()

    def piece(self, data: str) -> None:
        """One piece of it."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data.encode()), data.encode()))
        self.wfile.flush()

    def end(self) -> None:
        """The end of an answer that came in pieces."""
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def close(self) -> None:
        """Close the connection without another word."""
        self.close_connection = True

    def reset(self) -> None:
        """Close it so that the client sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close_connection = True

    def wait(self, seconds: float) -> None:
        """Wait, unless the client goes or the server is closed: Gone."""
        until = time.monotonic() + seconds
        while True:
            self.look()
            rest = until - time.monotonic()
            if rest <= 0:
                return
            self.server.stopping.wait(min(rest, LOOK))

    def look(self) -> None:
        """Raise Gone if the client has left or the server is being closed."""
        if self.server.stopping.is_set():
            raise Gone
        with contextlib.suppress(ValueError):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise Gone

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if not self.server.api.keep_alive:
            self.send_header("Connection", "close")  # which makes this handler close it, too
        self.end_headers()
