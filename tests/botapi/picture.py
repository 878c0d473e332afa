"""A message as Telegram's clients show it, drawn in text for the README."""

import textwrap

from botapi.records import Message

WIDTH = 76


def draw(message: Message) -> str:
    """The text in a frame, the quote behind a bar, and the buttons below."""
    units = message.text.encode("utf-16-le")
    (quote,) = [each for each in message.entities if each["type"] == "expandable_blockquote"]
    start, end = 2 * quote["offset"], 2 * (quote["offset"] + quote["length"])
    parts = [(units[:start], ""), (units[start:end], "▎ "), (units[end:], "")]
    lines = [line for part, bar in parts for line in _wrapped(part.decode("utf-16-le").strip("\n"), bar)]
    framed = [f"│ {line:<{WIDTH}} │" for line in lines]
    rows = [_row([button["text"] for button in row]) for row in message.reply_markup["inline_keyboard"]]
    return "\n".join([f"╭{'─' * (WIDTH + 2)}╮", *framed, f"╰{'─' * (WIDTH + 2)}╯", *rows])


def _wrapped(text: str, bar: str) -> list[str]:
    """The lines of a text, each behind a bar; an empty line before the quote."""
    lines = [line for paragraph in text.split("\n") for line in (textwrap.wrap(paragraph, WIDTH - len(bar)) or [""])]
    return [f"{bar}{line}".rstrip() for line in lines] if text else []


def _row(labels: list[str]) -> str:
    """Buttons side by side, as wide as the frame together."""
    width = (WIDTH + 4) // len(labels)
    return "".join(f"[{label:^{width - 2}}]" for label in labels)
