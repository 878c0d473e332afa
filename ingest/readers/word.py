"""Word: paragraphs, headings, lists and tables in the order of the document, without page heads and feet."""

import io
from collections.abc import Iterator
from typing import Any

from ingest.documents import Document
from ingest.readers.archive import open_archive
from ingest.readers.draft import Draft
from retrieval.errors import SourceError

# Text that was deleted under revision has another tag; inserted text and links are runs a level deeper; boxes come twice.
RUNS = ".//w:r[not(ancestor::w:txbxContent)]/*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"


def read_word(document: Document) -> Draft:
    """Read a Word file."""
    with open_archive(document.data, "a Word file"):
        import docx  # only Word files need it

        opened = docx.Document(io.BytesIO(document.data))
    blocks: list[tuple[str, str]] = []
    counts: dict[str, int] = {}
    for kind, text in _blocks(opened.element.body, opened, counts):
        if text:
            blocks.append((kind, text))
    text = _join(blocks)
    if not text:
        message = "It holds no text."
        raise SourceError(message, help="If it shows pictures of text, run text recognition (OCR) on it first.")
    properties = opened.core_properties
    title = properties.title or next((text for kind, text in blocks if kind == "title"), "").lstrip("# ")
    return Draft(
        text=text,
        title=title,
        author="" if properties.author == "python-docx" else properties.author,
        date=(properties.created or properties.modified).date().isoformat() if properties.created or properties.modified else "",
        language=properties.language,
    )


def _blocks(parent: Any, opened: Any, counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield every block as its kind and its text."""
    for child in parent.iterchildren():
        name = str(child.tag).rpartition("}")[2]
        if name == "p":
            yield _paragraph(child, opened, counts)
        elif name == "tbl":
            yield "table", _table(child)
        elif name in {"sdt", "sdtContent", "ins", "customXml"}:  # wrappers around blocks
            yield from _blocks(child, opened, counts)


def _paragraph(element: Any, opened: Any, counts: dict[str, int]) -> tuple[str, str]:
    from docx.text.paragraph import Paragraph

    text = _text(element)
    found = Paragraph(element, opened).style
    style = (found.name if found else "") or ""
    one_line = " ".join(text.split())
    if style == "Title" and text:
        return "title", f"# {one_line}"
    if style.startswith("Heading ") and text:
        level = style.removeprefix("Heading ")
        return "heading", f"{'#' * min(int(level), 6) if level.isdigit() else '##'} {one_line}"
    list_id, numbered = _list(element, style, opened)
    if list_id and text:
        counts[list_id] = counts.get(list_id, 0) + 1
        return "item", f"{counts[list_id]}. {one_line}" if numbered else f"- {one_line}"
    return "paragraph", text


def _list(element: Any, style: str, opened: Any) -> tuple[str, bool]:
    """Return which list the paragraph belongs to, and whether that list counts."""
    number = element.xpath("./w:pPr/w:numPr/w:numId/@w:val")
    if not number or number[0] == "0":
        return (style if style.startswith("List") and style != "List Paragraph" else ""), "Number" in style
    level = (element.xpath("./w:pPr/w:numPr/w:ilvl/@w:val") or ["0"])[0]
    try:
        numbering = opened.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return number[0], False
    abstract = numbering.xpath(f"./w:num[@w:numId='{int(number[0])}']/w:abstractNumId/@w:val") or ["-1"]
    levels = f"./w:abstractNum[@w:abstractNumId='{int(abstract[0])}']/w:lvl[@w:ilvl='{int(level)}']/w:numFmt/@w:val"
    kind = (numbering.xpath(levels) or ["bullet"])[0]
    return f"{number[0]}.{level}", kind not in {"bullet", "none"}


def _text(element: Any) -> str:
    """Return the text of a paragraph; tabs become spaces, breaks stay breaks."""
    pieces = []
    for each in element.xpath(RUNS):
        name = each.tag.rpartition("}")[2]
        pieces.append((each.text or "") if name == "t" else {"tab": " ", "noBreakHyphen": "-"}.get(name, "\n"))
    lines = (" ".join(line.split()) for line in "".join(pieces).replace("\u00ad", "").split("\n"))
    return "\n".join(line for line in lines if line)


def _table(element: Any) -> str:
    """Write a table row by row; a table in a cell is read with the cell."""
    rows = []
    for row in element.xpath("./w:tr | ./w:sdt/w:sdtContent/w:tr"):
        cells = row.xpath("./w:tc | ./w:sdt/w:sdtContent/w:tc")
        texts = [" ".join(filter(None, (" ".join(_text(each).split()) for each in cell.xpath(".//w:p")))) for cell in cells]
        if any(texts):
            rows.append(" | ".join(texts).rstrip(" |"))
    return "\n".join(rows)


def _join(blocks: list[tuple[str, str]]) -> str:
    """Part the blocks by a blank line, the items of a list by a line end."""
    parts: list[str] = []
    previous = ""
    for kind, text in blocks:
        parts += ["\n" if kind == previous == "item" else "\n\n", text]
        previous = kind
    return "".join(parts).strip()
