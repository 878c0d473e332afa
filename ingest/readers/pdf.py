"""PDF: the text of the pages, with wrapped lines joined to paragraphs and running heads dropped."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from ingest.documents import Document
from ingest.readers.draft import Draft
from retrieval.errors import SourceError

MAX_PAGES = 3000
MAX_SECONDS = 110.0  # less than the process has in which it is read, so that it can say so itself
MAX_CHARACTERS = 20_000_000
EDGE = 2  # lines at the top and at the bottom where a running head may stand
FEW_PAGES = 2  # on one page nothing repeats
PAGE_NUMBER = re.compile(r"\W*(page|seite|p\.|s\.)?\s*\d{1,4}(\s*(/|of|von|-)\s*\d{1,4})?\W*", re.IGNORECASE)
BULLET = re.compile(r"^[•◦▪‣●○■–-]\s+(?=\S)")
NUMBERED = re.compile(r"^\d{1,3}[.)]\s+\S")
SENTENCE_END = re.compile(r"[.!?:…][\"'”’»“)\]]*$")
NO_TITLE = re.compile(r"untitled|microsoft (word|powerpoint)|document\d*|\.(docx?|indd|pdf|tex|pptx?|rtf|odt)\b", re.IGNORECASE)


def read_pdf(document: Document) -> Draft:
    """Read the text and the metadata of a PDF."""
    import pypdfium2  # a native library that `--help` must not load

    try:
        opened = pypdfium2.PdfDocument(document.data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            message = "It is protected by a password."
            raise SourceError(message, help="Save an unprotected copy and give that.") from None
        message = "It cannot be read as PDF: the file is damaged or of another kind."
        raise SourceError(message, help="Save or download it again.") from None
    with closing(opened) as pdf:
        details = pdf.get_metadata_dict(skip_empty=True)
        pages = _without_running_heads([_lines(text) for text in _page_texts(pdf)])
    text = _join_pages(["\n\n".join(_paragraphs(lines)) for lines in pages])
    if not text:
        message = "It holds only images of pages."
        raise SourceError(message, help="Run text recognition (OCR) on it first.")
    title = details.get("Title", "").strip()
    return Draft(
        text=text,
        title="" if NO_TITLE.search(title) else title,
        author=details.get("Author", "").strip(),
        date=_date(details.get("CreationDate", "")),
    )


def _page_texts(pdf: Any) -> Iterator[str]:
    """Yield the text of each page, closing what pdfium holds for it."""
    if len(pdf) > MAX_PAGES:
        message = f"It has {len(pdf)} pages; more than {MAX_PAGES} are not read."
        raise SourceError(message, help="Save the part that matters as a new file.")
    end = time.monotonic() + MAX_SECONDS
    characters = 0
    for number in range(len(pdf)):
        if time.monotonic() > end or characters > MAX_CHARACTERS:
            message = "It takes too long to read."
            raise SourceError(message, help="Save the part that matters as a new file.")
        with closing(pdf[number]) as page, closing(page.get_textpage()) as text_page:
            text = text_page.get_text_range(errors="ignore")
        characters += len(text)
        yield text


def _lines(text: str) -> list[str]:
    """Split the text of a page into its lines; an empty one stays, for it parts paragraphs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\ufffe\x02]\n?", "-\n", text)  # pdfium's mark for a hyphen at the end of a line
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffd\u00ad]", "", text)
    return [" ".join(line.split()) for line in text.split("\n")]


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """Drop the lines at the edges that repeat on most pages, and page numbers."""
    pages = [_trim(lines) for lines in pages]
    repeated: Counter[str] = Counter()
    if len(pages) >= FEW_PAGES:
        for lines in pages:
            repeated.update({_shape(line) for line in (*lines[:EDGE], *lines[-EDGE:])})
    return [_drop_edges(lines, {shape for shape, count in repeated.items() if count * 2 > len(pages)}) for lines in pages]


def _drop_edges(lines: list[str], repeated: set[str]) -> list[str]:
    def is_edge(line: str) -> bool:
        return _shape(line) in repeated or bool(PAGE_NUMBER.fullmatch(line))

    for _ in range(EDGE):
        if lines and is_edge(lines[0]):
            lines = _trim(lines[1:])
        if lines and is_edge(lines[-1]):
            lines = _trim(lines[:-1])
    return lines


def _trim(lines: list[str]) -> list[str]:
    full = [index for index, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else []


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _paragraphs(lines: list[str]) -> list[str]:
    """Join wrapped lines; a short line that ends a sentence, a list item or a heading stays apart."""
    width = sorted(map(len, lines))[len(lines) * 9 // 10] if lines else 0
    paragraphs: list[str] = []
    open_paragraph = False
    previous = ""
    for line in lines:
        text = BULLET.sub("- ", line)
        starts = text != line or bool(NUMBERED.match(line))
        if text and open_paragraph and not starts and not _ends(previous, line, width):
            paragraphs[-1] += ("" if previous.endswith("-") and not previous.endswith(" -") else " ") + text
        elif text:
            paragraphs.append(text)
        open_paragraph = bool(text)
        previous = line
    return paragraphs


def _ends(line: str, following: str, width: int) -> bool:
    """Whether a paragraph ends with the line."""
    short = len(line) + len(following.split(" ", 1)[0]) + 1 <= width * 0.85
    if SENTENCE_END.search(line):
        return short
    begins = following[:1].isupper() or following[:1].isdigit()
    return short and begins and len(line) < width * 0.7


def _join_pages(pages: list[str]) -> str:
    """Join the pages; a sentence that runs over the page end stays one."""
    text = ""
    for page in filter(None, pages):
        runs_on = text and page[0].islower() and not SENTENCE_END.search(text)
        text += (" " if runs_on else "\n\n" if text else "") + page
    return text


def _date(value: str) -> str:
    found = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", value)
    return "-".join(found.groups()) if found else ""
