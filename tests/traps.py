"""Answers that were made to keep a reader busy, to fill its memory, or to lead it elsewhere."""

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

from bombs import LAUGHS, OUTSIDE
from sites import Answer

Trap = Answer | Callable[[BaseHTTPRequestHandler], None]

HTML = {"content-type": "text/html"}
START = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"


def pour(start: bytes, piece: bytes, pause: float = 0.0) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send a start, and a piece again and again until nobody listens any more."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(start)
        while True:
            handler.wfile.write(piece)
            time.sleep(pause)

    return answer


def say(words: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send these bytes and hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(words)

    return answer


def bomb(data: bytes, *, times: int = 1) -> bytes:
    """Packed so many times over."""
    for _ in range(times):
        data = gzip.compress(data)
    return data


def chunks(piece: bytes) -> bytes:
    """A piece of an answer without a length."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


# None of these is an article; each ends in time as a SourceError.
TRAPS: dict[str, Trap] = {
    "gzip bomb": (200, HTML | {"content-encoding": "gzip"}, bomb(bytes(100_000_000))),
    "deflate bomb": (200, HTML | {"content-encoding": "deflate"}, zlib.compress(bytes(100_000_000))),
    "endless gzip": pour(START + b"content-encoding: gzip\r\n\r\n" + bomb(bytes(9999))[:10], bytes(4096)),
    "gzip twice": (200, HTML | {"content-encoding": "gzip, gzip"}, bomb(bytes(50_000_000), times=2)),
    "many codings": (200, HTML | {"content-encoding": ", ".join(["gzip"] * 2000)}, b"x"),
    "brotli": (200, HTML | {"content-encoding": "br"}, b"x"),
    "no gzip": (200, HTML | {"content-encoding": "gzip"}, b"Hello"),
    "endless body": pour(START + b"\r\n", b"x" * 65536),
    "endless chunks": pour(START + b"transfer-encoding: chunked\r\n\r\n", chunks(b"x" * 4096)),
    "chunk of one": pour(START + b"transfer-encoding: chunked\r\n\r\n", chunks(b"x") * 2000),
    "chunk extension": pour(START + b"transfer-encoding: chunked\r\n\r\n1;", b"x" * 4096),
    "chunk size": say(START + b"transfer-encoding: chunked\r\n\r\nffffffffffffffffffffffff\r\nx"),
    "trailers": pour(START + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n" * 500),
    "drip in the header": pour(START, b"x", 0.05),
    "drip in the body": pour(START + b"\r\n", b"x", 0.05),
    "endless header": pour(START + b"x: ", b"y" * 4096),
    "endless headers": pour(START, b"x: y\r\n" * 500),
    "endless status": pour(b"HTTP/1.1 200 ", b"y" * 4096),
    "endless hints": pour(b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 99),
    "endless continue": pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
    "silence": lambda _: time.sleep(1.5),
    "nothing": say(b""),
    "no http": say(b"SSH-2.0-OpenSSH_9.6\r\n" * 99),
    "http 0.9": say(b"<html><p>Hello</p>"),
    "switch": say(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    "two lengths": say(START + b"content-length: 5\r\ncontent-length: 50\r\n\r\nHello"),
    "negative length": say(START + b"content-length: -5\r\n\r\nHello"),
    "long length": say(START + b"content-length: 99999999999999999999\r\n\r\nHello"),
    "huge status": say(b"HTTP/1.1 99999 x\r\n\r\n"),
    "zero in a header": say(START + b"x: \0\r\n\r\nHello"),
    "circle": (302, {"location": "/circle"}, b""),
    "to a file": (302, {"location": "file:///etc/passwd"}, b""),
    "to ftp": (301, {"location": "ftp://93.184.215.14/"}, b""),
    "to data": (307, {"location": "data:text/html,<p>Hello</p>"}, b""),
    "to a script": (303, {"location": "javascript:alert(1)"}, b""),
    "to a user": (302, {"location": "http://me:secret@93.184.215.14/"}, b""),
    "to a broken address": (302, {"location": "http://[::1"}, b""),
    "to a long address": (302, {"location": "http://a.example/" + "x" * 60_000}, b""),
    "to a mail server": (302, {"location": "http://93.184.215.14:25/"}, b""),
    "picture": (200, {"content-type": "image/png"}, b"\x89PNG"),
    "program": (200, {"content-type": "application/x-executable"}, b"\x7fELF"),
    "json": (200, {"content-type": "application/json"}, b"{}"),
    "odd type": (200, {"content-type": "text/" + "html" * 9000}, b"x"),
    "unasked 304": (304, {}, b""),
    "partial": (206, HTML | {"content-range": "bytes 0-4/5"}, b"Hello"),
    "no content": (204, {}, b""),
    "wait long": (429, {"retry-after": "999999999"}, b""),
    "wait and wait": (503, {"retry-after": "0"}, b""),
    "not to be kept": (200, HTML | {"x-robots-tag": "noindex"}, b"<p>Hello</p>"),
}


def redirects(urls: list[str]) -> Iterator[tuple[str, Answer]]:
    """A path that leads to each of the addresses that fit into a header."""
    for number, url in enumerate(urls):
        if url.isprintable() and url.isascii():
            yield f"/to/{number}", (302, {"location": url}, b"")


def feed(inside: str, before: str = "") -> bytes:
    """A feed with something hostile in it."""
    return f"{before}<rss version='2.0'><channel><title>Quay</title>{inside}</channel></rss>".encode()


# Feeds that keep a parser busy, fill its memory or reach outside.
FEEDS: dict[str, Callable[[], bytes]] = {
    "attributes.xml": lambda: feed("<item " + " ".join(f"a{n}='1'" for n in range(200_000)) + "/>"),
    "deep.xml": lambda: feed("<item>" * 200_000),
    "bold.xml": lambda: feed(f"<item><description>{'&lt;b&gt;' * 300_000}</description></item>"),
    "laughs.xml": lambda: feed("<item><title>&a11;</title><description>&a11;</description></item>", LAUGHS),
    "outside.xml": lambda: feed("<item><title>&a11;</title><description>&a11;</description></item>", OUTSIDE),
    "broken.xml": lambda: feed("<item>" + "<" * 300_000),
}
