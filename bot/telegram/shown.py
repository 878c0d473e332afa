"""A message before it is sent: its text and its buttons, and how an article is named in it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from bot.telegram import texts
from bot.telegram.links import web_address
from bot.telegram.richtext import RichText, join, link
from bot.telegram.unlinking import MOST, unlinked
from ingest.console import printable

LABEL_LENGTH = 40  # characters of a button; clients cut longer ones where they please
TITLE_LENGTH = 200
NAME_LENGTH = 80
MOST_IN_NAME = 3  # marks in a title, a site, a date: a page of a list has many of them


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
    address = web_address(piece.link) if linked else ""
    title = link(title_of(piece), address) if address else named(title_of(piece))
    return join(texts.BETWEEN, [title, *filter(None, (named(part, NAME_LENGTH) for part in (piece.site, piece.date)))])


def strange(text: str, *, most: int = MOST) -> RichText:
    """A stranger's words in one line, made harmless: they control and reorder nothing, and lead nowhere."""
    return unlinked(printable(text), most=most)


def named(text: str, length: int = TITLE_LENGTH) -> RichText:
    """What a stranger calls something, made harmless, in at most so many characters."""
    return unlinked(shortened(printable(text), length), most=MOST_IN_NAME)


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
