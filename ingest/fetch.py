"""Fetching one page, politely, from a server that is not trusted."""

import threading
from collections.abc import Callable
from dataclasses import replace
from http.client import NOT_MODIFIED
from importlib import metadata
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import urljoin, urlsplit

from ingest.addresses import check_url, not_an_address
from ingest.answers import MOVED, NONE, Fetched, NotModified, Validators, media_type_of, validators_of
from ingest.connections import Clock, GuardedBackend
from ingest.pacing import GAP_SECONDS, Pace, seconds_to_wait
from ingest.robots import check_header
from retrieval.errors import SourceError

if TYPE_CHECKING:
    import httpcore
    import httpx

__all__ = ["Fetched", "Fetcher", "NotModified", "Validators"]

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_REDIRECTS = 5
STEP_SECONDS = 10.0  # to connect, and between two pieces of an answer
TOTAL_SECONDS = 30.0
MAX_CHARSET = 40  # letters of its name


class Fetcher:
    """Fetches pages over one client, one at a time; loopback is reached only with `allow_loopback`, private networks never.

    `total_seconds` are for one page with its redirects, without the `gap_seconds` between two requests to a host and without the
    wait that a busy site asks for; `stopped` ends such a wait.
    """

    def __init__(  # noqa: PLR0913 - limits by their names, which only tests set
        self,
        *,
        allow_loopback: bool = False,
        step_seconds: float = STEP_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
        gap_seconds: float = GAP_SECONDS,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._clock = Clock(total_seconds)
        self._pace = Pace(gap_seconds, stopped)
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

    def get(self, url: str, *, validators: Validators = NONE) -> Fetched | NotModified:
        """Fetch one page, unless it is still the one that `validators` name; raise SourceError when that cannot be done."""
        import httpx  # a quarter of a second that `--help` must not wait for

        check_url(url)
        host = urlsplit(url).hostname
        with self._one_at_a_time:
            self._clock.start()
            try:
                return self._follow(url, validators)
            except SourceError:
                raise
            except httpx.TimeoutException:
                message = f"The site {host} did not answer in time."
                raise SourceError(message, help="Try again later.") from None
            except httpx.ConnectError as error:
                reason = "its certificate is not valid" if "certificate" in str(error).lower() else "the connection failed"
                message = f"The site {host} cannot be reached: {reason}."
                raise SourceError(message, help="Check the address and try again later.") from None
            except httpx.InvalidURL:  # such as 0177.0.0.1, which some programs take for loopback
                raise not_an_address() from None
            except Exception:  # noqa: BLE001 - a stranger's answer may break whatever reads it
                message = f"The site {host} broke off or sent an answer that cannot be understood."
                raise SourceError(message, help="Try again later, or save the page and give the file.") from None

    def _follow(self, url: str, validators: Validators) -> Fetched | NotModified:
        """Follow redirects by hand, so that each one is checked like the address that was given."""
        asked = urlsplit(url).hostname
        for _hop in range(MAX_REDIRECTS + 1):
            check_url(url)
            at_home = urlsplit(url).hostname == asked  # what a host has said about its pages is no other host's business
            answer = self._answer(url, validators if at_home else NONE)
            if isinstance(answer, Fetched):
                return answer if at_home else replace(answer, validators=NONE)
            if isinstance(answer, NotModified):
                return answer
            url = urljoin(url, answer)
        message = f"The site {urlsplit(url).hostname} redirects more than {MAX_REDIRECTS} times."
        raise SourceError(message, help="Give the address of the page itself.")

    def _answer(self, url: str, validators: Validators) -> Fetched | NotModified | str:
        """Ask, once more when the connection fails or the site is busy; return the page or where it has moved."""
        import httpx

        try:
            answer = self._request(url, validators)
        except (httpx.ConnectError, httpx.RemoteProtocolError):
            answer = self._request(url, validators)
        if isinstance(answer, float):
            self._pace.wait(answer)
            self._clock.pause(answer)
            answer = self._request(url, validators)
        if isinstance(answer, float):
            message = f"The site {urlsplit(url).hostname} is busy."
            raise SourceError(message, help="Try again later.")
        return answer

    def _request(self, url: str, validators: Validators) -> Fetched | NotModified | str | float:
        """Send one request; return what came, where it has moved, or for how many seconds to wait."""
        conditions = validators.headers()
        self._clock.pause(self._pace.take_turn(urlsplit(url).hostname or ""))
        client = self._open()
        client.cookies.clear()  # nobody is followed from page to page
        with client.stream("GET", url, headers=conditions) as response:
            status, headers = response.status_code, response.headers
            if conditions and status == NOT_MODIFIED:
                return NotModified(url)
            if status in MOVED and (location := headers.get("location")):
                return str(location)
            if (seconds := seconds_to_wait(status, headers)) is not None:
                return seconds
            media_type = media_type_of(status, headers)
            check_header(headers.get_list("x-robots-tag"))
            return Fetched(
                url_final=url,
                media_type=media_type,
                charset=(response.charset_encoding or "")[:MAX_CHARSET],
                data=self._body(response),
                validators=validators_of(headers),
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
            backend = GuardedBackend(httpcore.SyncBackend(), self._clock, allow_loopback=self._allow_loopback)
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
                headers={"user-agent": user_agent(), "accept-encoding": "gzip, deflate"},
            )
        return self._client


def user_agent() -> str:
    """Who asks: the program and its version, and nothing about the person or the computer."""
    return f"Footnote/{metadata.version('footnote')} (personal article reader; fetches single pages on request)"
