"""The HTTP side: requests in, answers out, and the faults that befall them."""

import contextlib
import http.server
import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from botapi.faults import Fault
from botapi.reading import read_params
from botapi.records import Params, Refusal

Answer = tuple[int, dict[str, Any] | bytes | str]
RESET = struct.pack("ii", 1, 0)  # to linger for no second: closing sends a reset


class Api(Protocol):
    """What answers the calls that come in."""

    def answer(self, method: str, params: Params, stopping: threading.Event) -> Answer:
        """Act."""

    def download(self, path: str) -> Answer:
        """The bytes of a file."""

    def begin(self, method: str, params: Params) -> tuple[int, Fault | None]:
        """Write down a call; its place and what shall go wrong with it."""

    def end(self, place: int, status: int) -> None:
        """Write down how a call was answered."""

    def failed(self, error: BaseException | None) -> None:
        """Write down that this server itself has failed."""

    token: str


class Listener(socketserver.ThreadingTCPServer):
    """Listens on loopback; closing cuts all connections, so that nobody has to wait for a long poll."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, api: Api, port: int) -> None:
        self.api, self.stopping = api, threading.Event()
        self.open: set[socket.socket] = set()
        self.workers: set[threading.Thread] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="botapi-listener", daemon=True)
        self.thread.start()

    def close(self, wake: Callable[[], None]) -> None:
        """Stop listening, cut every connection and wait for the threads behind them; `wake` ends what waits on the state."""
        self.stopping.set()
        self.shutdown()
        self.thread.join()
        self.server_close()
        wake()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for worker in list(self.workers):
            worker.join(5)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection from its first call to its end."""
        worker = threading.current_thread()
        self.workers.add(worker)
        self.open.add(request)
        try:
            if not self.stopping.is_set():
                super().process_request_thread(request, client_address)
        finally:
            self.close_request(request)
            self.open.discard(request)
            self.workers.discard(worker)

    def shutdown_request(self, request: Any) -> None:
        """Close without a goodbye, so that a reset stays one."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no error; all else is this server's own."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.api.failed(error)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers the calls of one connection."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for an answer, or each takes 40 ms

    def do_GET(self) -> None:
        api, path = self.server.api, unquote(urlsplit(self.path).path)
        prefix = f"/file/bot{api.token}/"
        if path.startswith(prefix):
            path = path.removeprefix(prefix)
            self._serve("download", {"path": path}, lambda: api.download(path))
        else:
            self._call(b"")

    def do_POST(self) -> None:
        self._call(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def _call(self, body: bytes) -> None:
        url, api = urlsplit(self.path), self.server.api
        path = unquote(url.path)
        token, _, method = path.removeprefix("/bot").partition("/")
        if not path.startswith("/bot") or not method:
            self._send(refused(Refusal("Not Found", 404)))
            return
        if token != api.token:
            self._serve(method, {}, lambda: refused(Refusal("Unauthorized", 401)))
            return
        try:
            params = read_params(self.headers.get("Content-Type", ""), body, url.query)
        except Refusal as refusal:
            answer = refused(refusal)
            self._serve(method, {}, lambda: answer)
            return
        self._serve(method, params, lambda: api.answer(method, params, self.server.stopping))

    def _serve(self, method: str, params: Params, act: Callable[[], Answer]) -> None:
        place, fault = self.server.api.begin(method, params)
        fault = fault or Fault()
        if fault.ending == "hang":
            self.server.stopping.wait()
        if fault.when == "before":
            self.server.stopping.wait(fault.seconds)
        answer = act() if fault.acts and not self.server.stopping.is_set() else (fault.code, fault.body)
        if fault.when == "after":
            self.server.stopping.wait(fault.seconds)
        lost = self.server.stopping.is_set() or fault.ending in {"reset", "truncated", "hang"}
        self.server.api.end(place, 0 if lost else answer[0])
        if self.server.stopping.is_set() or fault.ending == "reset":
            self._reset()
        else:
            self._send(answer, fault.ending)

    def _send(self, answer: Answer, ending: str = "answer") -> None:
        status, content = answer
        kind, body = _encoded(content)
        half = body[: len(body) // 2]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(half if ending == "garbled" else body)))
        self.end_headers()
        self.wfile.write(half if ending in {"garbled", "truncated"} else body)
        self.close_connection = self.close_connection or ending == "truncated"

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close_connection = True


def refused(refusal: Refusal) -> Answer:
    """The answer that a refusal is."""
    content = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    return refusal.code, content | ({"parameters": refusal.parameters} if refusal.parameters else {})


def _encoded(content: dict[str, Any] | bytes | str) -> tuple[str, bytes]:
    if isinstance(content, bytes):
        return "application/octet-stream", content
    return ("text/html", content.encode()) if isinstance(content, str) else ("application/json", json.dumps(content).encode())
