"""What an article is called, from when and in which language: the document says it, else its text, its feed or its file."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

MAX_TITLE = 300
SHORT_LINE = 140
EARLIEST_YEAR = 1500
BIRTHDAYS_OF_CLOCKS = {"1970-01-01", "1980-01-01", "1900-01-01", "1904-01-01", "1601-01-01"}
WRITTEN = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d.%m.%Y", "%d. %B %Y", "%A, %d %B %Y", "%A, %B %d, %Y")
ISO = re.compile(r"\d{4}(?:[-/]\d{2}(?:[-/]\d{2})?)?(?=$|[T\s])")
TEMPLATE_LANGUAGE = "en"  # what page and Word templates claim in every country
LETTERS_AGAINST_TEMPLATE = 400
LETTERS = 60  # a guess from fewer is a coin toss
SAMPLE = 5000
# Those with many readers and writers: with all 97 that could be told apart, short English texts are taken for Pidgin or Occitan.
LANGUAGES = [
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr"),
    *("he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nl", "no", "pl"),
    *("pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh"),
]


def choose_title(*, said: str, site: str, hint: str, text: str, source: str) -> str:
    """Return the document's title, else the feed's, the first heading, the first line if it is short, or the file's name."""
    title = _one_line(said)
    for mark in (" | ", " - ", " – ", " — ", " · "):
        if site and title.endswith(mark + site):
            title = title.removesuffix(mark + site)
    return (title or _one_line(hint) or _first_line(text) or _name(source))[:MAX_TITLE]


def plain_date(value: str) -> str:
    """Return the date as ISO 8601, as exact as it is given, or nothing when it cannot be true."""
    value = " ".join(value.split())
    found = ISO.match(value)
    day = found.group().replace("/", "-") if found else _written(value)
    try:
        parsed = date.fromisoformat((day + "-01-01")[:10] if len(day) <= 7 else day)  # noqa: PLR2004 - a year or a month
    except ValueError:
        return ""
    tomorrow = datetime.now(tz=UTC).date() + timedelta(days=1)
    return "" if parsed.year < EARLIEST_YEAR or parsed > tomorrow or day in BIRTHDAYS_OF_CLOCKS else day


def choose_language(said: str, text: str) -> str:
    """Return the language that the document states, unless it is a template's and the letters say otherwise."""
    code = re.split(r"[-_]", said.strip().lower(), maxsplit=1)[0]
    stated = code if re.fullmatch(r"[a-z]{2}", code) else ""
    sample = text[:SAMPLE]
    needed = LETTERS_AGAINST_TEMPLATE if stated else LETTERS
    if stated not in {"", TEMPLATE_LANGUAGE} or sum(map(str.isalpha, sample)) < needed:
        return stated
    import py3langid  # its model takes a while to load

    py3langid.set_languages(LANGUAGES)
    return str(py3langid.classify(sample)[0])


def _one_line(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _first_line(text: str) -> str:
    """Return the first heading, or the first line if it is short enough to be a title."""
    lines = [line.strip() for line in text[:4000].split("\n") if line.strip()]
    heading = next((line for line in lines if re.match(r"#{1,6} \S", line)), "")
    first = lines[0] if lines and len(lines[0]) <= SHORT_LINE else ""
    return _one_line((heading or first).lstrip("#").strip(" *_-"))


def _name(source: str) -> str:
    """Turn the name of a file or page into words."""
    if source.startswith(("http://", "https://")):
        parts = urlsplit(source)
        name = PurePath(unquote(parts.path)).name or parts.hostname or source
    else:
        name = PurePath(source).name
    stem = PurePath(name).stem or name
    words = re.sub(r"[-_+\s]+", " ", stem).strip() or name
    return _one_line(words[:1].upper() + words[1:])


def _written(value: str) -> str:
    """Read a date as people and mail headers write it."""
    for pattern in WRITTEN:
        try:
            return datetime.strptime(value, pattern).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
