"""What the server keeps and hands to tests: people, chats, messages, calls, drafts, and a refusal."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

Params = dict[str, Any]
SUPERGROUPS_BELOW = -1_000_000_000_000


class Refusal(Exception):
    """What Telegram answers with an error code and a description, and perhaps `parameters`."""

    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def refuse(description: str, code: int = 400, **parameters: Any) -> NoReturn:
    """Raise the Refusal; that of code 400 is a "Bad Request: "."""
    raise Refusal(f"Bad Request: {description}" if code == 400 else description, code, **parameters)


@dataclass(frozen=True)
class Person:
    """An account of Telegram, a person's or a bot's."""

    id: int
    first_name: str = "Ada"
    username: str | None = None
    is_bot: bool = False
    language_code: str | None = None

    def wire(self) -> dict[str, Any]:
        """As the Bot API writes a User."""
        shown = {"username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | _given(shown)


@dataclass(frozen=True)
class Chat:
    """A private chat, a basic group or a supergroup."""

    id: int
    type: str
    title: str | None = None
    person: Person | None = None
    forum: bool = False

    def wire(self) -> dict[str, Any]:
        """As the Bot API writes a Chat."""
        if self.person:
            return {"id": self.id, "type": self.type} | _given(
                {"first_name": self.person.first_name, "username": self.person.username}
            )
        return {"id": self.id, "type": self.type, "title": self.title} | ({"is_forum": True} if self.forum else {})

    @property
    def private(self) -> bool:
        """Whether it is a person's chat with the bot."""
        return self.type == "private"


@dataclass(frozen=True)
class Message:
    """A message as it stands in a chat; `extra` are further fields of the wire, `update_id` is of the update that brought it."""

    id: int
    chat: Chat
    sender: Person
    from_bot: bool
    date: int
    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    reply_markup: dict[str, Any] | None = None
    reply_to_message_id: int | None = None
    message_thread_id: int | None = None
    edited: bool = False
    link_preview_disabled: bool = False
    document: dict[str, Any] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    update_id: int | None = None

    @property
    def chat_id(self) -> int:
        """The id of its chat."""
        return self.chat.id

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """All inline buttons below it, row by row."""
        return [button for row in (self.reply_markup or {}).get("inline_keyboard", []) for button in row]

    def marked(self, kind: str) -> list[str]:
        """The stretches of its text that have an entity of a kind."""
        units = self.text.encode("utf-16-le")
        spans = [(item["offset"], item["offset"] + item["length"]) for item in self.entities if item["type"] == kind]
        return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in spans]


@dataclass(frozen=True)
class Call:
    """One call of the bot: `status` is None until it is answered and 0 when it never will be, times are monotonic seconds."""

    method: str
    params: Params
    time: float
    status: int | None = None
    ended: float | None = None


@dataclass(frozen=True)
class Draft:
    """One frame of a message while it is being written."""

    chat_id: int
    draft_id: int
    text: str
    entities: list[dict[str, Any]]
    can_stop: bool
    time: float


@dataclass(frozen=True)
class Action:
    """One chat action, such as typing."""

    chat_id: int
    action: str
    message_thread_id: int | None
    time: float


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
