"""What Telegram finds in a text by itself: commands, mentions and addresses, measured in UTF-16 units."""

import re
from typing import Any

from botapi.rules import units

FINDERS = {
    "url": re.compile(r"https?://\S+"),
    "bot_command": re.compile(r"(?<![\w/@<])/[A-Za-z0-9_]{1,32}(@[A-Za-z][A-Za-z0-9_]{2,31})?(?![\w/])"),
    "mention": re.compile(r"(?<![\w/@.])@[A-Za-z][A-Za-z0-9_]{2,31}"),
}

_PATH = r"[^\s\u2000-\u200b\u200e\u200f\u2016-\u206f<>«»\"]*(?<![.:;,('?!`])"
# In a bot's message, as TDLib's MessageEntity.cpp finds them, for any domain; clients make a link of each.
LINKED = {
    "address": re.compile(rf"(?:https?|ftp|tg|ton|tonsite)://\w{_PATH}", re.IGNORECASE),
    "domain": re.compile(rf"(?:[\w~-]+\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9]+)(?::\d+)?(?:/{_PATH})?", re.IGNORECASE),
    "four numbers": re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"),
    "email": re.compile(r"[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE),
    "mention": re.compile(r"(?<!\w)@[a-z0-9_]{2,32}(?!\w)", re.IGNORECASE),
    "hashtag": re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w+"),
    "cashtag": re.compile(r"(?<![$\w])\$(?:1INCH|[A-Z]{1,8})(?![$\w])"),
    "bot_command": re.compile(r"(?<![^\W²]|[/<>])/[a-z0-9_]{1,64}(?:@[a-z0-9_]{3,32})?(?![\w/<>])", re.IGNORECASE),
    "phone_number": re.compile(r"(?<!\w)\+\d{1,3} ?\(?\d{2,4}\)?(?:[ -]?\d{2,4}){1,3}(?!\w)"),
}
HELD = {"code", "pre", "text_link"}  # what begins in one of these is not made a link


def links_in(text: str, entities: list[dict[str, Any]]) -> list[str]:
    """What a client makes links of in a bot's message, besides the links that its entities are."""
    places = [0]
    for character in text:
        places.append(places[-1] + units(character))
    held = [(item["offset"], item["offset"] + item["length"]) for item in entities if item["type"] in HELD]
    found = (match for finder in LINKED.values() for match in finder.finditer(text))
    return [match.group() for match in found if not any(start <= places[match.start()] < end for start, end in held)]


def found_entities(text: str) -> list[dict[str, Any]]:
    """Entities in order; what lies within an earlier kind's is not found again."""
    taken: list[tuple[int, int]] = []
    entities = []
    for kind, finder in FINDERS.items():
        for match in finder.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end in taken):
                taken.append(match.span())
                entities.append({"type": kind, "offset": units(text[: match.start()]), "length": units(match.group())})
    return sorted(entities, key=lambda entity: entity["offset"])
