"""What the readers make of good, odd and broken documents."""

import base64
import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import kinds
from ingest.documents import Document
from ingest.readers import read
from retrieval.errors import SourceError

ARTICLES = Path(__file__).parents[1] / "articles"
PROSE = "The ferry to Sallow Point was late again on Monday, and nobody on the quay could say why it had been so slow. " * 3
# One blank page, encrypted with a user password.
ENCRYPTED_PDF = base64.b64decode(
    "JVBERi0xLjMKJeLjz9MKMSAwIG9iago8PAovUHJvZHVjZXIgPDRmNTRjMDU5MzI+Cj4+CmVuZG9iagoyIDAgb2JqCjw8Ci9UeXBlIC9QYWdlcw"
    "ovQ291bnQgMQovS2lkcyBbIDQgMCBSIF0KPj4KZW5kb2JqCjMgMCBvYmoKPDwKL1R5cGUgL0NhdGFsb2cKL1BhZ2VzIDIgMCBSCj4+CmVuZG9i"
    "ago0IDAgb2JqCjw8Ci9UeXBlIC9QYWdlCi9SZXNvdXJjZXMgPDwKPj4KL01lZGlhQm94IFsgMC4wIDAuMCAxMDAgMTAwIF0KL1BhcmVudCAyID"
    "AgUgo+PgplbmRvYmoKNSAwIG9iago8PAovViAyCi9SIDMKL0xlbmd0aCAxMjgKL1AgNDI5NDk2NzI5MgovRmlsdGVyIC9TdGFuZGFyZAovTyA8"
    "MGU1MjI5MjVhM2U0ZTg3NGMzY2ZhY2JlZjUxMWE3M2FjNGVjMmJkODY1ZGNkM2Q0NjI3NjE0OTE3YWJmZDdlND4KL1UgPDUwYjAwMWNiMzU2ND"
    "I5MDlkZTQ5NjI2NWE1NTUwY2U5MjhiZjRlNWU0ZTc1OGE0MTY0MDA0ZTU2ZmZmYTAxMDg+Cj4+CmVuZG9iagp4cmVmCjAgNgowMDAwMDAwMDAw"
    "IDY1NTM1IGYgCjAwMDAwMDAwMTUgMDAwMDAgbiAKMDAwMDAwMDA1OSAwMDAwMCBuIAowMDAwMDAwMTE4IDAwMDAwIG4gCjAwMDAwMDAxNjcgMD"
    "AwMDAgbiAKMDAwMDAwMDI2MSAwMDAwMCBuIAp0cmFpbGVyCjw8Ci9TaXplIDYKL1Jvb3QgMyAwIFIKL0luZm8gMSAwIFIKL0lEIFsgPDI4MjY3"
    "YjY3ODFlZmY1NzE4NDk4OTdhNzkzYWI1OTMwPiA8MjgyNjdiNjc4MWVmZjU3MTg0OTg5N2E3OTNhYjU5MzA+IF0KL0VuY3J5cHQgNSAwIFIKPj"
    "4Kc3RhcnR4cmVmCjQ3NgolJUVPRgo="
)
CONTAINER = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'


def article(name: str) -> Document:
    """Open one of the articles that were written for the tests."""
    return Document(source=str(ARTICLES / name), media_type=kinds.from_name(name), data=(ARTICLES / name).read_bytes())


def document(data: bytes, name: str = "/articles/late-ferry.txt", **rest: str) -> Document:
    """Make a document out of bytes and a name."""
    return Document(source=name, media_type=kinds.from_name(name), data=data, **rest)


def page(body: str, head: str = "") -> bytes:
    """Write an HTML page."""
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Pack an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def book(chapters: dict[str, str], extra: dict[str, str] | None = None) -> bytes:
    """Pack an EPUB."""
    items = "".join(f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in enumerate(chapters))
    package = f"<package><metadata/><manifest>{items}</manifest><spine>{spine}</spine></package>"
    return zipped({"META-INF/container.xml": CONTAINER, "book.opf": package} | (extra or {}) | chapters)


def pdf(*lines: str) -> bytes:
    """Write a PDF of one page by hand; pdfium forgives the missing cross references."""
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    content = f"BT /F1 12 Tf 50 700 Td {shown} ET"
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
        f"4 0 obj<</Length {len(content)}>>stream\n{content}\nendstream endobj\n"
        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    ).encode()


@pytest.mark.parametrize(
    ("name", "title", "author", "site", "date", "language", "quote"),
    [
        (
            "tram-line-reopening.html",
            "Tram line 7 runs again after 58 years",
            "Priya Nadar",
            "Brennick Courier",
            "2025-04-07",
            "en",
            "7:00 to 20:00 | 8 minutes",
        ),
        (
            "comet-sighting.html",
            "A new comet from an old telescope",
            "Jonas Wedekind",
            "Monks Fell Observatory",
            "2024-11-22",
            "en",
            "### When to look\n\n1. From 2 to 15 March",
        ),
        (
            "river-otter-census.md",
            "Otters return to the Lenn: what the winter census found",
            "Maren Holt",
            "Lenn Valley Naturalist",
            "2025-02-18",
            "en",
            "at least **27 animals** between",
        ),
        (
            "streuobstwiese.md",
            "Die alten Apfelbäume von Hohenried",
            "Katrin Seidl",
            "Hohenrieder Bote",
            "2024-09-30",
            "de",
            "312 Apfelbäume",
        ),
        ("seed-library.txt", "The seed library of Ashcombe", "", "", "2024-05-03", "en", "sold by a local nursery until 1957"),
        ("flood-map.pdf", "The flood map of Dunmore", "Edda Kross", "", "2023-08-21", "en", "stood 5.62 metres above its usual"),
        (
            "night-bus-choir.docx",
            "The night bus choir",
            "Selma Okafor",
            "",
            "2024-03-11",
            "en",
            "- Nobody sings while the doors are open.\n- Passengers",
        ),
        (
            "clockmakers-bees.epub",
            "The clockmaker's bees",
            "Florian Teske",
            "Vellmar Town Stories",
            "2025-01-20",
            "en",
            "2013 | 236 seconds\n2019 | 18 seconds",
        ),
    ],
)
def test_article(  # noqa: PLR0913 - one article, one line of the table
    *, name: str, title: str, author: str, site: str, date: str, language: str, quote: str
) -> None:
    """Every kind of article comes with its details and with its text in our conventions."""
    found = read(article(name))

    assert (title, author, site, date, language) == (found.title, found.author, found.site, found.date, found.language)
    assert quote in found.text


@pytest.mark.parametrize("name", ["tram-line-reopening.html", "comet-sighting.html"])
def test_furniture(name: str) -> None:
    """Menus, cookie banners, related stories and page feet are no part of an article."""
    text = read(article(name)).text

    for furniture in ("cookies", "Parking fees", "Imprint", "Popular posts", "Donate", "All rights reserved"):
        assert furniture not in text


def test_running_heads() -> None:
    """What stands at the head and foot of every PDF page is dropped, and wrapped lines become paragraphs."""
    text = read(article("flood-map.pdf")).text

    assert "Archive Bulletin" not in text
    assert "Page 1" not in text
    assert "\n\nWhat the map shows\n\n" in text


def test_contents_of_a_book() -> None:
    """The table of contents of a book is not read, its chapters are read in order."""
    text = read(article("clockmakers-bees.epub")).text

    assert "Contents" not in text
    assert text.index("# The clockmaker's bees") < text.index("# What the bees do to the clock")


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        pytest.param(b"", "/a.txt", "file is empty", id="empty"),
        pytest.param(b" \n\t\n", "/a.md", "file is empty", id="blank"),
        pytest.param(b"", "/a.pdf", "file is empty", id="empty-pdf"),
        pytest.param(b"Hello\x00world" * 9, "/a.txt", "not text", id="nul"),
        pytest.param(bytes(range(256)) * 20, "/a.txt", "not text", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(99), "/a.txt", "binary file", id="png-named-txt"),
        pytest.param(ENCRYPTED_PDF, "/a.pdf", "protected by a password", id="encrypted-pdf"),
        pytest.param(pdf(), "/a.pdf", "only images of pages", id="scanned-pdf"),
        pytest.param(b"%PDF-1.7\ngarbage", "/a.pdf", "cannot be read as PDF", id="damaged-pdf"),
        pytest.param(b"no such thing", "/a.pdf", "cannot be read as PDF", id="no-pdf"),
        pytest.param(kinds.OLE + bytes(600), "/a.doc", "Save it as .docx", id="old-word"),
        pytest.param(kinds.OLE + kinds.ENCRYPTED_PACKAGE, "/a.docx", "protected by a password", id="encrypted-word"),
        pytest.param(b"PK\x03\x04 cut off", "/a.docx", "cannot be read as a Word file", id="damaged-word"),
        pytest.param(zipped({"word/document.xml": "<"}), "/a.docx", "cannot be read as a Word file", id="broken-word"),
        pytest.param(zipped({"other": "x"}), "/a.zip", "cannot be read", id="zip"),
        pytest.param(book({}), "/a.epub", "holds no text", id="empty-book"),
        pytest.param(zipped({"META-INF/container.xml": "<"}), "/a.epub", "cannot be read as EPUB", id="broken-book"),
        pytest.param(b"<rss><channel/></rss>", "/a.xml", "is a feed", id="feed"),
        pytest.param(b"<?xml version='1.0'?><svg/>", "/a.svg", "is a xml file", id="xml"),
        pytest.param(b"{\\rtf1 Hello}", "/a.rtf", "rtf file", id="rtf"),
    ],
)
def test_bad_file(data: bytes, name: str, reason: str) -> None:
    """A document that cannot be read says why, and what to do."""
    with pytest.raises(SourceError) as error:
        read(document(data, name))

    assert reason in str(error.value)
    assert error.value.help


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(page(""), id="empty"),
        pytest.param(page("<nav>" + "".join(f"<a href='/{n}'>Section {n}</a> " for n in range(99)) + "</nav>"), id="menu"),
        pytest.param(b"<html><frameset cols='20,80'><frame src='a'><frame src='b'></frameset></html>", id="frames"),
        pytest.param(page("<h1>Sign in</h1><p>Sign in to go on.</p><form><input type=password></form>"), id="login"),
        pytest.param(
            page("<div id=root></div><noscript>You need to enable JavaScript.</noscript><script>go()</script>"), id="script"
        ),
        pytest.param(
            page("<p>{{ article.title }} " + "{{ article.body.show(everything, in, one, go) }} " * 9 + "</p>"), id="template"
        ),
    ],
)
def test_page_without_article(data: bytes) -> None:
    """A page without prose is refused instead of filling the library with menus."""
    with pytest.raises(SourceError, match="No article text was found"):
        read(document(data, "/page.html"))


def test_page_in_a_wrong_charset() -> None:
    """A page that claims the wrong encoding is read in the right one."""
    prose = "Die Fähre fährt heute über den Fluss, und die Bäume blühen schöner als im letzten Jahr. " * 4
    body = f"<h1>Über die Brücke</h1><p>{prose}</p>"

    found = read(document(page(body, "<meta charset=iso-8859-1>"), "/page.html"))

    assert "Fähre fährt" in found.text
    assert found.language == "de"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    """Text is read in the encodings that files come in."""
    text = "Die Fähre fährt über den Fluß – „pünktlich“, sagt Jörg.\nDer Kapitän wäre lieber zu Hause geblieben."

    assert read(document(text.encode(encoding))).text == text


@pytest.mark.parametrize("encoding", ["cp1250", "shift_jis"])
def test_old_encodings(encoding: str) -> None:
    """Other old encodings are recognised by their letters, too."""
    texts = {"cp1250": "Zażółć gęślą jaźń, w Łodzi było dziś źle i ponuro. ", "shift_jis": "吾輩は猫である。名前はまだ無い。"}
    text = texts[encoding] * 3

    assert read(document(text.encode(encoding))).text == text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<!-- -->" * 600 + b"x", id="comments"),
        pytest.param(b"By " + b"a" * 3900 + b"!", id="byline"),
        pytest.param(b"title: " + b"*" * 3900 + b"!", id="stars"),
        pytest.param(b"---\na: &a [x,x]\nb: &b [*a,*a]\ntitle: [*b,*b]\n---\nText", id="yaml-aliases"),
        pytest.param(b"---\n" + b"a: b\n" * 100_000, id="endless-front-matter"),
        pytest.param(b"---\na: : b" + b" " * 19_000 + b"c\n---\nText", id="spaces-in-front-matter"),
    ],
)
def test_costly_text(data: bytes) -> None:
    """No text makes the reader work for longer than a moment."""
    begun = time.monotonic()

    read(document(data, "/a.md"))

    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("data", "reason"), [(b"x" * 10_000_001, "longer than 10 million characters"), (b"a\n" * 400_001, "more than 400,000 lines")]
)
def test_more_than_a_book(data: bytes, reason: str) -> None:
    """What is longer than any book, and would take as long to cut, is refused with the reason."""
    with pytest.raises(SourceError, match=reason):
        read(document(data))


def test_cyrillic() -> None:
    """Old Cyrillic text is recognised by its letters."""
    text = "Паром через реку сегодня опоздал на сорок минут, и никто на пристани не мог объяснить почему это случилось. " * 3

    found = read(document(text.encode("cp1251")))

    assert (text, "ru") == (found.text, found.language)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("/a.txt", pdf("The ferry was late.")),
        ("/page.pdf", page(f"<p>{PROSE}</p>")),
        ("/note", b"The ferry was late."),
        ("/b", page(f"<p>{PROSE}</p>")),
    ],
)
def test_wrong_name(name: str, data: bytes) -> None:
    """What the bytes show counts more than the name."""
    text = read(document(data, name)).text

    assert "ferry" in text
    assert "<" not in text


def test_title_and_date_from_the_file() -> None:
    """What the document does not say comes from the name and the day of the file."""
    found = read(document(b"x" * 200, "/articles/the_late-ferry.txt", modified="2024-05-06"))

    assert ("The late ferry", "2024-05-06") == (found.title, found.date)


def test_feed_hints() -> None:
    """What the feed says fills what the page does not say."""
    found = read(document(page(f"<p>{PROSE}</p>"), "/a.html", title="Late again", date="2024-05-06", site="Quay News"))

    assert ("Late again", "2024-05-06", "Quay News") == (found.title, found.date, found.site)


def test_text_of_the_feed() -> None:
    """The text that the feed holds itself is read when the page has none."""
    found = read(document(page(""), "/a.html", embedded="<p>The ferry was <b>late</b>.</p><ul><li>Very</li></ul>"))

    assert found.text == "The ferry was late.\n\n- Very"


@pytest.mark.parametrize("date", ["0001-01-01", "2999-01-01", "1970-01-01", "soon", "2024-13-01"])
def test_implausible_date(date: str) -> None:
    """A date that cannot be true is dropped."""
    assert read(document(f"---\ndate: {date}\n---\nText".encode(), "/a.md")).date == ""


@pytest.mark.parametrize(
    "front", ["title: Late: again", 'title: "Late: again"', "title: >\n  Late:\n  again", "Title: 'Late: again'"]
)
def test_front_matter(front: str) -> None:
    """Front matter is read and left out of the text, even when a colon makes it no YAML."""
    found = read(document(f"---\n{front}\n---\n\nThe ferry\n".encode(), "/a.md"))

    assert ("Late: again", "The ferry\n") == (found.title, found.text)


def test_rule_at_the_top() -> None:
    """A line of dashes at the top of Markdown is no front matter."""
    text = "---\nThe ferry was late.\n---\nAgain."

    assert read(document(text.encode(), "/a.md")).text == text


def test_word_structure() -> None:
    """Numbered lists count, and tables keep their place between paragraphs."""
    opened = docx.Document()
    opened.add_heading("Ferries", 2)
    for text in ("First", "Second"):
        opened.add_paragraph(text, style="List Number")
    table = opened.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Boat", "Age"
    opened.add_paragraph("End")
    packed = io.BytesIO()
    opened.save(packed)

    assert read(document(packed.getvalue(), "/a.docx")).text == "## Ferries\n\n1. First\n2. Second\n\nBoat | Age\n\nEnd"


@pytest.mark.parametrize("name", ["word/document.xml", "META-INF/container.xml"])
def test_zip_bomb(name: str) -> None:
    """An archive that unpacks to far more than it weighs is not opened."""
    with pytest.raises(SourceError, match="unpacks to"):
        read(document(zipped({name: bytes(30_000_000)}), "/a.docx"))


def test_protected_book() -> None:
    """A book with DRM says so, one with scrambled fonts is read."""
    lock = "<encryption><EncryptedData><EncryptionMethod Algorithm='{}'/></EncryptedData></encryption>"
    chapter = {"one.xhtml": "<html><body><p>Text</p></body></html>"}
    harmless = lock.format("http://www.idpf.org/2008/embedding")

    assert read(document(book(chapter, {"META-INF/encryption.xml": harmless}), "/a.epub")).text == "Text"
    with pytest.raises(SourceError, match="DRM"):
        read(document(book(chapter, {"META-INF/encryption.xml": lock.format("aes")}), "/a.epub"))


def test_outside_of_a_book(tmp_path: Path) -> None:
    """Neither an entity nor a path reaches a file outside the archive."""
    secret = tmp_path / "secret.xhtml"
    secret.write_text("<html><body><p>secret</p></body></html>")
    entity = f"<!DOCTYPE html [<!ENTITY x SYSTEM 'file://{secret}'>]><html><body><p>Text &x; &nbsp;end</p></body></html>"

    found = read(document(book({"one.xhtml": entity, f"../../../../../..{secret}": "<p>inside</p>"}), "/a.epub"))

    assert "secret" not in found.text
    assert "Text" in found.text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["C"]) | st.just("\n"), min_size=1).filter(str.strip))
@pytest.mark.parametrize("media_type", [kinds.TEXT, kinds.MARKDOWN])
def test_text_is_kept(media_type: str, text: str) -> None:
    """Plain text and Markdown are kept word for word, so that every quote is found in the file."""
    assert read(Document(source="/a", media_type=media_type, data=("Late. " + text).encode())).text == "Late. " + text
