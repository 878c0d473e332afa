"""The process when it is asked to stop: it does so in time, and nothing that was asked is lost or answered twice."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.process import Bot, answers, question
from botapi.quick_bot import SLOW
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
AT_ONCE, IN_TIME = 3.0, 10.0  # seconds; containers kill after ten
SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])


@SIGNALS
def test_idle_bot_stops_at_once(process: Callable[..., Bot], number: int) -> None:
    """With nothing to do it ends at once with 0 and says nothing about it."""
    with process() as bot:
        bot.listening()

        assert bot.stop(number, AT_ONCE) == 0
        assert bot.sentences == []
        assert "Traceback" not in bot.err


@SIGNALS
def test_answer_in_the_making_is_finished(api: BotApi, process: Callable[..., Bot], number: int) -> None:
    """What is being answered is answered before the end, what waits behind it after the next start, each once and in order."""
    ada, bob = api.private(ADA), api.private(BOB)
    with process() as bot:
        bot.listening()
        for each in (question(1, SLOW), question(2), question(3)):
            api.say(ada, ADA, each)
        api.say(bob, BOB, question(4, SLOW))
        api.wait_for(lambda: {each.chat_id for each in api.actions} == {ada.id, bob.id})
        bot.send(number)
        bot.gate.touch()

        assert bot.ended(IN_TIME) == 0
        assert (["q1"], ["q4"]) == (answers(api, ada), answers(api, bob))

    with process() as bot:
        api.wait_for(lambda: len(answers(api, ada)) == 3)
        assert bot.stop() == 0

    assert (["q1", "q2", "q3"], ["q4"]) == (answers(api, ada), answers(api, bob))


def test_answer_that_takes_too_long_is_left_to_the_next_start(api: BotApi, process: Callable[..., Bot]) -> None:
    """The process ends in time whatever it is doing, and answers after the next start; what was shown meanwhile is gone then."""
    ada, group = api.private(ADA), api.group(-50)
    with process() as bot:
        bot.listening()
        api.say(ada, ADA, question(1, SLOW))
        asked = api.say(group, BOB, "@footnote_bot " + question(2, SLOW))
        api.wait_sent(group, 1)
        shown = api.sent(group)[0].id

        assert bot.stop(seconds=IN_TIME) == 0
        assert answers(api, ada) == []
        bot.gate.touch()

    with process() as bot:
        api.wait_for(lambda: (answers(api, ada), answers(api, group)) == (["q1"], ["q2"]))
        api.wait_for(lambda: shown not in {each.id for each in api.sent(group)})
        assert bot.stop() == 0

    assert [asked.id] == [each.reply_to_message_id for each in api.sent(group)]


def test_real_command_stops_while_the_model_loads(api: BotApi, data: Path, start: Callable[..., Running]) -> None:
    """`footnote telegram` itself ends at once while its model loads; what it has taken in is answered after the next start."""
    chat = api.private(ADA)
    api.say(chat, ADA, "How many otters did the census find?")
    with Bot(api, data, real=True) as bot:
        bot.until(lambda: "Listening as @footnote_bot." in bot.out and not api.pending)
        assert bot.stop(seconds=IN_TIME) == 0
        assert bot.sentences == []
        assert "Pairing code: " in bot.out

    with start():
        (answer,) = api.wait_sent(chat, 1)

    assert "27 animals" in answer.text
    assert len(api.sent(chat)) == 1


def test_second_signal_changes_nothing(api: BotApi, process: Callable[..., Bot]) -> None:
    """Whoever presses Ctrl-C twice gets neither a traceback nor half an answer."""
    chat = api.private(ADA)
    with process() as bot:
        bot.listening()
        api.say(chat, ADA, question(1, SLOW))
        api.wait_for(lambda: api.actions)
        bot.send(signal.SIGINT)
        bot.send(signal.SIGINT)
        bot.gate.touch()

        assert bot.ended(IN_TIME) == 0
        assert answers(api, chat) == ["q1"]
        assert bot.sentences == []
