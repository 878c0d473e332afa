"""Connections that trust neither names nor servers: addresses are checked where they are used, and every step ends in time."""

import time
from typing import TYPE_CHECKING, Any

from ingest.addresses import resolve

if TYPE_CHECKING:
    import httpcore


class Clock:
    """When the current fetch has to be over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        """Begin a fetch."""
        self._end = time.monotonic() + self._seconds

    def pause(self, seconds: float) -> None:
        """Leave out what has been waited on purpose."""
        self._end += seconds

    def limit(self, timeout: float | None) -> float:
        """Shorten a timeout to what is left; raises httpcore.ReadTimeout when nothing is."""
        import httpcore

        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


class GuardedBackend:
    """An httpcore network backend that resolves a name once, checks every address, and connects to what it has checked."""

    def __init__(self, backend: "httpcore.NetworkBackend", clock: Clock, *, allow_loopback: bool) -> None:
        self._backend = backend
        self._clock = clock
        self._allow_loopback = allow_loopback

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> "_TimedStream":
        """Connect to one of the addresses of a host."""
        import httpcore

        addresses = resolve(host, port, allow_loopback=self._allow_loopback, seconds=self._clock.limit(timeout))
        for address in addresses:
            limit = self._clock.limit(timeout)
            try:
                stream = self._backend.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:  # before that: many names have an IPv6 address, many computers no IPv6 road
                    raise
            else:
                return _TimedStream(stream, self._clock)
        raise httpcore.ConnectError


class _TimedStream:
    """A connection on which every step also ends with the whole fetch, however slowly a server drips."""

    def __init__(self, stream: "httpcore.NetworkStream", clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.limit(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.limit(timeout))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> "_TimedStream":
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._clock.limit(timeout)), self._clock)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
