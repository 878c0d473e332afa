"""Reading an update's JSON before PTB does: where it comes from, and in which lane it is served."""

import re
from collections.abc import Hashable
from typing import Any

from bot.telegram.inbox import Stored

MESSAGES = ("message", "edited_message")
STOP = "stop"  # what the Stop button says
REALLY_REMOVE = "d"  # how what the button says begins that takes an article out
LINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)


def raw_message_of(stored: Stored) -> dict[str, Any]:
    """The message of an update, new or edited; empty if it has none."""
    for name in MESSAGES:
        found = stored.payload.get(name)
        if isinstance(found, dict):
            return found
    return {}


def chat_of(stored: Stored) -> int:
    """The chat that an update comes from; 0 if it names none."""
    payload = stored.payload
    for part in (
        raw_message_of(stored),
        payload.get("callback_query"),
        payload.get("my_chat_member"),
        payload.get("stopped_message_generation"),
    ):
        if isinstance(part, dict) and part:
            inner = part.get("message") if "chat" not in part else part
            chat = inner.get("chat") if isinstance(inner, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return 0


def command_of(text: Any, *, username: str | None = None) -> str:
    """The command that a message's text begins with, without its slash; none if it is for another bot than the one named."""
    first = next(iter(text.split()), "") if isinstance(text, str) else ""
    name, _, bot = first.lower().partition("@")
    ours = not bot or username is None or bot == username.lower()
    return name[1:] if name.startswith("/") and ours else ""


def brings_articles(message: dict[str, Any]) -> bool:
    """Whether a private message brings articles in: a file, /add, or links and nothing else."""
    chat, text = message.get("chat"), message.get("text")
    private = isinstance(chat, dict) and chat.get("type") == "private"
    links = isinstance(text, str) and only_links(text)
    return private and (isinstance(message.get("document"), dict) or command_of(text) == "add" or bool(links))


def is_question(stored: Stored) -> bool:
    """Whether an update may be a question: words that are no command."""
    message = raw_message_of(stored)
    return bool(message.get("text") or message.get("caption")) and not (
        command_of(message.get("text")) or brings_articles(message)
    )


def only_links(text: str) -> list[str]:
    """The links of a text that holds nothing else; empty if it does."""
    words = text.split()
    return words if words and all(LINK.fullmatch(word) for word in words) else []


def lane_of(stored: Stored) -> Hashable:
    """What is said in a chat is one lane; its buttons, its articles and what takes articles out are others.

    What stops something waits for nothing.
    """
    message, query = raw_message_of(stored), stored.payload.get("callback_query")
    if command_of(message.get("text")) == "cancel" or "stopped_message_generation" in stored.payload:
        return ("now", stored.update_id)
    if isinstance(query, dict):
        data = str(query.get("data"))
        if data == STOP:
            return ("now", stored.update_id)
        return ("removals" if data.startswith(f"{REALLY_REMOVE}:") else "buttons", chat_of(stored))
    return ("articles" if brings_articles(message) else "chat", chat_of(stored))
