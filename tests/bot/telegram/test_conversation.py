"""Conversations as people have them: real questions to the real library."""

from collections.abc import Callable

from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi

ADA = Person(7, "Ada", username="ada")
QUESTION = "How many otters did the census find?"


def test_question_is_answered(api: BotApi, start: Callable[..., Running]) -> None:
    """A question gets one message: sentences with marks, the quotes they rest on, and buttons."""
    chat = api.private(ADA)
    with start():
        api.say(chat, ADA, QUESTION)
        (answer,) = api.wait_sent(chat, 1)

    assert "27 animals** between the weir at Oldbridge" in answer.text
    assert "[1]" in answer.text
