"""The README's picture of an answer."""

from collections.abc import Callable
from pathlib import Path

from botapi.picture import draw
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi

README = Path(__file__).parents[3] / "README.md"
ADA = Person(7, "Ada")


def test_picture_is_of_a_real_message(api: BotApi, start: Callable[..., Running]) -> None:
    """What the README draws is what the bot sends."""
    chat = api.private(ADA)
    with start():
        api.say(chat, ADA, "Why did otters return above Tarn Mill?")
        (answer,) = api.wait_sent(chat, 1)

    assert draw(answer) in README.read_text(encoding="utf-8")
