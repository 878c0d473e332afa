"""Where a quote stands on its page: an address that makes a browser scroll to the words and highlight them [1].

[1] https://wicg.github.io/scroll-to-text-fragment/
"""

import re
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from ingest.console import printable

LONGEST = 2048  # characters of an address
WHOLE = 80  # characters of a quote that is named whole
WORDS = 5  # at each end of a longer one
DIRECTIVE = ":~:"

# What marks a heading or an item in the text of an article is not on its page, and what parts the cells of a table neither.
_MARKER = re.compile(r"\s*(?:#{1,6}|-|\d{1,3}\.)\s+")
_CELLS = " | "


def page_link(link: str, quote: str) -> str:
    """The address of an article with a text fragment for the quote; nothing if the article is not on the web."""
    address = web_address(link)
    page, mark, fragment = address.partition("#")
    directive = _directive(quote)
    if not address or not directive:
        return address
    whole = f"{page}#{fragment.partition(DIRECTIVE)[0]}{DIRECTIVE}text={directive}"
    return whole if len(whole) <= LONGEST else f"{page}{mark}{fragment}"


def web_address(link: str) -> str:
    """The link if it is one that Telegram takes: http or https, a host with a dot, nothing that is not printed; else nothing."""
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    plain = link == printable(link) and " " not in link and len(link) <= LONGEST
    named = "." in host.strip(".") or ":" in host
    return link if plain and named and parts.scheme in {"http", "https"} else ""


def _directive(quote: str) -> str:
    """The words to look for, or the first and the last of them: neither spans the border of two paragraphs."""
    blocks = [block for line in quote.splitlines() for block in _blocks(line)]
    if not blocks:
        return ""
    first, last = blocks[0].split(" "), blocks[-1].split(" ")
    if len(blocks) == 1:
        count = min(WORDS, len(first) // 2)
        if len(blocks[0]) <= WHOLE or not count:
            return _encoded(blocks[0])
    else:
        count = WORDS
    return f"{_encoded(' '.join(first[:count]))},{_encoded(' '.join(last[-count:]))}"


def _blocks(line: str) -> list[str]:
    """What a page shows of a line, as blocks that a fragment may not span."""
    cells = _MARKER.sub("", line, count=1) if _MARKER.match(line) else line
    return [block for block in map(printable, cells.split(_CELLS)) if block]


def _encoded(words: str) -> str:
    """Words without the signs that have a meaning in a directive: the dash, the ampersand, the comma."""
    return percent_encoded(words, safe="").replace("-", "%2D")
