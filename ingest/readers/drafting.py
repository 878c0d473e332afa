"""Drafting: the bytes of one document become its text and what it says about itself, by the reader for its kind."""

from collections.abc import Callable
from dataclasses import asdict

from ingest import kinds
from ingest.documents import Document
from ingest.readers.draft import Draft
from ingest.readers.epub import read_epub
from ingest.readers.pdf import read_pdf
from ingest.readers.plain import read_markdown, read_text
from ingest.readers.web import read_fragment, read_page
from ingest.readers.word import read_word
from retrieval.errors import SourceError

READERS: dict[str, tuple[str, Callable[[Document], Draft]]] = {
    kinds.TEXT: ("text", read_text),
    kinds.MARKDOWN: ("Markdown", read_markdown),
    kinds.HTML: ("a web page", read_page),
    kinds.FEED_ENTRY: ("a feed entry", read_fragment),
    kinds.PDF: ("PDF", read_pdf),
    kinds.WORD: ("a Word file", read_word),
    kinds.EPUB: ("EPUB", read_epub),
}
MAX_CHARACTERS = 10_000_000  # a book of a million words has 6
MAX_LINES = 400_000  # all of Shakespeare has half as many
MAX_DETAIL = 10_000  # characters of what it says about itself


def draft(document: Document) -> Draft:
    """Read the document; raise SourceError when that cannot be done, and MemoryError when it needs too much."""
    made = _read(document)
    if len(made.text) > MAX_CHARACTERS:
        message = f"Its text is longer than {MAX_CHARACTERS // 1_000_000} million characters, which no article is."
        raise SourceError(message, help="Save the part that matters as a new file.")
    if made.text.count("\n") > MAX_LINES:
        message = f"Its text has more than {MAX_LINES:,} lines, which no article has."
        raise SourceError(message, help="Save the part that matters as a new file.")
    return Draft(made.text, **{name: value[:MAX_DETAIL] for name, value in asdict(made).items() if name != "text"})


def _read(document: Document) -> Draft:
    """Find the reader for the document and guard it: a parser may stumble over a stranger's bytes in any way."""
    if not document.data.strip():
        message = "The file is empty."
        raise SourceError(message, help="Give a file with an article in it.")
    media_type = kinds.sniff(document.data, document.media_type, document.source)
    if media_type not in READERS:
        raise _unreadable(media_type, document.data)
    name, reader = READERS[media_type]
    try:
        return reader(document)
    except (SourceError, MemoryError):
        raise
    except Exception as error:
        message = f"It cannot be read as {name}: the file is damaged or of another kind ({type(error).__name__})."
        raise SourceError(message, help="Save or download it again.") from error


def _unreadable(media_type: str, data: bytes) -> SourceError:
    """Say what a document of a known kind that is not read is, and what to do with it."""
    if media_type == kinds.OLD_WORD and kinds.ENCRYPTED_PACKAGE in data:
        return SourceError("It is protected by a password.", help="Save an unprotected copy and give that.")
    if media_type == kinds.OLD_WORD:
        return SourceError("It is an old Word or Office file.", help="Save it as .docx and give that.")
    if media_type == kinds.BINARY:
        return SourceError("It is a binary file, not an article.", help="Text, Markdown, HTML, PDF, Word and EPUB can be read.")
    if media_type == kinds.FEED:
        return SourceError("It is a feed, not an article.", help="Give the address of the feed itself, and its entries are read.")
    name = media_type.rpartition("/")[2]
    return SourceError(f"It is a {name} file, which cannot be read.", help="Save it as text, PDF or .docx and give that.")
