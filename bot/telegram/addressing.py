"""Whether a message in a group is for the bot, and what it asks when the bot's name is taken out of it."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from bot.telegram.richtext import offsets

Entity = tuple[str, int, int, int | None]  # kind, offset and length in UTF-16 units, and the user that it names

LITERAL = {"code", "pre", "url", "text_link", "email"}  # a name in one of these is shown, not called

_GREETED = re.compile(r"\s*[,:;]?\s*")  # what follows a name at the beginning: "@name, how many…"
_ENDING = ",.;:!?"


def addressed(text: str, entities: Sequence[Entity], *, username: str, bot_id: int, reply_to_bot: bool) -> str | None:
    """The question without the bot's name if the message is for the bot: it names the bot, or replies to it; else None."""
    calls = {place for place, user in _named(text, entities) if _is_bot(text[slice(*place)], user, username, bot_id)}
    if not calls:
        return text if reply_to_bot else None
    for start, end in sorted(calls, reverse=True):  # from the last, so that the places of the others stay
        text = _without(text, start, end)
    return text


def _named(text: str, entities: Iterable[Entity]) -> Iterator[tuple[tuple[int, int], int | None]]:
    """Where somebody is named, in code points, and whom a name without @ stands for."""
    units = offsets(text)
    known = list(entities)
    literal = [(offset, offset + length) for kind, offset, length, _ in known if kind in LITERAL]
    for kind, offset, length, user in known:
        end = offset + length
        shown = any(offset < last and end > first for first, last in literal)
        start, stop = bisect_left(units, offset), bisect_left(units, end)
        whole = 0 <= offset < end <= units[-1] and (units[start], units[stop]) == (offset, end)
        if kind in {"mention", "text_mention"} and whole and not shown:
            yield (start, stop), user if kind == "text_mention" else None


def _is_bot(name: str, user: int | None, username: str, bot_id: int) -> bool:
    return user == bot_id if user is not None else name.lower() == f"@{username.removeprefix('@')}".lower()


def _without(text: str, start: int, end: int) -> str:
    """The text without what stands between two places, and without the white space that this would leave there."""
    before, after = text[:start], text[end:]
    if not before.strip():
        return _GREETED.sub("", after, count=1)
    if not after.strip():
        return before.rstrip()
    if before[-1].isspace() and after[0].isspace():
        left, right = before.rstrip(), after.lstrip()
        gap = before[len(left) :] + after[: len(after) - len(right)]
        return f"{left}{max(gap, key=_breadth)}{right}"
    return (before.rstrip() if after[0] in _ENDING else before) + after


def _breadth(space: str) -> bool:
    """The end of a line parts more than a space does."""
    return space == "\n"
