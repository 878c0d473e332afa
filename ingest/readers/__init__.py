"""Reading: the bytes of one document become an article, or a sentence that says why not."""

from dataclasses import asdict, replace

from ingest import kinds
from ingest.apart import APART
from ingest.documents import Document
from ingest.messages import READ
from ingest.readers.details import choose_language, choose_title, plain_date
from ingest.readers.draft import Draft
from ingest.readers.drafting import draft
from ingest.readers.encoding import sound
from retrieval.errors import SourceError
from retrieval.passages import Article

__all__ = ["read"]

HARMLESS = {kinds.TEXT, kinds.MARKDOWN}
ARCHIVE_START = b"PK"  # its list of members alone may fill the memory, so it is not even looked at here


def read(document: Document) -> Article:
    """Read one document as an article; raise SourceError, and nothing else, when that cannot be done."""
    try:
        made = _draft(document)
    except SourceError:
        if not document.embedded:
            raise
        made = _draft(replace(document, data=document.embedded.encode(), media_type=kinds.FEED_ENTRY, charset="utf-8"))
    try:
        found = _article(made, document)
    except Exception as error:
        message = f"What it says about itself cannot be understood ({type(error).__name__})."
        raise SourceError(message, help="Save its text as a new file and give that.") from error
    return Article(**{name: sound(value) for name, value in asdict(found).items()})


def _article(made: Draft, document: Document) -> Article:
    """Fill the gaps of a made."""
    site = made.site or document.site
    return Article(
        source=document.source,
        digest=document.digest,
        text=made.text,
        title=choose_title(said=made.title, site=site, hint=document.title, text=made.text, source=document.source),
        author=" ".join(made.author.split()),
        site=" ".join(site.split()),
        date=plain_date(made.date) or plain_date(document.date) or plain_date(document.modified),
        language=choose_language(made.language, made.text),
        link=made.link or document.link,
    )


def _draft(document: Document) -> Draft:
    """Draft text here and everything else apart: its parsers may loop or fill the memory over a stranger's bytes."""
    archive = document.data.startswith(ARCHIVE_START)
    harmless = not archive and kinds.sniff(document.data, document.media_type, document.source) in HARMLESS
    if harmless:
        return draft(document)
    fields = {name: getattr(document, name) for name in READ}
    return Draft(**APART.ask("draft", fields, document.data))
