"""The thoughts that some local models write into their answer between <think> tags, taken out as the text streams."""

import re
from collections.abc import Iterator

_TAG = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_BEGINNING = re.compile(r"</?(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?$", re.IGNORECASE)  # of a tag, at the end of a piece


class Thoughts:
    """Takes pieces of a text and gives them without what stands between the tags, however these are cut into pieces."""

    def __init__(self) -> None:
        self._held = ""  # the beginning of what may be a tag
        self._inside = False

    def feed(self, piece: str) -> str:
        """What of the text can be shown now."""
        text = self._held + piece
        begun = _BEGINNING.search(text)
        self._held = text[begun.start() :] if begun else ""
        return "".join(self._outside(text[: begun.start()] if begun else text))

    def end(self) -> str:
        """What was held back because it might have been a tag."""
        held, self._held = self._held, ""
        return "" if self._inside else held

    def _outside(self, text: str) -> Iterator[str]:
        at = 0
        for tag in _TAG.finditer(text):
            if not self._inside:
                yield text[at : tag.start()]
            if tag[1] and not self._inside:
                yield "\n"  # the end of thoughts that began without a tag: what follows is no part of their last line
            self._inside, at = not tag[1], tag.end()
        if not self._inside:
            yield text[at:]
