"""What can go wrong in a call of a chat model, told alike for all providers, from whatever their libraries raise."""

import datetime
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from retrieval.passages import Shortfall

# Kinds that often pass by themselves. Silence is none: whoever has waited for that long should not wait as long again.
_PASSING = {Shortfall.UNREACHABLE, Shortfall.BUSY, Shortfall.FAILING}

_TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum context|exceeds the (available )?context|too many (input )?tokens|token limit"
    r"|(prompt|input|request) is too (long|large)|maximum (number of tokens|prompt length)|input tokens exceed",
    re.IGNORECASE,
)
_SPENT = re.compile(r"insufficient.?(quota|balance|credit|fund)|credit balance", re.IGNORECASE)
_IN_WORDS = (
    (_SPENT, Shortfall.BUSY),
    (re.compile(r"content.?filter|content management policy|content.?policy", re.IGNORECASE), Shortfall.DECLINED),
    (re.compile(r"api.?key (is )?(not valid|invalid)|(invalid|incorrect) api.?key", re.IGNORECASE), Shortfall.UNAUTHORISED),
    (re.compile(r"\bmodel\b.{0,80}(not found|not exist|not a valid)|not a valid model", re.IGNORECASE), Shortfall.UNKNOWN_MODEL),
)

_BAD_REQUEST, _NOT_PAID, _SERVER_ERROR, _NO_STATUS = 400, 402, 500, 600
_BY_STATUS = {
    401: Shortfall.UNAUTHORISED,
    _NOT_PAID: Shortfall.BUSY,
    403: Shortfall.UNAUTHORISED,
    404: Shortfall.UNKNOWN_MODEL,
    408: Shortfall.TIMEOUT,
    413: Shortfall.TOO_LONG,
    429: Shortfall.BUSY,
}
_CLEAR = set(_BY_STATUS) - {408, 413}
_SERVER_ERRORS = ("ModelAPIError", "APIError", "ResponseError")  # the last two of OpenAI and Ollama, in a stream without a status

# Classes of exceptions by name, for their libraries are not imported here: LangChain's, then those of HTTP clients and of Python.
_BY_NAME = {
    "ContextOverflowError": Shortfall.TOO_LONG,
    "ModelRefusalError": Shortfall.DECLINED,
    "ModelAuthenticationError": Shortfall.UNAUTHORISED,
    "ModelPermissionDeniedError": Shortfall.UNAUTHORISED,
    "ModelNotFoundError": Shortfall.UNKNOWN_MODEL,
    "ModelRateLimitError": Shortfall.BUSY,
    "ModelAPIError": Shortfall.FAILING,
    "ConnectTimeout": Shortfall.UNREACHABLE,
    "ModelTimeoutError": Shortfall.TIMEOUT,
    "APITimeoutError": Shortfall.TIMEOUT,
    "TimeoutException": Shortfall.TIMEOUT,
    "TimeoutError": Shortfall.TIMEOUT,
    "ModelConnectionError": Shortfall.UNREACHABLE,
    "APIConnectionError": Shortfall.UNREACHABLE,
    "TransportError": Shortfall.UNREACHABLE,
    "NetworkError": Shortfall.UNREACHABLE,
    "ProtocolError": Shortfall.UNREACHABLE,
    "ClientConnectionError": Shortfall.UNREACHABLE,
    "ClientPayloadError": Shortfall.UNREACHABLE,
    "OSError": Shortfall.UNREACHABLE,
}


class ChatStopped(Exception):
    """Whoever asked has called it off."""


class ChatFailure(Exception):
    """A call has given nothing, or not all of it: `kind` says why, `retry_after` how many seconds the provider wants to rest.

    It holds nothing of what a provider has said, which may repeat the prompt or the key; `cause` names its class and status.
    """

    def __init__(
        self, kind: Shortfall, retry_after: float | None = None, *, retryable: bool | None = None, cause: str = ""
    ) -> None:
        super().__init__(f"{kind} ({cause})" if cause else str(kind))
        self.kind, self.retry_after, self.cause = kind, retry_after, cause
        self.retryable = kind in _PASSING if retryable is None else retryable


def failure_of(error: BaseException) -> ChatFailure:
    """What an exception means that a model's library has raised."""
    if isinstance(error, ChatFailure):
        return error
    chain = list(_chain(error))
    said = " ".join(f"{each} {getattr(each, 'body', None) or ''}" for each in chain)
    status = next(filter(None, map(_status, chain)), None)
    kind = _kind(chain, said, status)
    cause = f"{type(error).__name__}{f', {status}' if status else ''}"
    if kind is Shortfall.BUSY:
        spent = status == _NOT_PAID or _SPENT.search(said) is not None  # which no waiting mends
        return ChatFailure(kind, None if spent else retry_after(chain), retryable=not spent, cause=cause)
    if kind is Shortfall.FAILING:
        theirs = status >= _SERVER_ERROR if status else _named(chain, *_SERVER_ERRORS)  # and not a request they cannot read
        return ChatFailure(kind, retry_after(chain), retryable=theirs, cause=cause)
    return ChatFailure(kind, cause=cause)


def retry_after(chain: list[BaseException]) -> float | None:
    """The seconds until another attempt is welcome, if the answer's head names them, as a number or as a date."""
    for error in chain:
        headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
        text = str(headers.get("retry-after") or "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            continue
        now = datetime.datetime.now(datetime.UTC)
        return max(0.0, (until if until.tzinfo else until.replace(tzinfo=datetime.UTC)).timestamp() - now.timestamp())
    return None


def _kind(chain: list[BaseException], said: str, status: int | None) -> Shortfall:
    """What is said comes before a status that says little: compatible servers call with 400 or 500 whatever is wrong."""
    if _named(chain, "ContextOverflowError") or (status not in _CLEAR and _TOO_LONG.search(said)):
        return Shortfall.TOO_LONG
    if status == _BAD_REQUEST:
        return next((kind for words, kind in _IN_WORDS if words.search(said)), Shortfall.FAILING)
    if status is not None:
        return _BY_STATUS.get(status, Shortfall.FAILING)
    names = (kind for error in chain for each in type(error).__mro__ if (kind := _BY_NAME.get(each.__name__)))
    return next(names, Shortfall.FAILING)


def _named(chain: list[BaseException], *names: str) -> bool:
    return any(each.__name__ in names for error in chain for each in type(error).__mro__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised from; those of a group are looked at for the first one."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.exceptions[0] if isinstance(current, BaseExceptionGroup) else current.__cause__


def _status(error: BaseException) -> int | None:
    """An HTTP status that an exception carries."""
    found: list[Any] = [getattr(error, name, None) for name in ("status_code", "code", "status")]
    found.append(getattr(getattr(error, "response", None), "status_code", None))
    return next((each for each in found if isinstance(each, int) and _BAD_REQUEST <= each < _NO_STATUS), None)
