"""A site on loopback with a feed of two pages, for what is brought in from the web."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<html><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>The {0} of Quayside is 412 metres long, and was built in 1931 by the harbour trust. It carries two footpaths and a railway.</p>
<p>Every spring the trust paints the {0} again, which takes eleven volunteers nine days.</p></article></body></html>"""
FEED = """<rss version="2.0"><channel><title>Quay</title><link>{0}</link><description>d</description>
<item><title>Pier</title><link>{0}/pier</link></item><item><title>Dock</title><link>{0}/dock</link></item></channel></rss>"""


class Site(ThreadingHTTPServer):
    """A site on loopback with a feed of two pages; `asked` are the paths in order, the second page waits for `go`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.asked: list[str] = []
        self.go = threading.Event()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Pages(BaseHTTPRequestHandler):
    """Answers for the site."""

    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        kind, body = "text/html", PAGE.format(self.path.strip("/").title()).encode()
        if self.path == "/feed":
            kind, body = "application/rss+xml", FEED.format(self.server.url).encode()
        if self.path == "/dock":
            self.server.go.wait(20)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
