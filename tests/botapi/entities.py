"""What Telegram finds in a person's text by itself: commands, mentions and addresses, measured in UTF-16 units."""

import re
from typing import Any

from botapi.rules import units

FINDERS = {
    "url": re.compile(r"https?://\S+"),
    "bot_command": re.compile(r"(?<![\w/@<])/[A-Za-z0-9_]{1,32}(@[A-Za-z][A-Za-z0-9_]{2,31})?(?![\w/])"),
    "mention": re.compile(r"(?<![\w/@.])@[A-Za-z][A-Za-z0-9_]{2,31}"),
}


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
