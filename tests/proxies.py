"""What may stand between the program and its servers, and stall: a proxy of Chroma with a token and TLS, one of Postgres."""

import selectors
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx


class ChromaProxy(ThreadingHTTPServer):
    """Passes requests on that bear the token, if there is one; those with `stalls` in their path wait."""

    daemon_threads = True

    def __init__(self, to: str, *, token: str = "", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.to, self.token = httpx.Client(base_url=to, trust_env=False), token
        self.stalls, self.go = "nothing", threading.Event()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.go.set()
        self.shutdown()
        self.server_close()
        self.to.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that does not wait any more is what is tested."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ChromaProxy

    def handle_one_request(self) -> None:
        self.do_GET = self.do_POST = self.do_PUT = self.do_DELETE = self._pass
        super().handle_one_request()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write no log."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.stalls in self.path:
            self.server.go.wait(60)
        token = self.server.token
        wanted = {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
        if any(self.headers.get(name) != value for name, value in wanted.items()):
            self._answer(401, b'{"error": "Unauthorized"}')
            return
        kind = {"Content-Type": self.headers.get("Content-Type", "application/json")}
        passed = self.server.to.request(self.command, self.path, content=body, headers=kind)
        self._answer(passed.status_code, passed.content)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class PostgresProxy:
    """Passes bytes between Postgres's socket and one in another folder; after `cut` those of its connections go nowhere."""

    def __init__(self, to: Path, folder: Path) -> None:
        self._to, self._waiting = to, selectors.DefaultSelector()
        self._cut, self._ended = set[object](), threading.Event()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / to.name))
        self._listening.listen()
        self._waiting.register(self._listening, selectors.EVENT_READ, None)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        for key in list(self._waiting.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # each is a socket
        self._waiting.close()

    def cut(self) -> None:
        """Let nothing more through on the connections that there are; new ones are as good as before."""
        self._cut |= {key.fileobj for key in self._waiting.get_map().values() if key.data is not None}

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._waiting.select(0.02):
                here: socket.socket = key.fileobj  # type: ignore[assignment]  # as above
                if key.data is None:
                    self._take(here)
                elif data := here.recv(65536):
                    if here not in self._cut:
                        key.data.sendall(data)
                else:
                    self._waiting.unregister(here)
                    here.close()

    def _take(self, listening: socket.socket) -> None:
        near, far = listening.accept()[0], socket.socket(socket.AF_UNIX)
        far.connect(str(self._to))
        self._waiting.register(near, selectors.EVENT_READ, far)
        self._waiting.register(far, selectors.EVENT_READ, near)
