"""Whose words an answer is in, when a chat model was asked for it; and if they are not the model's, why not."""

from typing import Protocol

from bot.telegram import texts
from bot.telegram.richtext import RichText, filled
from bot.telegram.shown import NAME_LENGTH, named
from retrieval import Shortfall

# In words for people who chat; whoever runs the bot finds more in the log and by `footnote status`.
WHY = {
    Shortfall.UNREACHABLE: texts.NOT_ASKED,
    Shortfall.TIMEOUT: texts.NOT_ASKED,
    Shortfall.BUSY: texts.NOT_ASKED,
    Shortfall.FAILING: texts.NOT_ASKED,
    Shortfall.UNAUTHORISED: texts.NOT_ASKED,
    Shortfall.UNKNOWN_MODEL: texts.NOT_ASKED,
    Shortfall.TOO_LONG: texts.NOT_ASKED,
    Shortfall.DECLINED: texts.NOTHING_HOLDS,
    Shortfall.EMPTY: texts.NOTHING_HOLDS,
    Shortfall.BROKEN_FORM: texts.NOTHING_HOLDS,
    Shortfall.UNSUPPORTED: texts.NOTHING_HOLDS,
    Shortfall.CUT: texts.BROKE_OFF,
    Shortfall.ANSWER_BUDGET: texts.USED_UP,
    Shortfall.DAY_BUDGET: texts.USED_UP,
}


class Answered(Protocol):
    """What is known of the chat model's part in an answer."""

    @property
    def written(self) -> bool:
        """Whether the sentences are its words."""

    @property
    def shortfall(self) -> Shortfall | None:
        """Why they are not, or not all of them."""


def origin(answer: Answered, model: str | None, *, abstained: bool) -> RichText:
    """One sentence, or two, about whose words these are; nothing if no chat model has anything to do with it."""
    called = named(model or "", NAME_LENGTH)
    if answer.written:
        words = filled(texts.WRITTEN, model=called)
        return words + f" {texts.ENDS_EARLY}" if answer.shortfall else words
    if answer.shortfall is None:
        return RichText()
    reason = filled(WHY[answer.shortfall], model=called)
    return filled(texts.REFUSED_INSTEAD if abstained else texts.QUOTED_INSTEAD, reason=reason)
