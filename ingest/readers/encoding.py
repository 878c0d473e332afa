"""Bytes to text: byte order marks, UTF-8, what the document claims, and only then a guess."""

import codecs
import re

from retrieval.errors import SourceError

MARKS = (  # the longer ones first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What people's old files are really in. The full list of code pages makes short texts look like EBCDIC or DOS.
LEGACY = [
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "mac_roman"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
SAMPLE = 200_000
# Codecs that no page is written in: they run escapes, make half characters or take quadratic time.
NO_CHARSETS = {"unicode-escape", "raw-unicode-escape", "utf-7", "punycode", "idna", "undefined"}
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def decode(data: bytes, declared: str = "") -> str:
    """Decode text, its lines ending in line feeds; raise SourceError when the bytes are no text in a known encoding."""
    text = _decode(data, declared)
    if "\0" in text or len(CONTROL.findall(text)) > len(text) // 100:
        raise _not_text()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def sound(text: str) -> str:
    """The text with what no file or database can hold replaced: zero characters and halves of surrogate pairs."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "\ufffd")


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _try(data[len(mark) :], encoding) or _damaged(data[len(mark) :], encoding)
    if b"\0" in data:
        raise _not_text()
    text = _try(data, "utf-8")
    if text is None and _is_mostly_utf8(data):
        text = data.decode("utf-8", "replace")
    if text is None and _is_charset(declared):
        text = _try(data, declared)
    return text if text is not None else _guess(data)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (LookupError, ValueError):
        return None


def _is_charset(name: str) -> bool:
    """Whether a page may be in this encoding: Python knows many more, some of which are no text at all."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return codec.name not in NO_CHARSETS and codec._is_text_encoding  # noqa: SLF001 - nothing public says it


def _damaged(data: bytes, encoding: str) -> str:
    """Decode what begins with a byte order mark and yet is broken, if it was only cut off somewhere."""
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > 1 + len(text) // 1000:
        raise _not_text()
    return text


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether only a few bytes of a UTF-8 text are broken, as after a cut in the middle of a letter."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 10 < sum(1 for letter in text[:SAMPLE] if letter > "\x7f" and letter != "\ufffd")


def _guess(data: bytes) -> str:
    """Guess an old encoding from the letters; Western European when nearly all of them are ASCII."""
    foreign = sum(1 for byte in data[:SAMPLE] if byte > 0x7F)  # noqa: PLR2004 - the end of ASCII
    western = _try(data, "cp1252")
    if western is not None and foreign * 7 < len(data[:SAMPLE]) and _looks_western(western):
        return western
    from charset_normalizer import from_bytes  # only old files need it

    best = from_bytes(data[:SAMPLE], cp_isolation=LEGACY).best()
    text = _try(data, best.encoding) if best else None
    if text is None:
        raise _not_text()
    return text


def _looks_western(text: str) -> bool:
    """Whether the letters beyond ASCII are ones that Western European words have, mostly inside words."""
    beyond = re.findall(r"[^\x00-\x7f]", text[:SAMPLE])
    usual = sum(letter in "äöüÄÖÜßéèêëàâáãåæçíìîïñóòôõøœúùûÿÉÈÀÁÇÑÓØÅÆŒ€£§°«»“”„‘’‚–—…·½\xa0\xad´©®²³¿¡" for letter in beyond)
    return usual * 10 >= len(beyond) * 9


def _not_text() -> SourceError:
    message = "It is not text in any encoding that can be recognised."
    return SourceError(message, help="If it is an article, save it as UTF-8 text.")
