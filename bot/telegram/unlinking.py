"""Words that Telegram would make links of by itself: those of strangers must lead nowhere, so they become `code`."""

import re
from collections.abc import Iterator

from bot.telegram.richtext import Mark, RichText

MOST = 60  # marks in one text: a message has room for a hundred

# More than Telegram's own rules take [1], for those change. Addresses: a scheme, a name with a dot and letters behind it, four
# numbers; then names and mail addresses, tags, shares, numbers to call.
#
# [1] https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp
_ADDRESS = re.compile(
    r"""
    :// | [^\s.]\.[^\W\d_][^\x00-/:-@\[-`{-\x7f] | \d{1,3}(?:\.\d{1,3}){3} | @\w | \#[^\s#] | \$(?:[A-Z]|1INCH)
    | \+\(?\d(?:[ ()./-]{0,2}\d){6}
    """,
    re.VERBOSE,
)
_COMMAND = re.compile(r"/[A-Za-z0-9_]")
_WORD = re.compile(r"\S*?\+\(?\d(?:[\d()./-]|[ ](?=[\d(]))*\S*|\S+")  # a number to call has blanks in it


def unlinked(text: str, *, most: int = MOST) -> RichText:
    """The text with every word marked as `code` that could become a link, a name or a command; letter for letter the same.

    Words side by side have one mark; where there would be more marks than `most`, one reaches from the first to the last.
    """
    places: list[tuple[int, int]] = []
    for start, end in _words(text):
        if places and not text[places[-1][1] : start].strip():
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    if len(places) > most:
        places = [(places[0][0], places[-1][1])]
    return RichText(text, tuple(Mark("code", start, end) for start, end in places))


def leads_somewhere(word: str) -> bool:
    """Whether Telegram might make a link of a word, or of a part of it."""
    return _ADDRESS.search(word) is not None or any(_begins_command(word, each.start()) for each in _COMMAND.finditer(word))


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Where the words stand that lead somewhere; whole words, so that nothing in them can begin before the mark."""
    return (each.span() for each in _WORD.finditer(text) if leads_somewhere(each[0]))


def _begins_command(word: str, at: int) -> bool:
    """Whether a slash can begin a command; behind a letter or digit it is a stroke, as in and/or."""
    before = word[at - 1 : at]
    return not (before.isalpha() or before.isdecimal() or before == "_")
