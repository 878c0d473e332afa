"""What a scripted chat model does with one request: it speaks, refuses, breaks off, hangs, never ends or talks rubbish."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

COUNTED = (-1, -1)  # usage as a real server counts it, here one token for a word
MANY = 60.0  # seconds: more than any test waits
RUBBISH = "<html><body>It works!</body></html>"

# Status, type and message of the errors by OpenAI's code; what has no code there is named by its status.
ERRORS: dict[str, tuple[int, str, str]] = {
    "context_length_exceeded": (
        400,
        "invalid_request_error",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    ),
    "invalid_api_key": (401, "invalid_request_error", "Incorrect API key provided: sk-****wxyz."),
    "model_not_found": (
        404,
        "invalid_request_error",
        "The model `no-such-model` does not exist or you do not have access to it.",
    ),
    "insufficient_quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "rate_limit_exceeded": (429, "requests", "Rate limit reached for requests. Please try again later."),
    "content_filter": (
        400,
        "invalid_request_error",
        "The response was filtered due to the prompt triggering the content policy.",
    ),
    "server_error": (500, "server_error", "The server had an error while processing your request. Sorry about that!"),
    "overloaded": (503, "server_error", "The engine is currently overloaded, please try again later."),
}
NAMELESS = {429: "rate_limit_exceeded", 401: "invalid_api_key", 404: "model_not_found", 503: "overloaded"}

Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server; made by the functions below.

    `ending` is "whole", or what happens after the pieces instead of the proper end: "close" and "reset" the connection, an
    "early" end of the HTTP answer that looks proper, an "error" in the stream, "hang" for `seconds`, or "endless": all again.
    """

    pieces: tuple[str, ...] = ()
    pause: float = 0.0
    before: float = 0.0
    finish: str = "stop"
    usage: tuple[int, int] | None = COUNTED
    ending: str = "whole"
    seconds: float = 0.0
    declines: bool = False
    status: int = 200
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    raw: str | None = None


Model = Callable[[Messages], "Reply | str"]


def text(  # noqa: PLR0913 - each is a thing that a test says, by its name
    words: str,
    *,
    pieces: int | Sequence[str] | None = None,
    pause: float = 0.0,
    before: float = 0.0,
    finish: str = "stop",
    usage: tuple[int, int] | None = COUNTED,
) -> Reply:
    """An answer, by words unless `pieces` gives a number of characters or the pieces themselves; times in seconds.

    `finish` is "stop", "length" or "content_filter"; `usage` tokens read and written, None for a server that does not say.
    """
    return Reply(_cut(words, pieces), pause, before, finish, usage)


def error(  # noqa: PLR0913 - as for text
    status: int = 0,
    *,
    code: str = "",
    message: str = "",
    retry_after: float | None = None,
    raw: str | None = None,
    before: float = 0.0,
) -> Reply:
    """An HTTP error by its status, its code (see ERRORS) or both; `raw` is a body that is not the provider's."""
    code = code or NAMELESS.get(status, "server_error" if status >= 500 else "")
    usual, _, words = ERRORS.get(code, (status or 500, "invalid_request_error", "The request was refused."))
    return Reply(status=status or usual, code=code, message=message or words, retry_after=retry_after, raw=raw, before=before)


def cut(after: str = "", how: str = "close", *, pause: float = 0.0) -> Reply:
    """Half an answer, then `how` it breaks off: "close", "reset", "early" (as if all were well) or "error" (in the stream)."""
    assert how in {"close", "reset", "early", "error"}
    return Reply(_cut(after), pause, ending=how, code="server_error", message=ERRORS["server_error"][2])


def endless(words: str = "and so on ", *, pause: float = 0.001) -> Reply:
    """The same words again and again, until the client goes."""
    return Reply(_cut(words), pause, ending="endless")


def hang(seconds: float = MANY, *, after: str = "") -> Reply:
    """Silence, from the beginning or after some words; at its end the connection is closed."""
    return Reply(_cut(after), ending="hang", seconds=seconds)


def garbage(raw: str = RUBBISH) -> Reply:
    """A body that is no answer, with status 200; one that begins with "data:" or "{" comes as the provider's own kind."""
    return Reply(raw=raw)


def refusal(words: str = "I'm sorry, but I can't help with that.") -> Reply:
    """The model declines, in the field that is there for it; Ollama has none and says it as text."""
    return Reply(_cut(words), declines=True)


def empty(finish: str = "stop") -> Reply:
    """A proper answer that has no text."""
    return Reply(finish=finish)


def error_body(reply: Reply) -> dict[str, Any]:
    """The body of an error as OpenAI has it."""
    kind = ERRORS.get(reply.code, (0, "invalid_request_error", ""))[1]
    return {"error": {"message": reply.message, "type": kind, "param": None, "code": reply.code or None}}


def _cut(words: str, pieces: int | Sequence[str] | None = None) -> tuple[str, ...]:
    if pieces is None:
        return tuple(re.findall(r"\s*\S+\s*|\s+", words))
    if isinstance(pieces, int):
        return tuple(words[at : at + pieces] for at in range(0, len(words), pieces))
    assert "".join(pieces) == words
    return tuple(pieces)
