"""Reading a request: its parameters come as a form, as multipart or as JSON, nested ones written as JSON."""

import email
import json
from typing import Any
from urllib.parse import parse_qsl

from botapi.records import Params, refuse

# all else is text, so that a message of "[1]" stays one
JSON_FIELDS = {
    "allowed_updates",
    "caption_entities",
    "chat_id",
    "commands",
    "can_stop",
    "disable_notification",
    "draft_id",
    "drop_pending_updates",
    "entities",
    "keep_on_stop",
    "limit",
    "link_preview_options",
    "max_connections",
    "message_id",
    "message_thread_id",
    "offset",
    "protect_content",
    "reply_markup",
    "reply_parameters",
    "scope",
    "show_alert",
    "timeout",
    "user_id",
}


def read_params(content_type: str, body: bytes, query: str = "") -> Params:
    """The parameters of a call; raises Refusal when they cannot be read."""
    try:
        given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
        given |= _read_body(content_type, body)
    except ValueError as error:
        refuse(f"can't parse the request: {error}")
    return {name: _value(name, value) for name, value in given.items()}


def _read_body(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        return dict(json.loads(body or b"{}"))
    if content_type.startswith("multipart/form-data"):
        return _read_multipart(content_type, body)
    return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))


def _read_multipart(content_type: str, body: bytes) -> dict[str, Any]:
    parsed = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    given: dict[str, Any] = {}
    parts: Any = parsed.get_payload()
    for part in parts:
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        given[name] = content if part.get_filename() else content.decode()
    return given


def _value(name: str, value: Any) -> Any:
    if name not in JSON_FIELDS or not isinstance(value, str):
        return value
    if name == "chat_id" and value.startswith("@"):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        refuse(f"can't parse {name} JSON object")
