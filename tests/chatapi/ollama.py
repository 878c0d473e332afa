"""A strict server for tests that speaks Ollama's own protocol: `ChatOllama(base_url=server.url, …)`."""

import json
from typing import Any

from chatapi import replies
from chatapi.asked import Refused, Request, contents, refuse
from chatapi.replies import Reply
from chatapi.service import Service

ROLES = ("system", "user", "assistant")
WHEN = "2025-06-15T14:26:40.000000Z"
WHOLE = ("num_ctx", "num_predict", "num_keep", "num_gpu", "num_thread", "num_batch", "seed", "top_k", "repeat_last_n", "mirostat")
PARTS = ("temperature", "top_p", "tfs_z", "typical_p", "repeat_penalty", "mirostat_tau", "mirostat_eta", "min_p")
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}


class OllamaServer(Service):
    """The server while it is entered; `models` are those that were pulled (any, if none is named), `key` as for ChatServer.

    What a request says of the model's context is in `request.options`; compare it to `request.tokens`, since the real server
    silently leaves out the beginning of what is longer.
    """

    kind = "application/x-ndjson"

    @property
    def url(self) -> str:
        """Its address."""
        return self.root

    def other(self, path: str, body: dict[str, Any]) -> Any | None:
        """What it has, and what it knows of a model."""
        if path == "/api/chat" and body:
            return None
        if path == "/api/version":
            return {"version": "0.9.0"}
        if path == "/api/tags":
            return {"models": [_listed(name) for name in self.models or ("scripted:latest",)]}
        if path != "/api/show":
            raise Refused(replies.error(404, message="404 page not found", raw="404 page not found"))
        self._find(body.get("model") or body.get("name"))
        return {
            "modified_at": WHEN,
            "template": "{{ .Prompt }}",
            "modelfile": "FROM scripted",
            "details": DETAILS,
            "model_info": {"general.architecture": "llama", "llama.context_length": 8192},
            "capabilities": ["completion"],
        }

    def read(self, request: Request) -> None:
        """Check every parameter as Ollama does; unlike it, refuse to be asked nothing."""
        body = request.body
        for name, kind in (
            ("model", str),
            ("stream", bool),
            ("options", dict),
            ("keep_alive", (str, int, float)),
            ("think", (bool, str)),
        ):
            if body.get(name) is not None and not isinstance(body[name], kind):
                refuse(name, str(kind))
        request.messages = contents(body.get("messages"), ROLES)
        request.options = body.get("options") or {}
        request.most = request.options.get("num_predict")
        request.stream = body.get("stream", True)
        self._find(body.get("model"))
        for name, value in request.options.items():
            kind = int if name in WHOLE else (int, float) if name in PARTS else object
            if value is not None and (not isinstance(value, kind) or (kind is not object and isinstance(value, bool))):
                raise Refused(
                    replies.error(400, message=f'option "{name}" must be of type {"integer" if kind is int else "float32"}')
                )

    def error(self, reply: Reply) -> dict[str, Any]:
        """The body of an error."""
        return {"error": reply.message}

    def opening(self, request: Request, reply: Reply) -> list[str]:
        """Nothing."""
        return []

    def piece(self, request: Request, reply: Reply, words: str) -> str:
        """A line with some words."""
        return _line({**_head(request), "message": {"role": "assistant", "content": words}, "done": False})

    def ending(self, request: Request, reply: Reply) -> list[str]:
        """The line with the reason and the usage."""
        return [_line({**_head(request), "message": {"role": "assistant", "content": ""}, **self._end_of(request, reply)})]

    def broken(self, reply: Reply) -> str:
        """An error inside a stream."""
        return _line({"error": reply.message})

    def whole(self, request: Request, reply: Reply) -> dict[str, Any]:
        """The answer to a request without `stream`."""
        message = {"role": "assistant", "content": "".join(reply.pieces)}
        return {**_head(request), "message": message, **self._end_of(request, reply)}

    def _find(self, name: Any) -> None:
        if not isinstance(name, str) or not name:
            raise Refused(replies.error(400, message="model is required"))
        if self.models and not {name, f"{name}:latest"} & set(self.models):
            raise Refused(replies.error(404, message=f"model '{name}' not found"))

    def _end_of(self, request: Request, reply: Reply) -> dict[str, Any]:
        read, written = self.usage(request, reply)
        counted = {"prompt_eval_count": read, "eval_count": written} if reply.usage else {}
        times = {
            "total_duration": 5_000_000,
            "load_duration": 1_000_000,
            "prompt_eval_duration": 1_000_000,
            "eval_duration": 3_000_000,
        }
        return {"done_reason": reply.finish, "done": True, **times, **counted}


def _head(request: Request) -> dict[str, Any]:
    return {"model": request.body["model"], "created_at": WHEN}


def _listed(name: str) -> dict[str, Any]:
    return {"name": name, "model": name, "modified_at": WHEN, "size": 2_019_393_189, "digest": "a" * 64, "details": DETAILS}


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content) + "\n"
