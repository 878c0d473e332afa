"""Why a model has ended, in the words of each provider, and what it says that it has read and written."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from retrieval.chat.failures import ChatFailure
from retrieval.passages import Shortfall, Usage

_REASONS = ("finish_reason", "stop_reason", "done_reason", "status")  # the last one is that of OpenAI's Responses
_AT_LENGTH = {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded", "incomplete"}
_DECLINED = {
    "content_filter",
    "content_filtered",
    "guardrail_intervened",
    "refusal",
    "safety",
    "recitation",
    "language",
    "blocklist",
    "prohibited_content",
    "spii",
}
_BROKEN = {"failed", "error", "cancelled"}
_TELLING = {"langchain_openai", "langchain_anthropic", "langchain_google_genai", "langchain_ollama"}


def reason_in(chunk: BaseMessage) -> str:
    """The reason for the end that a piece of an answer holds, in lower case, or nothing."""
    said = chunk.response_metadata
    if chunk.additional_kwargs.get("refusal") or _has_refusal(chunk):
        return "refusal"
    if (said.get("prompt_feedback") or {}).get("block_reason"):  # Google
        return "safety"
    reason = (said.get("incomplete_details") or {}).get("reason") or next(filter(None, map(said.get, _REASONS)), "")
    return "" if reason == "in_progress" else str(reason).lower()


def tells_its_end(model: BaseChatModel) -> bool:
    """Whether an answer of this model that ends without a reason has been cut off on its way."""
    return any(each.__module__.partition(".")[0] in _TELLING for each in type(model).__mro__)


def failure_at_end(reason: str, *, said: bool, telling: bool) -> ChatFailure | None:
    """What is wrong with an answer that has ended for this reason, in which something was said or not."""
    if reason in _DECLINED:
        return ChatFailure(Shortfall.DECLINED, cause=reason)
    if reason in _AT_LENGTH:
        return ChatFailure(Shortfall.CUT, cause=reason)
    if reason in _BROKEN or (telling and not reason):
        kind = Shortfall.CUT if said else Shortfall.UNREACHABLE
        return ChatFailure(kind, retryable=True, cause=reason or "no end")
    return None if said else ChatFailure(Shortfall.EMPTY, cause=reason)


def with_reported(usage: Usage, chunk: BaseMessage) -> Usage:
    """The usage with what a piece reports: most do so once, Google adds to it, and some servers say it all with each piece."""
    reported = getattr(chunk, "usage_metadata", None)
    if not reported:
        return usage
    new = Usage(reported.get("input_tokens") or 0, reported.get("output_tokens") or 0)
    return new if new.input_tokens >= usage.input_tokens else usage + new


def _has_refusal(chunk: BaseMessage) -> bool:
    content = chunk.content
    return isinstance(content, list) and any(isinstance(part, dict) and part.get("type") == "refusal" for part in content)
