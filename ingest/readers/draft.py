"""What a reader hands back: the text and whatever the document says about itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """An article before its gaps are filled; `text` follows the conventions of `Article.text`, the rest may be empty."""

    text: str
    title: str = ""
    author: str = ""
    site: str = ""
    date: str = ""
    language: str = ""
    link: str = ""
