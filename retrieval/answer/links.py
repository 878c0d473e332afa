"""Whether a text holds something that leads out of it: what a hostile article would have a model show."""

import re
import unicodedata

from retrieval.answer.folding import visible

_DOT = r"(?:\.|。|\[\.\]|\(\.\)|\{\.\}|\s?[\[({]dot[\])}]\s?)"
_AT = r"(?:@|\s?[\[({]at[\])}]\s?)"
_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"  # bounded, so that no text takes long
_ENDINGS = (
    "ai|app|biz|ca|cc|ch|click|club|cn|co|com|de|dev|edu|es|eu|fr|gg|gl|gov|icu|info|io|jp|link|live|ly|me|mil|net|nl|online|"
    "onion|org|pl|ru|shop|site|store|su|tech|tk|top|tv|ua|uk|us|vip|work|xyz|zip"
)
_PLAIN_WORDS = frozenset(("ai", "ca", "co", "de", "es", "me", "us", "work", "top", "link", "live", "site", "store", "net"))

_SECURE_ENDINGS = "|".join(ending for ending in _ENDINGS.split("|") if ending not in _PLAIN_WORDS)
_POINTS = "·•‧∙⋅・"  # what looks like a dot

_MAYBE = re.compile(  # without any of it there is nothing to look for
    rf"[@<&\]}}{_POINTS}]|[.。]\S|:\S|//|,[a-z]|\.\s[a-z]|\bdot\b", re.IGNORECASE
)
_SURE = re.compile(  # first a scheme, then others of its kind
    rf"\b[a-z][a-z0-9+.-]{{0,30}}\s?(?::|\[:\])\s?//|\b(?:mailto|javascript|tel|tg|file|ftp|https?|hxxps?):\S|\bdata:\w+/"
    rf"|\bwww\d?{_DOT}|\bt\.me\b"
    rf"|\]\(|!\[|^\s*\[[^\]]*\]:"  # markdown
    rf"|</?[a-z][^<>]*>|<!|<(?:a|img|script|iframe|svg|form|object|embed|link|meta)\b|&#x?[0-9a-f]+;"  # HTML
    rf"|\w{_AT}{_LABEL}{_DOT}\w|(?<![\w@])@\w\w"  # addresses and handles
    rf"|\b{_LABEL}\.[^\W\d_]{{2,24}}(?::\d+)?[/?#]\w"  # a path
    rf"|\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d+|/)"
    rf"|\b{_LABEL}(?:\[\.\]|\(\.\)|\{{\.\}}|\s?[\[({{]dot[\])}}]\s?)[^\W\d_]{{2,24}}\b",  # a dot in disguise
    re.IGNORECASE | re.MULTILINE,
)
_DOMAIN = re.compile(rf"\b(?P<name>{_LABEL}){_DOT}(?P<ending>{_ENDINGS})\b(?!['’]?\w)", re.IGNORECASE)
# An ending that is no word with its dot set apart or written otherwise, but not "the dot com boom".
_APART = re.compile(
    rf"\b(?!the\b){_LABEL}(?:\s[.。]\s?|[.。]\s|[\s-]{{1,3}}dot[\s-]{{1,3}}|[,{_POINTS}])(?:{_SECURE_ENDINGS})\b(?!['’]\w)",
    re.IGNORECASE,
)
_JOINED = re.compile(rf"(?<![\w.])(?P<names>(?:{_LABEL}[.。])+)(?P<ending>xn--[a-z0-9-]{{2,60}}|[^\W\d_]{{2,24}})(?!\w|['’]\w)")
_NO_ADDRESSES = frozenset(("p.ex", "e.coli"))
_LONG = 3  # characters of a word in capitals that is no acronym such as in ASP.NET
_NO_ENDINGS = frozenset(("js",))  # of names of programs


def holds_link(text: str) -> bool:
    """Whether there is an address, a handle, or markup that could make one, also in disguise."""
    text = visible(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not _MAYBE.search(text):
        return False
    return (
        bool(_SURE.search(text) or _APART.search(text))
        or any(map(_is_domain, _DOMAIN.finditer(text)))
        or any(map(_is_joined, _JOINED.finditer(text)))
    )


def _is_joined(found: re.Match[str]) -> bool:
    """Words in lower case with nothing but a dot between them, which would be an address under some ending or other."""
    names, ending = found["names"], found["ending"]
    if (
        ending in _NO_ENDINGS
        or found.group().casefold() in _NO_ADDRESSES
        or ("。" in names and not found.group().replace("。", "").isascii())
    ):
        return False
    if names.isupper() and ending.isupper():
        return len(names) > _LONG and len(ending) > _LONG
    initials = len(names) > len("a.") and all(len(name) <= 1 for name in names.split("."))  # e.g.otters
    return not any(map(str.isupper, ending)) and not initials


def _is_domain(found: re.Match[str]) -> bool:
    """Not where a space is missing between two sentences, nor in an abbreviation or a name such as ASP.NET."""
    name, ending = found["name"], found["ending"]
    plain = ending.lower() in _PLAIN_WORDS
    return not (plain and (len(name) == 1 or name[0].isupper() or not ending.islower()))
