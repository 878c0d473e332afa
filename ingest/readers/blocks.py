"""A tree of HTML to plain text: headings as `#` lines, list items, table rows, and one blank line between blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
# fmt: off
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "li", "main", "ol", "p", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
}
DROPPED = {
    "audio", "button", "canvas", "datalist", "embed", "head", "iframe", "input", "math", "nav", "noscript", "object",
    "option", "script", "select", "source", "style", "svg", "template", "textarea", "video",
}
# fmt: on
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff\ufffc]")
LONG_CELL = 400  # a table with more text than this in one cell arranges a page


@dataclass(slots=True)
class _Writer:
    """Collects blocks; `pending` is the mark of the list item that the next text belongs to."""

    blocks: list[tuple[str, str]] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    pending: str = ""

    def flush(self, mark: str = "") -> None:
        text = clean("".join(self.inline))
        self.inline.clear()
        if not text:
            return
        mark = self.pending or mark
        kind = "item" if self.pending else "heading" if mark else "paragraph"
        self.pending = ""
        self.blocks.append((kind, f"{mark} {' '.join(text.split())}" if mark else text))


def to_text(root: Any) -> str:
    """Write the element and everything below it as text."""
    writer = _Writer()
    _walk(root, writer)
    writer.flush()
    parts: list[str] = []
    previous = ""
    for kind, text in writer.blocks:
        together = kind == previous and kind.startswith(("item", "table"))
        parts += ["\n" if together else "\n\n", text]
        previous = kind
    return "".join(parts).strip()


def clean(text: str) -> str:
    """Collapse white space, keep the line breaks that `br` made, and drop what nobody sees."""
    text = re.sub(r"[^\S\n]+", " ", INVISIBLE.sub("", text))
    return re.sub(r" ?\n[ \n]*", "\n", text).strip()


def inline_text(element: Any) -> str:
    """Return the text of the element on one line."""
    return " ".join(INVISIBLE.sub("", "".join(_pieces(element))).split())


def _pieces(element: Any) -> Iterator[str]:
    name = name_of(element)
    if not name or name in DROPPED:
        return
    apart = " " if name in BLOCKS or name == "br" else ""
    yield apart
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield apart


def name_of(element: Any) -> str:
    """Return the tag without its namespace, in lower case; nothing for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _walk(element: Any, writer: _Writer) -> None:
    name = name_of(element)
    if not name or name in DROPPED or element.get("hidden") is not None:
        return
    if name in HEADINGS:
        writer.flush()
        writer.inline.append(inline_text(element))
        writer.flush(HEADINGS[name])
    elif name == "pre":
        writer.flush()
        lines = [f"    {line.rstrip()}" for line in "".join(element.itertext()).strip("\n").splitlines()]
        # Indented, as in Markdown, or a comment in a program would become a heading.
        writer.blocks.append(("code", "\n".join(lines)))
    elif name in {"ul", "ol"}:
        _write_list(element, name, writer)
    elif name == "table" and (rows := _rows(element)):
        writer.flush()
        table = f"table {len(writer.blocks)}"
        writer.blocks += [(table, row) for row in rows]
    elif name == "br":
        writer.inline.append("\n")
    elif name in BLOCKS:
        writer.flush()
        _walk_children(element, writer)
        writer.flush()
    else:
        _walk_children(element, writer)


def _walk_children(element: Any, writer: _Writer) -> None:
    _add(element.text, writer)
    for child in element:
        _walk(child, writer)
        _add(child.tail, writer)


def _add(text: str | None, writer: _Writer) -> None:
    if text:
        writer.inline.append(re.sub(r"\s+", " ", text))


def _write_list(element: Any, name: str, writer: _Writer) -> None:
    writer.flush()
    number = 0
    for child in element:
        if name_of(child) == "li":
            number += 1
            writer.pending = f"{number}." if name == "ol" else "-"
            _walk_children(child, writer)
            writer.flush()
            writer.pending = ""
        else:
            _walk(child, writer)
            writer.flush()


def _rows(table: Any) -> list[str]:
    """Return the rows of a table that holds data, or nothing when it only arranges a page."""
    rows = []
    for row in (each for each in table.iter() if name_of(each) == "tr"):
        cells = [inline_text(cell) for cell in row if name_of(cell) in {"td", "th"}]
        if any(len(cell) > LONG_CELL for cell in cells):
            return []
        if any(cells):
            rows.append(" | ".join(cells).rstrip(" |"))
    nested = any(name_of(each) == "table" for each in table.iterdescendants())
    caption = [inline_text(each) for each in table if name_of(each) == "caption"]
    return [] if nested or not any(" | " in row for row in rows) else [each for each in caption if each] + rows
