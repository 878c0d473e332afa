"""What shows an answer's making never outlives it, and holds up neither the answer nor the bot's end, however its calls hang."""

import time
from collections.abc import Callable

import pytest
from botapi.chains import Held
from botapi.faults import Fault, delay_after, delay_before, hang
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.watching import alone, answered

from bot.telegram import courier, previews, service

ADA = Person(7, "Ada", username="ada")
QUESTION = "How many otters did the census find?"
READERS = -1_000_000_000_007
GRACE, STOP_SECONDS = previews.GRACE, service.STOP_SECONDS
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown soon, and broken off soon."""
    for name, seconds in {"PATIENCE": 0.02, "DRAFT_SECONDS": 0.02, "EDIT_SECONDS": 0.02, "GRACE": 0.1}.items():
        monkeypatch.setattr(previews, name, seconds)


@pytest.mark.parametrize("fault", [hang(), delay_after(0.5), delay_before(0.4)], ids=["lost", "there", "late"])
def test_hung_placeholder(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """A placeholder that is still being sent holds the answer up for a moment only, and is found and taken away afterwards."""
    monkeypatch.setattr(courier, "UNSURE_PAUSE", 0.6)
    chat = api.supergroup(READERS)
    api.fault("sendMessage", kind=fault, chat=chat)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        held.begun()
        api.wait_for(lambda: api.called("sendMessage"))
        held.go()
        answer = answered(api, chat.id, "27 animals")

    api.wait_for(lambda: fault.ending == "hang" or api.called("sendMessage")[0].ended)
    assert [answer] == api.sent(chat)
    first, second = [call for call in api.called("sendMessage") if call.params["text"] != "…"]
    assert second.time - first.time < 1
    assert (first.params["disable_notification"], second.params.get("disable_notification")) == (True, None)


def test_hung_edit(api: BotApi, start: Start) -> None:
    """An edit of the placeholder that hangs keeps the answer waiting for a moment only."""
    chat = api.supergroup(READERS)
    api.fault("editMessageText", kind=hang(), chat=chat)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        held.begun()
        api.wait_for(lambda: api.sent(chat))
        held.go(1)
        api.wait_for(lambda: api.called("editMessageText"))
        held.go()
        alone(api, answered(api, chat.id, "27 animals"))


def test_hung_draft(api: BotApi, start: Start) -> None:
    """A draft that hangs keeps the answer waiting for a moment only, and nothing else is shown beside it."""
    chat = api.private(ADA)
    api.fault("sendMessageDraft", kind=hang(), chat=chat)
    with start(wrap=(held := Held())), held:
        api.say(chat, ADA, QUESTION)
        held.begun()
        api.wait_for(lambda: api.called("sendMessageDraft"))
        held.go()
        answered(api, chat.id, "27 animals")

    assert len(api.called("sendMessage")) == 1
    assert len(api.sent(chat)) == 1


@pytest.mark.parametrize("method", ["sendMessageDraft", "sendMessage"])
def test_end_while_a_call_hangs(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """A bot that is asked to stop ends within ten seconds although a call hangs; the next one answers, and leaves only that."""
    monkeypatch.setattr(service, "STOP_SECONDS", 0.1)
    chat = api.private(ADA) if method == "sendMessageDraft" else api.supergroup(READERS)
    api.fault(method, kind=hang(), chat=chat)
    with Held() as held:
        with start(wrap=held) as bot:
            api.say(chat, ADA, f"@footnote_bot {QUESTION}")
            held.begun()
            api.wait_for(lambda: api.called(method))
            begun = time.monotonic()
        took = time.monotonic() - begun
        assert bot.error is None
    with start():
        alone(api, answered(api, chat.id, "27 animals"))

    spare = 10 - STOP_SECONDS - GRACE
    assert took < spare
