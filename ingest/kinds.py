"""Which kind of document it is: by the first bytes where they speak, else by what the name or the server says."""

import io
import re
import zipfile
from pathlib import PurePath
from urllib.parse import urlsplit

TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLD_WORD = "application/msword"
EPUB = "application/epub+zip"
FEED = "application/rss+xml"
FEED_ENTRY = "application/x-feed-entry"  # the HTML that a feed itself holds, which has no furniture around it
XML = "application/xml"
ARCHIVE = "application/zip"
BINARY = "application/octet-stream"

EXTENSIONS = {
    ".txt": TEXT,
    ".text": TEXT,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".pdf": PDF,
    ".docx": WORD,
    ".doc": OLD_WORD,
    ".epub": EPUB,
}
FEED_EXTENSIONS = {".xml", ".rss", ".atom"}
SERVED = {"text/x-markdown": MARKDOWN, "application/xhtml+xml": HTML}

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
MAGIC = ((b"%PDF-", PDF), (OLE, OLD_WORD), (b"{\\rtf", "application/rtf"))
SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ\x90", b"ID3", b"OggS")
MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*+<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
FEED_START = re.compile(rb"<(rss|feed|rdf:RDF)[\s>]")
BEGINNING = 4096


def from_name(name: str) -> str:
    """Return the media type that a file name or the path of a URL stands for, or nothing."""
    path = urlsplit(name).path if name.startswith(("http://", "https://")) else name
    return EXTENSIONS.get(PurePath(path).suffix.lower(), "")


def is_feed(data: bytes) -> bool:
    """Whether the bytes begin like an RSS or Atom feed."""
    beginning = data[:BEGINNING]
    return (
        beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        and bool(FEED_START.search(beginning))
        and not MARKUP.match(beginning)
    )


def sniff(data: bytes, media_type: str, name: str) -> str:
    """Return the media type that the bytes show, else the one they come with, else the one of the name, else plain text."""
    shown = _shown(data)
    if shown:
        return shown
    claimed = SERVED.get(media_type, media_type)
    by_name = from_name(name)
    if claimed in {TEXT, BINARY, ""}:  # what servers say about everything that they do not know
        claimed = by_name or claimed
    if claimed in {HTML, MARKDOWN, FEED_ENTRY}:
        return claimed
    if MARKUP.match(data[:BEGINNING]):
        return HTML
    if claimed in {PDF, WORD, EPUB}:
        return claimed  # though its bytes do not show it: the reader says that it is damaged
    return XML if data.lstrip().startswith(b"<?xml") else TEXT


def _shown(data: bytes) -> str:
    for start, media_type in MAGIC:
        if start in data[:1024] if media_type == PDF else data.startswith(start):
            return media_type
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    if is_feed(data):
        return FEED
    return BINARY if data.startswith(SIGNATURES) else ""


def _zipped(data: bytes) -> str:
    """Tell the formats apart that are zip archives."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ""
    if "word/document.xml" in names:
        return WORD
    return EPUB if "META-INF/container.xml" in names else ARCHIVE
