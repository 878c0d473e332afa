"""What a chat server is asked: the record of a request, and the checks that both dialects share."""

import json
import time
from dataclasses import dataclass, field
from typing import Any, NoReturn

from chatapi import replies
from chatapi.replies import Messages, Reply


class Refused(Exception):
    """The real server would refuse this request."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.message)
        self.reply = reply


@dataclass(slots=True)
class Request:
    """A chat request: as it came, how it was answered (`status`, and `sent` with times), and whether its client has `gone`."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)
    messages: Messages = field(default_factory=list)
    most: int | None = None
    stream: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    sent: list[tuple[float, str]] = field(default_factory=list)
    gone: bool = False
    done: bool = False

    @property
    def system(self) -> str:
        """The system message."""
        return "\n".join(message["content"] for message in self.messages if message["role"] in {"system", "developer"})

    @property
    def prompt(self) -> str:
        """The last message of the person."""
        return [message["content"] for message in self.messages if message["role"] == "user"][-1]

    @property
    def tokens(self) -> int:
        """About as many tokens as its messages have."""
        return sum(len(message["content"]) for message in self.messages) // 4


def contents(messages: Any, roles: tuple[str, ...]) -> Messages:
    """The messages of a request with their text, or Refused for what no server takes."""
    if not isinstance(messages, list) or not messages:
        raise Refused(replies.error(400, message="Invalid 'messages': empty array. Expected an array with minimum length 1."))
    return [_message(message, number, roles) for number, message in enumerate(messages)]


def refuse(name: str, wanted: str) -> NoReturn:
    """Refuse a parameter of a wrong type or value."""
    raise Refused(replies.error(400, message=f"Invalid value for '{name}': expected {wanted}."))


def _message(message: Any, number: int, roles: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(message, dict):
        refuse(f"messages[{number}]", "an object")
    if message.get("role") not in roles:
        refuse(f"messages[{number}].role", f"one of {roles}")
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
        content = "".join(part["text"] for part in content)
    if not isinstance(content, str):
        refuse(f"messages[{number}].content", "a string")
    return {"role": message["role"], "content": content}


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused(replies.error(400, message="We could not parse the JSON body of your request."))
    return found
