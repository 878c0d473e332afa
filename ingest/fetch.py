"""Fetching one page: the only file that opens a network connection, and it trusts neither names nor servers."""

import re
import threading
import time
from dataclasses import dataclass
from http.client import OK, responses
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urljoin, urlsplit

from ingest.addresses import check_url, not_an_address, resolve
from retrieval.errors import SourceError

if TYPE_CHECKING:
    import httpcore
    import httpx

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_REDIRECTS = 5
STEP_SECONDS = 10.0  # to connect, and between two pieces of an answer
TOTAL_SECONDS = 30.0
USER_AGENT = "Footnote/0.1 (personal article reader; fetches single pages on request)"
READABLE = re.compile(
    r"text/(html|plain|markdown|x-markdown|xml)|application/(xhtml\+xml|xml|rss\+xml|atom\+xml|rdf\+xml|pdf|epub\+zip"
    r"|octet-stream|vnd\.openxmlformats-officedocument\.wordprocessingml\.document)|",
)
MOVED = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered: `url_final` is where the last redirect led, `charset` what its header claims."""

    url_final: str
    media_type: str
    charset: str
    data: bytes
    etag: str = ""
    last_modified: str = ""


class Fetcher:
    """Fetches pages over one client, one at a time; loopback is reached only with `allow_loopback`, private networks never."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        step_seconds: float = STEP_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = _Clock(total_seconds)
        self._step_seconds = step_seconds
        self._max_bytes = max_bytes
        self._allow_loopback = allow_loopback
        self._client: httpx.Client | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> Self:
        """Return the fetcher, which closes its connections at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()

    def get(self, url: str) -> Fetched:
        """Fetch one page; raise SourceError with a plain sentence when that cannot be done."""
        import httpx  # a quarter of a second that `--help` must not wait for

        check_url(url)
        host = urlsplit(url).hostname
        with self._one_at_a_time:
            self._clock.start()
            try:
                return self._follow(url)
            except httpx.TimeoutException:
                message = f"The site {host} did not answer in time."
                raise SourceError(message, help="Try again later.") from None
            except httpx.ConnectError as error:
                reason = "its certificate is not valid" if "certificate" in str(error).lower() else "the connection failed"
                message = f"The site {host} cannot be reached: {reason}."
                raise SourceError(message, help="Check the address and try again later.") from None
            except httpx.InvalidURL:  # such as 0177.0.0.1, which some programs take for loopback
                raise not_an_address() from None
            except (httpx.HTTPError, httpx.StreamError, ValueError):
                message = f"The site {host} broke off or sent an answer that cannot be understood."
                raise SourceError(message, help="Try again later, or save the page and give the file.") from None

    def _follow(self, url: str) -> Fetched:
        """Follow redirects by hand, so that each one is checked like the address that was given."""
        for _hop in range(MAX_REDIRECTS + 1):
            check_url(url)
            answer = self._answer(url)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        message = f"The site {urlsplit(url).hostname} redirects more than {MAX_REDIRECTS} times."
        raise SourceError(message, help="Give the address of the page itself.")

    def _answer(self, url: str) -> Fetched | str:
        """Send one request, once more when the connection fails; return the page or where it has moved."""
        import httpx

        try:
            return self._request(url)
        except (httpx.ConnectError, httpx.RemoteProtocolError):
            return self._request(url)

    def _request(self, url: str) -> Fetched | str:
        with self._open().stream("GET", url) as response:
            if response.status_code in MOVED and (location := response.headers.get("location")):
                return str(location)
            media_type = _media_type(response)
            return Fetched(
                url_final=url,
                media_type=media_type,
                charset=response.charset_encoding or "",
                data=self._body(response),
                etag=response.headers.get("etag", ""),
                last_modified=response.headers.get("last-modified", ""),
            )

    def _body(self, response: "httpx.Response") -> bytes:
        """Read the body piece by piece, and stop at the limit instead of believing a length in the header."""
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self._max_bytes:
                message = f"The page is larger than {self._max_bytes // MEGABYTE or 1} MB."
                raise SourceError(message, help="Save the part that matters and give the file.")
        return bytes(body)

    def _open(self) -> "httpx.Client":
        """Build the client at the first request."""
        if self._client is None:
            import httpcore
            import httpx

            certificates = httpx.create_ssl_context()
            transport = httpx.HTTPTransport(verify=certificates, trust_env=False)
            backend = _GuardedBackend(httpcore.SyncBackend(), self._clock, allow_loopback=self._allow_loopback)
            # httpx has no public place for a network backend. A check where the connection is made holds for every one of them,
            # and TLS and the Host header still see the name.
            transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
                ssl_context=certificates,
                network_backend=cast("httpcore.NetworkBackend", backend),
            )
            self._client = httpx.Client(
                transport=transport,
                trust_env=False,
                timeout=self._step_seconds,
                headers={"user-agent": USER_AGENT, "accept-encoding": "gzip, deflate"},
            )
        return self._client


class _Clock:
    """When the current fetch has to be over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        self._end = time.monotonic() + self._seconds

    def limit(self, timeout: float | None) -> float:
        """Shorten a timeout to what is left; raises httpcore.ReadTimeout when nothing is."""
        import httpcore

        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


class _GuardedBackend:
    """An httpcore network backend that resolves a name once, checks every address, and connects to what it has checked."""

    def __init__(self, backend: "httpcore.NetworkBackend", clock: _Clock, *, allow_loopback: bool) -> None:
        self._backend = backend
        self._clock = clock
        self._allow_loopback = allow_loopback

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> "_TimedStream":
        import httpcore

        addresses = resolve(host, port, allow_loopback=self._allow_loopback)
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

    def __init__(self, stream: "httpcore.NetworkStream", clock: _Clock) -> None:
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


def _media_type(response: "httpx.Response") -> str:
    """Return the media type of a good answer; raise SourceError for any other."""
    status = response.status_code
    if status != OK:
        message = f"The site answered {status} {responses.get(status, '')}".rstrip() + "."
        raise SourceError(message, help="Check the address in a browser.")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "deflate"}:  # stacked encodings are how a few bytes become terabytes
        message = f"The page is packed as {encoding}, which cannot be unpacked."
        raise SourceError(message, help="Save the page and give the file.")
    media_type = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if not READABLE.fullmatch(media_type):
        message = f"The address leads to {media_type}, which is no article."
        raise SourceError(message, help="Pages, feeds, plain text, Markdown, PDF, Word and EPUB can be read.")
    return media_type
