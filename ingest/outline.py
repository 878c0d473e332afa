"""Where an article has headings and paragraphs: a heading is a `#` line or an underlined one, but not inside a fence; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from retrieval import Span

ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?=\S)")

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r"(#{1,6})[ \t]+(?P<title>\S.*)")
_UNDERLINE = re.compile(r" {0,3}(?:(?P<first>={2,})|-{3,})\s*")
_TITLE_LENGTH = 140  # an underlined line that is longer, or ends like a sentence, is text above a rule
_FENCE = re.compile(r"^[ \t]*(?P<mark>```|~~~)(?P<rest>.*)$", re.MULTILINE)
_ROW = re.compile(r".*\S[ \t]*\|")
_TABLE_RULE = re.compile(r"(?=[^\n]*-)(?=[^\n]*\|)[ \t|:-]++\s*")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*$")
_WRAPPED_LINE = 45  # a line at least this long without an end mark goes on in the next one: saved text is often hard-wrapped


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading: `headings` is the path down to it, `start` where the first heading above its text stands."""

    headings: tuple[str, ...]
    paragraphs: tuple[Span, ...]
    start: int


class _Kind(Enum):
    HEADING = "a heading"
    TEXT = "a line of a paragraph"
    CODE = "a line inside a fence"
    MARK = "a line that answers nothing: blank, a rule, a fence, the head of a table"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line and what it is; `level` and `words` are a heading's."""

    start: int
    text: str
    kind: _Kind
    level: int = 0
    words: str = ""


def sections(text: str, title: str = "") -> Iterator[Section]:
    """Cut a text at its headings, of which a line that is the title is one; sections without text are left to the next one."""
    path: list[_Line] = []
    paragraphs: list[Span] = []
    start, open_start, before = 0, -1, ""

    def close(end: int) -> None:
        nonlocal open_start
        if open_start >= 0:
            paragraphs.append(Span(open_start, end))
        open_start = -1

    for line in _lines(text, title):
        if line.kind is not _Kind.TEXT or _ends_paragraph(before, line.text):
            close(line.start)
        if line.kind is _Kind.HEADING:
            if paragraphs:
                yield Section(tuple(item.words for item in path), tuple(paragraphs), start)
                paragraphs, start = [], line.start
            path = [*(item for item in path if item.level < line.level), line]
        elif line.kind is not _Kind.MARK and open_start < 0:
            open_start = line.start
        before = line.text
    close(len(text))
    if paragraphs:
        yield Section(tuple(item.words for item in path), tuple(paragraphs), start)


def _lines(text: str, title: str) -> Iterator[_Line]:
    """Every line and what it is."""
    fences = _fences(text)
    fence = next(fences, None)
    before = _Kind.MARK
    for match in _LINE.finditer(text):
        at, line = match.start(), match.group()
        if fence and at >= fence.end:
            fence = next(fences, None)
        if fence and at >= fence.start:
            inside = at > fence.start and match.end() < fence.end and _says_something(line)
            found = _Line(at, line, _Kind.CODE if inside else _Kind.MARK)
        else:
            following = _LINE.match(text, match.end())
            found = _line(at, line, following.group() if following else "", before, title)
        yield found
        before = found.kind


def _line(at: int, line: str, following: str, before: _Kind, title: str) -> _Line:
    """What a line outside of fences is, between the one before and the one that follows."""
    if heading := _heading(line, title):
        return _Line(at, line, _Kind.HEADING, *heading)
    if not _says_something(line) or ("|" in line and _TABLE_RULE.fullmatch(following)):
        return _Line(at, line, _Kind.MARK)
    underline = None if before is _Kind.TEXT or line.startswith(("    ", "\t")) else _UNDERLINE.fullmatch(following)
    words = line.strip()
    if underline and len(words) <= _TITLE_LENGTH and not words.endswith(".") and not ITEM.match(line):
        return _Line(at, line, _Kind.HEADING, 1 if underline["first"] else 2, words)
    return _Line(at, line, _Kind.TEXT)


def _fences(text: str) -> Iterator[Span]:
    """Code between two lines of ``` or ~~~, those lines included; a fence that is never closed is none."""
    bars = [(match, match["rest"].lstrip(match["mark"][0]).strip()) for match in _FENCE.finditer(text)]
    last = {match["mark"]: match.start() for match, rest in bars if not rest}
    opening: re.Match[str] | None = None
    for match, rest in bars:
        if opening is None:
            opening = match if match.start() < last.get(match["mark"], 0) and "`" not in rest else None
        elif match["mark"] == opening["mark"] and not rest:
            yield Span(opening.start(), match.end())
            opening = None


def _heading(line: str, title: str) -> tuple[int, str] | None:
    """Level and words of a heading, without the marks that may close it; None if the line is none."""
    match = _HEADING.match(line.rstrip("\n"))
    if match is None:
        return (1, title) if title and line.strip() == title else None
    words = match.group("title").rstrip()
    bare = words.rstrip("#")
    return len(match.group(1)), bare.rstrip() if bare[-1:].isspace() else words


def _ends_paragraph(last: str, line: str) -> bool:
    """Whether a line starts a paragraph of its own after the last one before it."""
    if ITEM.match(line) or _ROW.match(line):
        return True
    return bool(_SENTENCE_END.search(last) or _ROW.match(last)) or len(last.strip()) < _WRAPPED_LINE


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, line))
