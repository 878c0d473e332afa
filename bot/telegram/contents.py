"""From what is shown to what is sent: a message as Telegram takes it, in as many parts as it needs."""

from collections.abc import Sequence

from bot.telegram.outbox import Content, Owed, Place
from bot.telegram.richtext import RichText, entities
from bot.telegram.shown import Button, Rows, Shown
from bot.telegram.splitting import split


def contents(shown: Shown, *, topic: int = 0, reply_to: int = 0) -> list[Content]:
    """The parts of a message; the first one is the reply, the last one has the buttons."""
    parts = split(shown.text)
    last = len(parts) - 1
    return [
        Content(
            text=part.text,
            entities=tuple(entities(part)),
            buttons=buttons(shown.buttons) if number == last else (),
            topic=topic,
            reply_to=reply_to if number == 0 else 0,
        )
        for number, part in enumerate(parts)
    ]


def plain(text: str | RichText, *rows: tuple[Button, ...], topic: int = 0, reply_to: int = 0) -> Content:
    """One short message of our own words, and names in it."""
    rich = text if isinstance(text, RichText) else RichText(text)
    (content,) = contents(Shown(rich, rows), topic=topic, reply_to=reply_to)
    return content


def buttons(rows: Rows) -> tuple[tuple[dict[str, str], ...], ...]:
    """Rows of buttons as Telegram names their parts."""
    return tuple(tuple(_button(each) for each in row) for row in rows)


def owed(place: Place, parts: Sequence[Content], *, first: int = 0, exchange: int | None = None) -> list[Owed]:
    """The parts of a message as they are written down, numbered from `first`."""
    numbered = enumerate(parts, start=first)
    return [Owed(place.update_id, number, place.chat, place.person, content, exchange=exchange) for number, content in numbered]


def _button(button: Button) -> dict[str, str]:
    return {"text": button.label} | ({"url": button.url} if button.url else {"callback_data": button.data})
