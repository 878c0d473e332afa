"""A chat model behind the command line: what it says, what people ask, and where its server is."""

from collections.abc import Callable

from chatapi.prompt import passages_of
from chatapi.replies import Messages, Reply
from typer.testing import Result

QUESTION = "How many otters did the census find?"
MODEL = "openai:test"
WRITTEN = f"In the words of {MODEL}, checked against the quotes."
OTTERS = "against 19 the year before and 11 in 2023"
LADDER = "a fish ladder was opened in September 2022"
FOUND = "It found 19 otters the year before, and 11 in 2023."
OPENED = "A fish ladder was opened above Tarn Mill in September 2022."


def unit(messages: Messages, quote: str, sentence: str) -> str:
    """A sentence that rests on a quote, which is looked for in the passages."""
    number = next(number for number, _, words in passages_of(messages) if quote in " ".join(words.split()))
    return f"QUOTE {number}: {quote}\nSENTENCE: {sentence}\n"


def good(messages: Messages) -> str:
    """Two sentences that stand in the passages."""
    return unit(messages, OTTERS, FOUND) + unit(messages, LADDER, OPENED)


def half(ending: Callable[[str], Reply]) -> Callable[[Messages], Reply]:
    """One good sentence, and then something else."""
    return lambda messages: ending(unit(messages, OTTERS, FOUND) + "QUOTE 1: a fish")


def last_line(done: Result) -> str:
    """The line below the answer."""
    return done.stdout.rstrip("\n").rpartition("\n")[2]
