"""What Telegram asks of a message: the laws that tests of its front end share."""

from itertools import combinations

from bot.telegram.richtext import RichText, entities
from bot.telegram.shown import Shown
from bot.telegram.splitting import split

QUOTES = {"blockquote", "expandable_blockquote"}


def check_message(rich: RichText) -> None:
    """Fail if Telegram would refuse the message or show its entities otherwise than they are given."""
    encoded = rich.text.encode("utf-16-le")
    assert len(encoded) <= 2 * 4096
    assert rich.text.strip()
    given = entities(rich)
    assert len(given) <= 100
    for entity in given:
        start, end = int(entity["offset"]), int(entity["offset"]) + int(entity["length"])
        assert 0 <= start < end <= len(encoded) // 2
        inside = encoded[2 * start : 2 * end].decode("utf-16-le")  # raises inside of a surrogate pair
        assert inside == inside.strip() != ""
        assert (entity["type"] == "text_link") == bool(entity.get("url"))
    for first, second in combinations(given, 2):
        _check_nesting(first, second)


def check_shown(shown: Shown) -> None:
    """Fail if Telegram would refuse what is shown, in as many messages as it takes."""
    parts = split(shown.text)
    assert "".join(part.text for part in parts) == shown.text.text
    for part in parts:
        check_message(part)
    for row in shown.buttons:
        assert 1 <= len(row) <= 8
        for button in row:
            assert button.label.strip()
            assert len(button.label) <= 40
            assert bool(button.data) != bool(button.url)
            assert len(button.data.encode()) <= 64


def _check_nesting(first: dict[str, str | int], second: dict[str, str | int]) -> None:
    """Two entities lie apart, or one in the other where that is allowed."""
    outer, inner = sorted((first, second), key=lambda each: -int(each["length"]))
    start, end = int(outer["offset"]), int(outer["offset"]) + int(outer["length"])
    inner_start, inner_end = int(inner["offset"]), int(inner["offset"]) + int(inner["length"])
    if inner_end <= start or end <= inner_start:
        return
    assert start <= inner_start < inner_end <= end
    assert outer["type"] != inner["type"]
    assert inner["type"] != "code" or outer["type"] in QUOTES
    assert outer["type"] != "code" or inner["type"] in QUOTES  # of the same extent
    assert not QUOTES >= {str(outer["type"]), str(inner["type"])}
