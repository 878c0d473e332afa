"""EPUB: every chapter in reading order, without the table of contents; nothing in the archive is trusted."""

import html
import posixpath
import re
import zipfile
from typing import Any
from urllib.parse import unquote

from ingest.documents import Document
from ingest.readers.archive import open_archive
from ingest.readers.blocks import name_of, to_text
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode
from retrieval.errors import SourceError

DECLARATION = re.compile(r"^\s*(<\?xml[^>]*\?>)?\s*(<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>)?", re.DOTALL | re.IGNORECASE)
ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([\w-]+)""")
NAMED_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;)(\w{1,31});")
# These only scramble fonts, which are not read.
HARMLESS = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
CONTENTS = {"toc", "landmarks", "page-list", "index"}


def read_epub(document: Document) -> Draft:
    """Read the chapters and the metadata of an EPUB."""
    with open_archive(document.data, "EPUB") as archive:
        _refuse_protected(archive)
        package_path = _package_path(archive)
        package = _xml(_member(archive, package_path))
        chapters = [_chapter(archive, path) for path in _reading_order(package, posixpath.dirname(package_path))]
    text = "\n\n".join(filter(None, chapters))
    if not text:
        message = "It holds no text."
        raise SourceError(message, help="If its pages are pictures, run text recognition (OCR) on them first.")
    creators = _metadata(package, "creator")
    return Draft(
        text=text,
        title=next(iter(_metadata(package, "title")), ""),
        author=", ".join(creators[:5]),
        site=next(iter(_metadata(package, "publisher")), ""),
        date=next(iter(_metadata(package, "date")), ""),
        language=next(iter(_metadata(package, "language")), ""),
    )


def _refuse_protected(archive: zipfile.ZipFile) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    methods = (each.get("Algorithm") for each in _named(_xml(_member(archive, "META-INF/encryption.xml")), "encryptionmethod"))
    if any(method not in HARMLESS for method in methods):
        message = "It is protected by its seller (DRM), so its text cannot be read."
        raise SourceError(message, help="Give a copy without protection.")


def _package_path(archive: zipfile.ZipFile) -> str:
    container = _xml(_member(archive, "META-INF/container.xml"))
    for each in _named(container, "rootfile"):
        if path := each.get("full-path"):
            return str(path)
    raise _damaged()


def _reading_order(package: Any, folder: str) -> list[str]:
    """Return the paths of the chapters; a path is only ever looked up in the archive, so `..` leads nowhere."""
    items = {each.get("id"): each for each in _named(package, "item")}
    paths = []
    for reference in _named(package, "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        if "html" in (item.get("media-type") or ""):
            paths.append(posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or ""))))
    return list(dict.fromkeys(paths))


def _chapter(archive: zipfile.ZipFile, path: str) -> str:
    if path not in archive.namelist():
        return ""  # a chapter that is listed and missing must not cost the others
    root = _xhtml(_member(archive, path))
    for element in list(root.iter()):
        kinds = {value for name, value in element.attrib.items() if name.endswith("}type") or name == "epub:type"}
        if kinds & CONTENTS and element.getparent() is not None:
            element.getparent().remove(element)
    body = next(iter(_named(root, "body")), root)
    return to_text(body)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, OSError, EOFError):
        raise _damaged() from None


def _xml(data: bytes) -> Any:
    """Parse XML without entities, without a document type and without the network."""
    from lxml import etree

    text = DECLARATION.sub("", _decode(data), count=1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        raise _damaged() from None


def _xhtml(data: bytes) -> Any:
    """Parse a chapter as the XML that it should be, else as the HTML that it then is."""
    from lxml import html as lenient

    text = NAMED_ENTITY.sub(lambda found: html.unescape(found.group()), _decode(data))
    try:
        return _xml(text.encode("utf-8"))
    except SourceError:
        return lenient.document_fromstring(DECLARATION.sub("", text, count=1) or "<p></p>")


def _decode(data: bytes) -> str:
    declared = ENCODING.search(data[:200])
    return decode(data, declared.group(1).decode("ascii", "replace") if declared else "")


def _named(root: Any, name: str) -> list[Any]:
    return [element for element in root.iter() if name_of(element) == name]


def _metadata(package: Any, name: str) -> list[str]:
    texts = (" ".join("".join(each.itertext()).split()) for each in _named(package, name))
    return [text for text in texts if text]


def _damaged() -> SourceError:
    message = "It cannot be read as EPUB: the file is damaged or of another kind."
    return SourceError(message, help="Save or download it again.")
