"""A message before it is sent: its text and its buttons, and how an article is named in it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from bot.telegram import texts
from bot.telegram.links import web_address
from bot.telegram.richtext import RichText, join, link
from ingest.console import printable

LABEL_LENGTH = 40  # characters of a button; clients cut longer ones where they please
TITLE_LENGTH = 200
NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: `data` comes back when it is pressed, or `url` is opened."""

    label: str
    data: str = ""
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message: its text and the rows of its buttons."""

    text: RichText
    buttons: Rows = ()


class FromArticle(Protocol):
    """What comes from an article: a citation, a passage, a record."""

    @property
    def source(self) -> str:
        """The article's identity."""

    @property
    def title(self) -> str:
        """Its title, or nothing."""

    @property
    def site(self) -> str:
        """Where it was published, or nothing."""

    @property
    def date(self) -> str:
        """When it was published, or nothing."""

    @property
    def link(self) -> str:
        """Where it can be opened on the web, or nothing."""


def about(piece: FromArticle, *, linked: bool = True) -> RichText:
    """Title, site and date in one line; the title leads to the article if that is on the web, unless it is not to be linked."""
    title = link(title_of(piece), web_address(piece.link) if linked else "")
    known = [printable(part) for part in (piece.site, piece.date)]
    return join(texts.BETWEEN, [title, *(shortened(part, NAME_LENGTH) for part in known if part)])


def title_of(piece: FromArticle) -> str:
    """The title of an article, or the name of its file or page."""
    title = printable(piece.title) or last_part(piece.source)
    return shortened(title, TITLE_LENGTH) or texts.UNTITLED


def last_part(source: str) -> str:
    """The name of a file without its folders, or the last part of an address."""
    return printable(PurePath(source.rstrip("/").replace("\\", "/")).name)


def shortened(text: str, length: int) -> str:
    """The text in at most so many characters, cut between words where there are any."""
    if len(text) <= length:
        return text
    room = length - len(texts.ELLIPSIS)
    words = text[: room + 1].rpartition(" ")[0].rstrip()
    return (words or text[:room]) + texts.ELLIPSIS
