"""A strict server for tests that speaks OpenAI's chat completions over real HTTP: it refuses what OpenAI refuses.

    with ChatServer(model) as server:       # model: a function of the messages; or server.script(text("…"), error(429), …)
        ChatOpenAI(base_url=server.url, …)

A request that gives the model tools, or that nothing was scripted for, makes the test fail at the end of the block.
"""

import json
from typing import Any

from chatapi import replies
from chatapi.asked import Refused, Request, contents, refuse
from chatapi.replies import Model, Reply
from chatapi.service import Service

ROLES = ("system", "developer", "user", "assistant")
THINKERS = ("o1", "o3", "o4", "gpt-5")  # models that take max_completion_tokens only, and no temperature but 1
NUMBER = (int, float)
TYPES: dict[str, Any] = {
    "model": str,
    "messages": list,
    "stream": bool,
    "stream_options": dict,
    "max_tokens": int,
    "max_completion_tokens": int,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "presence_penalty": NUMBER,
    "frequency_penalty": NUMBER,
    "n": int,
    "seed": int,
    "stop": (str, list),
    "user": str,
    "store": bool,
    "metadata": dict,
    "logprobs": bool,
    "logit_bias": dict,
    "response_format": dict,
    "reasoning_effort": str,
    "verbosity": str,
    "service_tier": str,
    "tools": list,
    "tool_choice": (str, dict),
    "parallel_tool_calls": bool,
    "functions": list,
}


class ChatServer(Service):
    """The server while it is entered.

    `key` is the API key that it wants, `models` those it knows (any, if none is named), `context` the tokens it can read.
    """

    kind = "text/event-stream"

    def __init__(self, model: Model | None = None, *, context: int = 0, **more: Any) -> None:
        super().__init__(model, **more)
        self.context = context

    @property
    def url(self) -> str:
        """Its base address."""
        return f"{self.root}/v1"

    def other(self, path: str, body: dict[str, Any]) -> Any | None:
        """The list of models; the rest is unknown to it."""
        if path == "/v1/chat/completions" and body:
            return None
        if path != "/v1/models":
            raise Refused(replies.error(404, code="unknown_url", message=f"Unknown request URL: {path}."))
        names = self.models or ("scripted",)
        return {"object": "list", "data": [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in names]}

    def read(self, request: Request) -> None:
        """Check every parameter as OpenAI does."""
        body = request.body
        for name, value in body.items():
            _check(name, value)
        for name in ("model", "messages"):
            if not body.get(name):
                raise Refused(replies.error(400, message=f"Missing required parameter: '{name}'."))
        request.messages = contents(body["messages"], ROLES)
        request.most = body.get("max_completion_tokens", body.get("max_tokens"))
        request.stream = body.get("stream") or False
        _check_model(body)
        if self.models and body["model"] not in self.models:
            raise Refused(replies.error(code="model_not_found"))
        if self.context and request.tokens + (request.most or 0) > self.context:
            raise Refused(replies.error(code="context_length_exceeded"))

    def error(self, reply: Reply) -> dict[str, Any]:
        """The body of an error."""
        return replies.error_body(reply)

    def opening(self, request: Request, reply: Reply) -> list[str]:
        """The chunk with the role."""
        return [_chunk(request, {"role": "assistant", "content": "", "refusal": None})]

    def piece(self, request: Request, reply: Reply, words: str) -> str:
        """A chunk with some words."""
        return _chunk(request, {"refusal" if reply.declines else "content": words})

    def ending(self, request: Request, reply: Reply) -> list[str]:
        """The chunk with the reason, that with the usage if it was asked for, and the mark of the end."""
        chunks = [_chunk(request, {}, finish=reply.finish)]
        if _wants_usage(request) and reply.usage:
            chunks.append(_event({**_head(request), "choices": [], "usage": self._usage(request, reply)}))
        return [*chunks, "data: [DONE]\n\n"]

    def broken(self, reply: Reply) -> str:
        """An error inside a stream."""
        return _event(replies.error_body(reply))

    def whole(self, request: Request, reply: Reply) -> dict[str, Any]:
        """The answer to a request without `stream`."""
        said = "".join(reply.pieces)
        message = {"role": "assistant", "content": None if reply.declines else said, "refusal": said if reply.declines else None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}
        usage = {"usage": self._usage(request, reply)} if reply.usage else {}
        return {**_head(request), "object": "chat.completion", "choices": [choice], **usage}

    def _usage(self, request: Request, reply: Reply) -> dict[str, int]:
        read, written = self.usage(request, reply)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _check(name: str, value: Any) -> None:
    if name not in TYPES:
        raise Refused(replies.error(400, message=f"Unrecognized request argument supplied: {name}"))
    if value is None:
        return
    if not isinstance(value, TYPES[name]) or (isinstance(value, bool) and TYPES[name] is not bool):
        refuse(name, str(TYPES[name]))
    if name in {"max_tokens", "max_completion_tokens", "n"} and value < 1:
        refuse(name, "at least 1")
    if name == "temperature" and not 0 <= value <= 2:
        refuse(name, "0 to 2")


def _check_model(body: dict[str, Any]) -> None:
    options = body.get("stream_options")
    if options is not None and (not body.get("stream") or not set(options) <= {"include_usage", "include_obfuscation"}):
        refuse("stream_options", "include_usage, and only with stream")
    if "max_tokens" in body and "max_completion_tokens" in body:
        raise Refused(
            replies.error(400, message="Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
        )
    if not body["model"].startswith(THINKERS):
        return
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        raise Refused(replies.error(400, code="unsupported_parameter", message=message))
    if body.get("temperature", 1) != 1:
        message = (
            "Unsupported value: 'temperature' does not support this value with this model. Only the default (1) is supported."
        )
        raise Refused(replies.error(400, code="unsupported_value", message=message))


def _wants_usage(request: Request) -> bool:
    return bool((request.body.get("stream_options") or {}).get("include_usage"))


def _head(request: Request) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{id(request):x}",
        "object": "chat.completion.chunk",
        "created": 1750000000,
        "model": request.body["model"],
        "system_fingerprint": "fp_tests",
    }


def _chunk(request: Request, delta: dict[str, Any], finish: str | None = None) -> str:
    usage = {"usage": None} if _wants_usage(request) else {}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event({**_head(request), "choices": [choice], **usage})


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"
