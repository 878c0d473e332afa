"""The fault script: what goes wrong with which call, how often, and from when on."""

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

HTML_BODY = "<html><head><title>{code}</title></head><body><center><h1>{code}</h1></center><hr>nginx</body></html>"
DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


@dataclass(frozen=True)
class Fault:
    """What happens to one call: `seconds` of waiting `when`, whether it acts, and how it ends."""

    ending: Literal["answer", "status", "reset", "truncated", "garbled", "hang"] = "answer"
    acts: bool = True
    seconds: float = 0.0
    when: Literal["before", "after"] = "before"
    code: int = 200
    body: str | dict[str, Any] = ""


def retry_after(seconds: int) -> Fault:
    """Answer 429 and how many seconds to wait, and do not act."""
    return status(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def status(code: int, description: str | None = None, **parameters: Any) -> Fault:
    """Answer an HTTP status instead of acting; without a known description the body is the HTML of a proxy, as with 502."""
    description = description or DESCRIPTIONS.get(code)
    if description is None:
        return Fault("status", acts=False, code=code, body=HTML_BODY.format(code=code))
    answer = {"ok": False, "error_code": code, "description": description}
    return Fault("status", acts=False, code=code, body=answer | ({"parameters": parameters} if parameters else {}))


def delay_before(seconds: float) -> Fault:
    """Wait, then act and answer."""
    return Fault(seconds=seconds)


def delay_after(seconds: float) -> Fault:
    """Act at once, answer late."""
    return Fault(seconds=seconds, when="after")


def reset_before() -> Fault:
    """Reset the connection without acting."""
    return Fault("reset", acts=False)


def reset_after() -> Fault:
    """Act, then reset the connection instead of answering."""
    return Fault("reset")


def truncated() -> Fault:
    """Act, then break off in the middle of the body."""
    return Fault("truncated")


def garbled() -> Fault:
    """Act, then answer half of the JSON as if it were all."""
    return Fault("garbled")


def hang() -> Fault:
    """Never act and never answer until the server closes."""
    return Fault("hang", acts=False)


@dataclass
class Rule:
    """One line of the script; `times` None means for ever, `after` lets that many matching calls pass first."""

    method: str
    fault: Fault
    chat_id: int | None = None
    times: int | None = 1
    after: int = 0
    stopped: bool = False

    def stop(self) -> None:
        """Let calls pass again."""
        self.stopped = True

    def take(self, method: str, chat_id: Any) -> bool:
        """Whether it strikes this call; counts it."""
        if self.method.lower() not in {"*", method.lower()} or self.chat_id not in {None, chat_id}:
            return False
        if self.stopped or self.times == 0:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        return True


@dataclass
class Script:
    """All rules in the order in which they were written; the first that matches strikes."""

    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """The fault of a call, or None."""
        with self.lock:
            return next((rule.fault for rule in self.rules if rule.take(method, chat_id)), None)
