"""Plain text and Markdown: the text stays as it is, word for word; only what stands around it is read."""

import re
from typing import Any

from ingest.documents import Document
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode
from retrieval.errors import SourceError

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n+|\Z)", re.DOTALL | re.MULTILINE)
SIMPLE_LINE = re.compile(r"^(\w+):[ \t]*(.*)$", re.MULTILINE)
SAID = re.compile(r"^[*_>\s]*(title|author|by|date|published|source|site|url|link)[*_]*\s*:[*_]*\s*(.+?)[*_]*$", re.IGNORECASE)
BYLINE = re.compile(r"[*_]*By ([^\W\d_][\w.'’-]*(?:[ ,]+[^\W\d_][\w.'’-]*){0,7})[*_]*")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
UNDERLINE = re.compile(r"^(=+|-{3,})\s*$")
WEB = re.compile(r"https?://[^\s>)\]]+")
MAX_BYLINE = 100
MAX_FRONT_MATTER = 20_000
TOP_LINES = 10  # where a saved article says where it is from


def read_text(document: Document) -> Draft:
    """Read plain text, word for word."""
    text = _text(document)
    return _described(text, {})


def read_markdown(document: Document) -> Draft:
    """Read Markdown, word for word but for its front matter."""
    text = _text(document)
    front = FRONT_MATTER.match(text)
    details = _front_matter(front.group(1)) if front and len(front.group(1)) < MAX_FRONT_MATTER else {}
    if front and details:
        text = text[front.end() :]
    if not text.strip():
        raise _empty()
    return _described(text, details)


def _text(document: Document) -> str:
    text = decode(document.data, document.charset)
    if not text.strip():
        raise _empty()
    return text


def _described(text: str, details: dict[str, str]) -> Draft:
    """Fill the draft from the front matter, then from the lines at the top of the text."""
    said = _top_lines(text) | details
    link = next((said[name] for name in ("url", "link", "source", "canonical") if WEB.match(said.get(name, ""))), "")
    site = said.get("site") or said.get("sitename") or ("" if WEB.match(said.get("source", "")) else said.get("source", ""))
    return Draft(
        text=text,
        title=said.get("title", "") or _heading(text),
        author=said.get("author") or said.get("authors") or said.get("by", ""),
        site=site,
        date=said.get("date") or said.get("published", ""),
        language=said.get("lang") or said.get("language", ""),
        link=(WEB.match(link) or [""])[0],
    )


def _front_matter(source: str) -> dict[str, str]:
    """Read the front matter as YAML, and line by line where a title with a colon has made it none."""
    import yaml  # only articles with front matter need it

    try:
        values: Any = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError):
        values = {name: value.rstrip(" \t").strip("\"'") for name, value in SIMPLE_LINE.findall(source)}
    if not isinstance(values, dict):
        return {}
    return {str(name).lower(): flat for name, value in values.items() if (flat := _flat(value))}


def _flat(value: Any) -> str:
    """Write a value or a list of values as one line; what is nested deeper may be endless, and is not for us."""
    values = value[:20] if isinstance(value, list) else [value]
    values = [each.get("name") if isinstance(each, dict) else each for each in values]
    return ", ".join(" ".join(str(each).split()) for each in values if each is not None and not isinstance(each, dict | list))


def _top_lines(text: str) -> dict[str, str]:
    """Collect what the first lines say about the article: `Source: https://…`, `Date: …`, `By …`."""
    said: dict[str, str] = {}
    lines = [line for line in text[:4000].split("\n") if line.strip()]
    for line in lines[:TOP_LINES]:
        if found := SAID.match(line):
            said.setdefault(found.group(1).lower(), found.group(2).strip())
        elif found := BYLINE.fullmatch(line.strip()[:MAX_BYLINE]):
            said.setdefault("author", found.group(1).strip(" ,"))
    return {name: value for name, value in said.items() if len(value) < 200}  # noqa: PLR2004 - a sentence, not a label


def _heading(text: str) -> str:
    """Return the first heading, if the text begins with one."""
    lines = [line.strip() for line in text[:4000].split("\n") if line.strip()]
    for line, following in zip(lines[:3], [*lines[1:], ""], strict=False):
        if found := HEADING.match(line):
            return found.group(1)
        if UNDERLINE.match(following):
            return line
    return ""


def _empty() -> SourceError:
    message = "It holds no text."
    return SourceError(message, help="Give a file with an article in it.")
