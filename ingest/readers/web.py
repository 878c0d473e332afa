"""Web pages: trafilatura finds the article among the furniture, and its tree becomes our text."""

import logging
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from ingest.documents import Document
from ingest.readers.blocks import name_of, to_text
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode
from ingest.robots import check_page
from retrieval.errors import SourceError

CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
LANGUAGE = re.compile(r"""<html[^>]{0,500}?\s(?:xml:)?lang\s*=\s*["']?([a-zA-Z]{2})\b""", re.IGNORECASE)
LOCALE = re.compile(
    r"""<meta[^>]{0,200}?(?:og:locale|dc\.language|content-language)["'][^>]{0,100}?content\s*=\s*["']?([a-zA-Z]{2})\b""",
    re.IGNORECASE,
)
DOORS = re.compile(r"cookie|javascript|log ?in\b|sign ?in\b|anmelden|captcha|subscribe|newsletter", re.IGNORECASE)
TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})<", re.IGNORECASE)
SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)+")
PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PASSWORD = re.compile(r"""<input[^>]{0,200}?type\s*=\s*["']?password""", re.IGNORECASE)
BEGINNING = 200_000
PROSE_WORDS = 8  # a block of fewer words is a label, a link or a caption
LETTERS_OF_A_WORD = 7  # where words are not parted by spaces
DOOR_CHARACTERS = 400  # a longer block that names a cookie is about cookies
ARTICLE_WORDS = 20
ARTICLE_WORDS_BEHIND_LOGIN = 80
TEI_NAMES = {
    "item": "li",
    "row": "tr",
    "cell": "td",
    "lb": "br",
    "quote": "blockquote",
    "code": "pre",
    "hi": "span",
    "ref": "span",
}


def read_page(document: Document) -> Draft:
    """Read the article of a web page."""
    import trafilatura  # half a second that `--help` must not wait for

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    html = _html(document)
    if document.link:  # a file that a person has saved is theirs to keep
        check_page(html)
    address = document.link or None
    page = trafilatura.bare_extraction(html, url=address, include_comments=False, include_formatting=True, with_metadata=True)
    if page is None or isinstance(page, dict) or page.body is None:
        raise _no_article()
    text = to_text(_as_html(page.body))
    if not _is_article(text, html):
        raise _no_article()
    return Draft(
        text=text,
        title=_title(page.title or "", html),
        author=page.author or "",
        site=page.sitename or _host(document.link or page.url or ""),
        date=page.date or "",
        language=_language(html),
        link=document.link or (page.url or ""),
    )


def read_fragment(document: Document) -> Draft:
    """Read the HTML that a feed carries: all of it is the article."""
    from lxml import html as parser

    text = to_text(parser.fragment_fromstring(_html(document), create_parent="div"))
    if not text:
        raise _no_article()
    return Draft(text=text, site=_host(document.link), link=document.link)


def _html(document: Document) -> str:
    declared = CHARSET.search(document.data[:BEGINNING])
    charset = document.charset or (declared.group(1).decode("ascii", "replace") if declared else "")
    return DECLARATION.sub("", decode(document.data, charset))


def _as_html(body: Any) -> Any:
    """Rename the elements of trafilatura's tree to the ones of HTML."""
    for element in body.iter():
        name = name_of(element)
        kind = (element.get("rend") or "").lower()
        if name == "head":
            element.tag = kind if re.fullmatch(r"h[1-6]", kind) else "h2"
        elif name == "list":
            element.tag = "ol" if kind == "ol" else "ul"
        elif name == "code" and "\n" not in _source(element):
            element.tag = "span"
        elif name in TEI_NAMES:
            element.tag = TEI_NAMES[name]
    return body


def _source(element: Any) -> str:
    """Return the text of an element as it is written, line ends included."""
    return "\n".join("" if name_of(each) == "lb" else (each.text or "") for each in element.iter())


def _is_article(text: str, html: str) -> bool:
    """Whether there is prose in it: menus, frames, login pages and pages that a program fills have none."""
    filled = PLACEHOLDER.sub("", text)
    if len(filled) * 2 < len(text):
        return False
    blocks = [block for block in re.split(r"\n+", filled) if not block.startswith("#")]
    blocks = [block for block in blocks if len(block) > DOOR_CHARACTERS or not DOORS.search(block)]
    sizes = [max(len(block.split()), len(block) // LETTERS_OF_A_WORD) for block in blocks]
    words = sum(size for size in sizes if size >= PROSE_WORDS)
    return words >= (ARTICLE_WORDS_BEHIND_LOGIN if PASSWORD.search(html) else ARTICLE_WORDS)


def _title(found: str, html: str) -> str:
    """Prefer a title in words to the short name of a page in its address."""
    if found and not SLUG.fullmatch(found):
        return found
    title = TITLE.search(html[:BEGINNING])
    return unescape(title.group(1)) if title else found


def _language(html: str) -> str:
    beginning = html[:BEGINNING]
    found = LANGUAGE.search(beginning) or LOCALE.search(beginning)
    return found.group(1).lower() if found else ""


def _host(link: str) -> str:
    """Return the name of the site that a link leads to."""
    return (urlsplit(link).hostname or "").removeprefix("www.")


def _no_article() -> SourceError:
    message = "No article text was found in it."
    return SourceError(message, help="If the page shows one in a browser, save it there and give the file.")
