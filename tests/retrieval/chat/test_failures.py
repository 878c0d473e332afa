"""Whatever a provider's library raises has one name here, and never a secret in it."""

import datetime
import ssl
from email.utils import format_datetime
from typing import Any

import httpx
import langchain_core.exceptions as of_langchain
import ollama
import openai
import pytest

from retrieval.chat.failures import ChatFailure, failure_of
from retrieval.passages import Shortfall

REQUEST = httpx.Request("POST", "http://127.0.0.1/v1/chat/completions")
SECRET = "sk-very-secret"  # noqa: S105 - of nobody


class StatusError(Exception):
    """As a library that nobody knows may raise it."""

    def __init__(self, message: str = "", **attributes: object) -> None:
        super().__init__(message)
        for name, value in attributes.items():
            setattr(self, name, value)


def answered(status: int, **headers: str) -> httpx.Response:
    """An answer with a status."""
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()}, request=REQUEST)


def caused(error: Exception, cause: Exception) -> Exception:
    """An exception that was raised from another."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (of_langchain.ModelAuthenticationError("x"), Shortfall.UNAUTHORISED),
        (of_langchain.ModelPermissionDeniedError("x"), Shortfall.UNAUTHORISED),
        (of_langchain.ModelNotFoundError("x"), Shortfall.UNKNOWN_MODEL),
        (of_langchain.ModelRateLimitError("x"), Shortfall.BUSY),
        (of_langchain.ModelAPIError("x"), Shortfall.FAILING),
        (of_langchain.ModelConnectionError("x"), Shortfall.UNREACHABLE),
        (of_langchain.ModelTimeoutError("x"), Shortfall.TIMEOUT),
        (of_langchain.ContextOverflowError("x"), Shortfall.TOO_LONG),
        (of_langchain.ModelRefusalError("x"), Shortfall.DECLINED),
        (of_langchain.ModelInvalidRequestError("x"), Shortfall.FAILING),
        (httpx.ConnectError("x"), Shortfall.UNREACHABLE),
        (httpx.ConnectTimeout("x"), Shortfall.UNREACHABLE),
        (httpx.ReadTimeout("x"), Shortfall.TIMEOUT),
        (httpx.ReadError("x"), Shortfall.UNREACHABLE),
        (httpx.RemoteProtocolError("x"), Shortfall.UNREACHABLE),
        (ConnectionError("x"), Shortfall.UNREACHABLE),
        (ConnectionResetError("x"), Shortfall.UNREACHABLE),
        (ssl.SSLError("x"), Shortfall.UNREACHABLE),
        (OSError("x"), Shortfall.UNREACHABLE),
        (TimeoutError("x"), Shortfall.TIMEOUT),
        (openai.APIConnectionError(request=REQUEST), Shortfall.UNREACHABLE),
        (openai.APITimeoutError(REQUEST), Shortfall.TIMEOUT),
        (ollama.ResponseError("model 'x' not found", 404), Shortfall.UNKNOWN_MODEL),
        (ollama.ResponseError("the input length exceeds the context length"), Shortfall.TOO_LONG),
        (ValueError("x"), Shortfall.FAILING),
        (caused(RuntimeError("x"), ConnectionRefusedError("y")), Shortfall.UNREACHABLE),
        (caused(RuntimeError("x"), StatusError(status_code=404)), Shortfall.UNKNOWN_MODEL),
        (ExceptionGroup("x", [ConnectionResetError("y")]), Shortfall.UNREACHABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_classes(error: Exception, kind: Shortfall) -> None:
    """What an exception's class, or that of its cause, says."""
    assert kind is failure_of(error).kind


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, Shortfall.FAILING, False),
        (401, Shortfall.UNAUTHORISED, False),
        (402, Shortfall.BUSY, False),
        (403, Shortfall.UNAUTHORISED, False),
        (404, Shortfall.UNKNOWN_MODEL, False),
        (408, Shortfall.TIMEOUT, False),
        (413, Shortfall.TOO_LONG, False),
        (422, Shortfall.FAILING, False),
        (429, Shortfall.BUSY, True),
        (500, Shortfall.FAILING, True),
        (503, Shortfall.FAILING, True),
        (529, Shortfall.FAILING, True),
    ],
)
@pytest.mark.parametrize("where", ["status_code", "code", "response"])
def test_statuses(status: int, kind: Shortfall, where: str, *, retryable: bool) -> None:
    """What an HTTP status says, wherever an exception keeps it."""
    value: Any = answered(status) if where == "response" else status

    failure = failure_of(StatusError(**{where: value}))

    assert (kind, retryable) == (failure.kind, failure.retryable)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "This model's maximum context length is 8192 tokens.", Shortfall.TOO_LONG),
        (400, "the request exceeds the available context size (4096 tokens), try increasing it", Shortfall.TOO_LONG),
        (400, "prompt is too long: 300000 tokens > 200000 maximum", Shortfall.TOO_LONG),
        (500, "input is too large to process: too many tokens", Shortfall.TOO_LONG),
        (422, "`inputs` must have less than 4096 tokens: Prompt is too long", Shortfall.TOO_LONG),
        (400, "The response was filtered due to Azure's content management policy.", Shortfall.DECLINED),
        (400, "API key not valid. Please pass a valid API key.", Shortfall.UNAUTHORISED),
        (400, "gpt-9 is not a valid model ID", Shortfall.UNKNOWN_MODEL),
        (400, "The model `gpt-9` does not exist", Shortfall.UNKNOWN_MODEL),
        (400, "Your credit balance is too low to access the API.", Shortfall.BUSY),
        (401, "too many tokens", Shortfall.UNAUTHORISED),
        (429, "Rate limit reached: too many tokens a minute", Shortfall.BUSY),
    ],
)
def test_words(status: int, message: str, kind: Shortfall) -> None:
    """Compatible servers say in words what their status does not."""
    assert kind is failure_of(StatusError(message, status_code=status)).kind


@pytest.mark.parametrize("code", ["insufficient_quota", "Insufficient Balance", "insufficient credits"])
def test_a_spent_quota_does_not_pass(code: str) -> None:
    """To wait is of no use when there is nothing left to pay with, whatever the head of the answer says."""
    failure = failure_of(StatusError(status_code=429, body={"code": code}, response=answered(429, retry_after="3")))

    assert (Shortfall.BUSY, False, None) == (failure.kind, failure.retryable, failure.retry_after)


@pytest.mark.parametrize(("text", "seconds"), [("3", 3.0), ("1.5", 1.5), ("0", 0.0), ("soon", None), ("-1", None), ("", None)])
def test_seconds_to_wait(text: str, seconds: float | None) -> None:
    """The head of the answer names seconds, or nothing that can be used."""
    failure = failure_of(StatusError(response=answered(429, retry_after=text)))

    assert (Shortfall.BUSY, seconds) == (failure.kind, failure.retry_after)


@pytest.mark.parametrize(("ahead", "least", "most"), [(90, 80, 90), (-90, 0, 0)])
def test_date_to_wait_for(ahead: int, least: float, most: float) -> None:
    """The head of the answer names a date, which may have passed."""
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=ahead)

    failure = failure_of(StatusError(response=answered(503, retry_after=format_datetime(until, usegmt=True))))

    assert failure.retry_after is not None
    assert least <= failure.retry_after <= most


def test_a_failure_is_itself() -> None:
    """What has a name keeps it."""
    failure = ChatFailure(Shortfall.DECLINED)

    assert failure is failure_of(failure)


def test_no_secret_is_kept() -> None:
    """What a provider says may hold the key or the prompt, so that nothing of it is in the failure."""
    failure = failure_of(StatusError(f"Incorrect API key provided: {SECRET}", status_code=401, body={"message": SECRET}))

    assert str(failure) == "unauthorised (StatusError, 401)"
    assert SECRET not in repr(failure) + repr(vars(failure))
    assert failure.__cause__ is None
