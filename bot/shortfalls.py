"""What is said of the chat model under an answer: that the words are its own, or why they are not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval import Shortfall

if TYPE_CHECKING:
    from retrieval import Answer

MODEL, TIMEOUT = "FOOTNOTE_CHAT_MODEL", "FOOTNOTE_CHAT_TIMEOUT"
ANSWER_TOKENS, DAY_TOKENS = "FOOTNOTE_CHAT_ANSWER_TOKENS", "FOOTNOTE_CHAT_DAY_TOKENS"
KEY, ADDRESS = "key", "address"  # stand for the names that the provider has for them, if it has any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a model's answer is not there, as a clause that names the `{model}`; and the settings to look at, likeliest first."""

    clause: str
    settings: tuple[str, ...]


REASONS = {
    Shortfall.UNREACHABLE: Reason("{model} cannot be reached", (ADDRESS, MODEL)),
    Shortfall.TIMEOUT: Reason("{model} was silent for too long", (TIMEOUT,)),
    Shortfall.BUSY: Reason("{model} has too much to do, or your account with its provider is used up", (KEY, MODEL)),
    Shortfall.FAILING: Reason("{model} has failed", (MODEL, ADDRESS)),
    Shortfall.UNAUTHORISED: Reason("{model} does not accept the key", (KEY, ADDRESS)),
    Shortfall.UNKNOWN_MODEL: Reason("{model} is not known to its provider", (MODEL, ADDRESS)),
    Shortfall.TOO_LONG: Reason("the passages are too long for {model}", (ANSWER_TOKENS, MODEL)),
    Shortfall.DECLINED: Reason("{model} declined to answer", (MODEL,)),
    Shortfall.EMPTY: Reason("{model} said nothing", (MODEL,)),
    Shortfall.BROKEN_FORM: Reason("{model} did not keep to the form of an answer", (MODEL,)),
    Shortfall.UNSUPPORTED: Reason("nothing that {model} said stands in the passages", (MODEL,)),
    Shortfall.CUT: Reason("the answer of {model} was cut off", (MODEL, ADDRESS)),
    Shortfall.ANSWER_BUDGET: Reason("the tokens that one answer of {model} may cost are used up", (ANSWER_TOKENS,)),
    Shortfall.DAY_BUDGET: Reason("the tokens that {model} may cost today are used up", (DAY_TOKENS,)),
}


def told_of(answer: "Answer") -> str:
    """What a person reads under an answer for which a chat model was asked; nothing if none was."""
    model, shortfall = answer.model, answer.shortfall
    if model is None:
        return ""
    if answer.written:
        marked = any(not sentence.supported for sentence in answer.sentences)
        checked = "what is not marked is checked" if marked else "checked"
        whole = f"In the words of {model}, {checked} against the quotes."
        return f"{whole} It breaks off here: {reason_of(shortfall, model)}" if shortfall else whole
    if shortfall is None:
        return f"{model} says that the passages do not answer it." if answer.refused else ""
    if answer.abstained:
        return reason_of(shortfall, model, ", and the articles' own sentences do not answer it")
    return reason_of(shortfall, model, ", so these are the articles' own sentences")


def reason_of(shortfall: Shortfall, model: str, consequence: str = "") -> str:
    """The sentence that says what went wrong with a model, what follows, and which settings to look at."""
    reason = REASONS[shortfall]
    clause = reason.clause.format(model=model)
    if not clause.startswith(model):
        clause = clause[0].upper() + clause[1:]
    return f"{clause}{consequence}; see {' and '.join(_names(reason, model))}."


def _names(reason: Reason, model: str) -> list[str]:
    """The settings by the names that they have for this model's provider; of one that is not known only our own."""
    from retrieval.chat.providers import ALIASES, PROVIDERS, ProviderSettings

    name = model.partition(":")[0].strip().lower()
    provider = PROVIDERS.get(ALIASES.get(name, name))
    own = {KEY: "", ADDRESS: ""}
    if provider:
        fields = [field.upper() for field in ProviderSettings.model_fields if field.startswith(f"{provider.extra}_")]
        own = {KEY: provider.key, ADDRESS: next((field for field in fields if field != provider.key), "")}
    return [name for name in (own.get(each, each) for each in reason.settings) if name] or [MODEL]
