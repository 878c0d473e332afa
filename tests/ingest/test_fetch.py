"""What the fetcher reaches, what it refuses, and when it gives up."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from importlib import metadata
from typing import Any

import pytest
from sites import Answer, Site

from ingest.fetch import Fetched, Fetcher, NotModified, Validators
from retrieval.errors import SourceError


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback that is closed at the end of the test."""
    opened = Site()
    opened.answers["/page"] = (200, {"content-type": "text/html; charset=latin-1", "etag": '"7"'}, b"<p>Hello</p>")
    yield opened
    opened.close()


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """A fetcher that may reach loopback and has little patience."""
    with Fetcher(allow_loopback=True, step_seconds=0.3, total_seconds=0.6, max_bytes=50_000) as opened:
        yield opened


def reason(fetcher: Fetcher, url: str) -> str:
    """Fetch what must not be fetched and return why."""
    with pytest.raises(SourceError) as error:
        fetcher.get(url)
    return str(error.value)


def fetched(fetcher: Fetcher, url: str) -> Fetched:
    """Fetch a page that there is."""
    page = fetcher.get(url)
    assert isinstance(page, Fetched)
    return page


def test_page(site: Site, fetcher: Fetcher) -> None:
    """A page comes with its bytes, its type and what the header says about it, and the request says who asks."""
    page = fetched(fetcher, site.url())

    assert (b"<p>Hello</p>", "text/html", "latin-1", '"7"') == (page.data, page.media_type, page.charset, page.validators.etag)
    assert "Footnote" in site.seen[0][1]["user-agent"]


def test_packed_page(site: Site, fetcher: Fetcher) -> None:
    """A packed page is unpacked."""
    site.answers["/gz"] = (200, {"content-type": "text/plain", "content-encoding": "gzip"}, gzip.compress(b"Hello"))

    assert fetched(fetcher, site.url("/gz")).data == b"Hello"


def test_unchanged_page(site: Site, fetcher: Fetcher) -> None:
    """What the server said about a page's version is sent back, and the answer that it is unchanged is no failure."""
    site.answers["/page"] = (200, {"content-type": "text/html", "etag": '"7"', "last-modified": "Mon, 03 Mar 2025"}, b"Hello")
    known = fetched(fetcher, site.url()).validators
    site.answers["/page"] = (304, {}, b"")

    assert fetcher.get(site.url(), validators=known) == NotModified(site.url())
    assert ('"7"', "Mon, 03 Mar 2025") == (site.seen[1][1]["if-none-match"], site.seen[1][1]["if-modified-since"])
    assert "if-none-match" not in site.seen[0][1]


def test_unchanged_behind_a_redirect(site: Site, fetcher: Fetcher) -> None:
    """Validators go along to the same host and to no other, and none are taken from another."""
    site.answers["/near"] = (302, {"location": "/page"}, b"")
    site.answers["/far"] = (302, {"location": site.url(host="localhost")}, b"")

    assert fetched(fetcher, site.url("/near")).validators.etag == '"7"'
    fetcher.get(site.url("/near"), validators=Validators('"7"'))
    assert site.seen[-1][1]["if-none-match"] == '"7"'
    page = fetcher.get(site.url("/far"), validators=Validators('"7"'))
    assert isinstance(page, Fetched)
    assert page.validators == Validators()
    assert "if-none-match" not in site.seen[-1][1]


@pytest.mark.parametrize("value", ["", " ", "x" * 257, "a\r\nx-evil: 1", "a\tb", "ü", "\0", "\ud800"])
def test_validators_are_data(site: Site, fetcher: Fetcher, value: str) -> None:
    """A validator that is long, empty or no visible text is neither sent nor kept."""
    assert isinstance(fetcher.get(site.url(), validators=Validators(value, value)), Fetched)
    assert not {"if-none-match", "if-modified-since", "x-evil"} & set(site.seen[0][1])

    if value.isprintable() and value.isascii():
        site.answers["/page"] = (200, {"content-type": "text/html", "etag": value, "last-modified": value}, b"Hello")
        assert fetched(fetcher, site.url()).validators == Validators()


def test_redirects(site: Site, fetcher: Fetcher) -> None:
    """A redirect is followed, also a relative one, and the final address is known."""
    site.answers["/old"] = (301, {"location": "page"}, b"")

    assert fetcher.get(site.url("/old")).url_final == site.url("/page")


def test_endless_redirects(site: Site, fetcher: Fetcher) -> None:
    """A circle of redirects ends."""
    site.answers["/circle"] = (302, {"location": "/circle"}, b"")

    assert "redirects more than 5 times" in reason(fetcher, site.url("/circle"))
    assert len(site.seen) == 6


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1"])
def test_loopback_is_closed(site: Site, host: str) -> None:
    """Loopback is refused in every spelling, and no request is sent."""
    with Fetcher() as fetcher:
        assert "leads to this computer" in reason(fetcher, site.url(host=host))

    assert not site.seen


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1"),  # noqa: S104 - refused, not bound
        *(
            "[fd00::1]",
            "[fe80::1]",
            "[ff02::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:a00:1::1]",
            "[2001:db8::1]",
        ),
    ],
)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_private_networks_are_closed(*, host: str, allow_loopback: bool) -> None:
    """Private, local, shared, reserved and translated addresses are refused, also when loopback is allowed."""
    with Fetcher(allow_loopback=allow_loopback) as fetcher:
        assert "private network" in reason(fetcher, f"http://{host}/")


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_in_other_clothes(host: str) -> None:
    """An IPv6 address that means loopback is loopback."""
    with Fetcher() as fetcher:
        assert "leads to this computer" in reason(fetcher, f"http://{host}/")


def test_redirect_into_a_private_network(site: Site, fetcher: Fetcher) -> None:
    """Every redirect is checked like the first address."""
    site.answers["/trap"] = (302, {"location": "http://10.0.0.1/admin"}, b"")
    site.answers["/file"] = (302, {"location": "file:///etc/passwd"}, b"")

    assert "private network" in reason(fetcher, site.url("/trap"))
    assert "not a web address" in reason(fetcher, site.url("/file"))


class Names:
    """A name service: the answers for `ferry.example` in order, the last one for ever; literal addresses go through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0
        real = socket.getaddrinfo

        def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
            if host not in {"ferry.example", b"ferry.example"}:
                return real(host, port, *rest, **more)
            self.asked += 1
            addresses = self.answers[min(self.asked, len(self.answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]])
def test_name_of_loopback(monkeypatch: pytest.MonkeyPatch, site: Site, addresses: list[str]) -> None:
    """A public name with a loopback address among its addresses is refused."""
    Names(monkeypatch, addresses)

    with Fetcher() as fetcher:
        assert "leads to this computer" in reason(fetcher, site.url(host="ferry.example"))
    assert not site.seen


def test_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, site: Site, fetcher: Fetcher) -> None:
    """The connection goes to the address that was checked, and the site still sees its name."""
    names = Names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])

    fetcher.get(site.url(host="ferry.example"))

    assert names.asked == 1
    assert site.seen[0][1]["host"] == f"ferry.example:{site.port}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ftp://example.com/a", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
        ("http://", "not a web address"),
        ("http://[::1", "not a web address"),
        ("http://0177.0.0.1/", "not a web address"),
        ("http://example.com:99999/", "not a web address"),
        ("http://me:secret@example.com/", "user name or a password"),
        ("http://name.invalid/", "cannot be found"),
        (f"http://{'a' * 70}.example/", "cannot be found"),
    ],
)
def test_bad_address(fetcher: Fetcher, url: str, expected: str) -> None:
    """An address that cannot be fetched is explained."""
    assert expected in reason(fetcher, url)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param((404, {}, b""), "answered 404 Not Found", id="404"),
        pytest.param((500, {}, b""), "answered 500 Internal Server Error", id="500"),
        pytest.param((299, {}, b""), "answered 299.", id="unknown-status"),
        pytest.param((304, {}, b""), "answered 304 Not Modified", id="304"),
        pytest.param((200, {"content-type": "image/png"}, b"x"), "leads to image/png", id="image"),
        pytest.param((200, {"content-type": "application/json"}, b"{}"), "leads to application/json", id="json"),
        pytest.param((200, {"content-type": "text/html"}, bytes(60_000)), "is larger than", id="large"),
        pytest.param(
            (200, {"content-type": "text/html", "content-encoding": "gzip"}, gzip.compress(bytes(5_000_000))),
            "is larger than",
            id="gzip-bomb",
        ),
        pytest.param((200, {"content-type": "text/html", "content-encoding": "gzip, gzip"}, b"x"), "packed in a way", id="twice"),
        pytest.param(
            (200, {"content-type": "text/html", "content-encoding": "gzip"}, b"not packed"), "cannot be understood", id="no-gzip"
        ),
    ],
)
def test_bad_answer(site: Site, fetcher: Fetcher, answer: Answer, expected: str) -> None:
    """An answer that is no article is explained in a sentence."""
    site.answers["/bad"] = answer

    assert expected in reason(fetcher, site.url("/bad"))


def test_endless_body(site: Site, fetcher: Fetcher) -> None:
    """A body without an end is cut off at the limit."""

    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 4096)

    site.answers["/endless"] = pour

    assert "is larger than" in reason(fetcher, site.url("/endless"))


def test_silence(site: Site, fetcher: Fetcher) -> None:
    """A site that does not answer is given up after the short limit."""
    site.answers["/silent"] = lambda _: time.sleep(0.5)

    assert "did not answer in time" in reason(fetcher, site.url("/silent"))


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nx-slow: ", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"])
def test_dripping(site: Site, fetcher: Fetcher, start: bytes) -> None:
    """A site that sends a letter now and then is given up after the long limit, in the header and in the body."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        for _ in range(40):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    site.answers["/drip"] = drip
    begun = time.monotonic()

    assert "did not answer in time" in reason(fetcher, site.url("/drip"))
    assert time.monotonic() - begun < 1.5


def test_second_attempt(site: Site, fetcher: Fetcher) -> None:
    """A connection that breaks is tried once more, and only once."""

    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        if len(site.seen) == 1:
            site.answers["/page"] = (200, {"content-type": "text/html"}, b"Hello")

    site.answers["/page"] = hang_up
    site.answers["/never"] = lambda handler: setattr(handler, "close_connection", True)

    assert fetched(fetcher, site.url()).data == b"Hello"
    assert "broke off" in reason(fetcher, site.url("/never"))
    assert len(site.seen) == 4


def test_nobody_home(fetcher: Fetcher) -> None:
    """A port on which nobody listens is reported in a sentence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        assert "cannot be reached" in reason(fetcher, f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch, site: Site, fetcher: Fetcher) -> None:
    """A proxy in the environment does not see what is fetched."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert fetched(fetcher, site.url()).data == b"<p>Hello</p>"


def test_who_asks(site: Site, fetcher: Fetcher) -> None:
    """The request names the program and its version, no person and no computer, and gives back no cookie."""
    site.answers["/page"] = (200, {"content-type": "text/html", "set-cookie": "a=b"}, b"Hello")
    fetcher.get(site.url())
    fetcher.get(site.url())

    assert set(site.seen[1][1]) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert site.seen[1][1]["user-agent"].startswith(f"Footnote/{metadata.version('footnote')} (")


@pytest.mark.parametrize("status", [429, 503])
def test_busy_site(site: Site, fetcher: Fetcher, status: int) -> None:
    """A busy site is asked once more when it says when, and given up when it still is busy or says a long time."""
    site.answers["/busy"] = (status, {"retry-after": "0"}, b"")
    site.answers["/later"] = (status, {"retry-after": "7200"}, b"")

    assert "is busy." in reason(fetcher, site.url("/busy"))
    assert len(site.seen) == 2
    assert "to be left alone for 2 hours" in reason(fetcher, site.url("/later"))
    assert len(site.seen) == 3


def test_busy_for_a_moment(site: Site, fetcher: Fetcher) -> None:
    """A site that was busy for a moment is read after it, and the wait does not count."""

    def busy(handler: BaseHTTPRequestHandler) -> None:
        site.answers["/page"] = (200, {"content-type": "text/html"}, b"Hello")
        handler.send_response(503)
        handler.send_header("retry-after", "1")
        handler.send_header("content-length", "0")
        handler.end_headers()

    site.answers["/page"] = busy

    assert fetched(fetcher, site.url()).data == b"Hello"  # though the whole limit is shorter than the wait


@pytest.mark.parametrize("wish", ["noindex", "NONE", "nofollow, noarchive", "footnote: none", "robots: noindex"])
def test_page_that_is_not_to_be_kept(site: Site, fetcher: Fetcher, wish: str) -> None:
    """The header by which a site asks programs not to keep a page is honoured."""
    site.answers["/page"] = (200, {"content-type": "text/html", "X-Robots-Tag": wish}, b"Hello")

    assert "asks programs not to keep" in reason(fetcher, site.url())


@pytest.mark.parametrize("port", [1, 22, 25, 6379, 6667, 11211])
def test_port_of_another_program(fetcher: Fetcher, port: int) -> None:
    """No request goes to a port at which no pages are served."""
    assert "no web pages are served" in reason(fetcher, f"http://93.184.215.14:{port}/")


def test_slow_name_server(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is looked up for ever is given up in time."""
    answered = threading.Event()

    def look_up(*_: Any, **__: Any) -> list[Any]:
        answered.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    assert "cannot be found" in reason(fetcher, "http://slow.example/")
    answered.set()
