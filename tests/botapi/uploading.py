"""Sending files as a person does in a private chat, and reading the bot's report."""

from botapi.records import Chat, Message
from botapi.server import BotApi


def upload(api: BotApi, chat: Chat, name: str, data: bytes, **extra: object) -> Message:
    """The bot's first message after an upload by the person whose chat it is."""
    assert chat.person is not None
    before = len(api.sent(chat))
    api.upload(chat, chat.person, name, data, "application/octet-stream", **extra)  # type: ignore[arg-type]
    return api.wait_sent(chat, before + 1)[before]


def report(api: BotApi, chat: Chat, message: Message) -> str:
    """The report that takes the place of the message that says that something is read."""

    def found() -> str:
        now = next(each for each in api.messages(chat) if each.id == message.id)
        return now.text if now.text.startswith("Added") else ""

    return api.wait_for(found, 20)
