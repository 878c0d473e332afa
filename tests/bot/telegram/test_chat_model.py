"""The real bot with the real chain and a chat model: sentences appear once they are checked, and who stops is not waited for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.acting import pair, reply
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.stored import exchanges
from botapi.watching import alone, answered, placeholder, stoppable, stopped
from chatapi.models import honest
from chatapi.prompt import is_rewrite, passages_of
from chatapi.replies import Messages, Reply, error, hang, text
from chatapi.server import ChatServer

from bot.telegram import previews, service, texts
from retrieval.answer import generative

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
MODEL = "openai:scripted"
READERS = -1_000_000_000_007
SOON = 1.0  # seconds within which a call that nobody waits for is gone
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown soon, and a model is asked again at once."""
    for name in ("PATIENCE", "DRAFT_SECONDS", "EDIT_SECONDS"):
        monkeypatch.setattr(previews, name, 0.02)
    monkeypatch.setattr(generative, "FIRST_WAIT", 0.01)


@pytest.fixture
def talk(start: Start, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Running]:
    """Make a bot whose chat model is a server's."""

    def make(server: ChatServer, **library: object) -> Running:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        return start(library={"chat_model": MODEL, **library})

    return make


def unit(messages: Messages, sentence: str = "") -> str:
    """The first unit of an honest answer, perhaps with another sentence."""
    first = honest(messages).split("\n\n")[0]
    return f"{first.partition('SENTENCE: ')[0]}SENTENCE: {sentence}\n" if sentence else f"{first}\n"


def said(messages: Messages) -> str:
    """The sentence of that unit."""
    return unit(messages).partition("SENTENCE: ")[2].strip()


def then_silent(messages: Messages) -> Reply:
    """One good unit, then nothing more."""
    return hang(after=unit(messages))


def gone(server: ChatServer) -> float:
    """Seconds until the server sees that its client has gone."""
    begun = time.monotonic()
    assert server.disconnected.wait(10)
    return time.monotonic() - begun


def free(bot: Running) -> None:
    """Wait until no thread of the bot is busy with an answer: all of them can begin at once."""
    pool = bot.service._parts.answering._pool
    begun = time.monotonic()
    waiting = [pool.submit(time.sleep, 0.05) for _ in range(pool._max_workers)]
    for each in waiting:
        each.result(5)
    assert time.monotonic() - begun < SOON


@pytest.mark.parametrize("private", [True, False], ids=["private", "group"])
def test_sentences_appear_once_they_are_checked(api: BotApi, talk: Callable[..., Running], private: bool) -> None:  # noqa: FBT001 - which case it is
    """While the model still writes, what it has said and was checked is shown; then the whole, in whose words it says."""
    chat = api.private(ADA) if private else api.supergroup(READERS)
    asked: list[Messages] = []

    def model(messages: Messages) -> Reply:
        asked.append(messages)
        words = unit(messages)
        rest = f"QUOTE 1: nobody has ever said this at all\nSENTENCE: Otters like jazz.\n{words}"
        return text(words + rest, pieces=[words, *rest], pause=0.01)

    with ChatServer(model) as server, talk(server):
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        api.wait_for(lambda: asked)
        if private:
            shown = api.wait_for(lambda: next((each for each in api.drafts if said(asked[0]) in each.text), None)).text
        else:
            shown = placeholder(api, chat.id, said(asked[0])).text
        assert server.busy == 1, "it is still writing"
        answer = answered(api, chat.id, said(asked[0]))

    assert f"{said(asked[0])} [1]" == shown
    assert answer.text.startswith(shown)
    assert answer.text.endswith(texts.WRITTEN.format(model=MODEL))
    frames = [*(each.text for each in api.drafts), *(each.params["text"] for each in api.called("editMessageText"))]
    assert not any("jazz" in each for each in [*frames, answer.text])


def test_unsupported_sentences_by_setting(api: BotApi, talk: Callable[..., Running]) -> None:
    """Marked if they are to be; dropped else, and then /why names them with the reason."""
    chat = api.private(ADA)

    def model(messages: Messages) -> str:
        return f"{unit(messages)}QUOTE 1: nobody has ever said this at all\nSENTENCE: Otters like jazz.\n"

    with ChatServer(model) as server:
        with talk(server, unsupported="mark"):
            assert f"Otters like jazz. {texts.UNSUPPORTED}\n\n" in reply(api, chat, ADA, QUESTION).text
        with talk(server):
            reply(api, chat, ADA, "/new")
            assert "jazz" not in reply(api, chat, ADA, QUESTION).text
            why = reply(api, chat, ADA, "/why").text

    assert f"Searched for: {QUESTION}\n" in why
    assert f"Chat model: {MODEL}\nTokens: " in why
    assert "– Otters like jazz. (its quote does not stand in the passage)" in why


def test_follow_ups_are_rewritten(api: BotApi, talk: Callable[..., Running]) -> None:
    """A follow-up is searched for as the model has understood it, which /why tells."""
    chat = api.private(ADA)
    rewritten = "Who counted the otters of the Lenn?"
    with ChatServer(lambda messages: rewritten if is_rewrite(messages) else honest(messages)) as server, talk(server):
        reply(api, chat, ADA, QUESTION)
        reply(api, chat, ADA, "And who counted them?")
        assert reply(api, chat, ADA, "/why").text.startswith(f"Searched for: {rewritten}\n")


def test_the_model_fails(api: BotApi, talk: Callable[..., Running]) -> None:
    """When the model cannot be asked, the articles' own sentences come, and one sentence says so, also to /why."""
    chat = api.private(ADA)
    with ChatServer(lambda _: error(401)) as server, talk(server):
        answer = reply(api, chat, ADA, QUESTION)
        why = reply(api, chat, ADA, "/why").text

    told = texts.QUOTED_INSTEAD.format(reason=texts.NOT_ASKED.format(model=MODEL))
    assert "27 animals" in answer.text
    assert answer.text.endswith(told)
    assert [told] == answer.marked("italic")
    assert f"\n{told}\n" in why


def test_half_an_answer(api: BotApi, talk: Callable[..., Running]) -> None:
    """What was shown before the model fell silent stands, and is said to be all."""
    chat = api.private(ADA)
    with ChatServer(then_silent) as server, talk(server, chat_timeout=1):
        answer = reply(api, chat, ADA, QUESTION)

    assert answer.text.endswith(f"{texts.WRITTEN.format(model=MODEL)} {texts.ENDS_EARLY}")
    assert passages_of(server.requests[0].messages)


@pytest.mark.parametrize("how", ["/cancel", "button", "draft"])
@pytest.mark.parametrize("model", [lambda _: hang(), then_silent], ids=["silent", "half"])
def test_stopping_stops_the_model(
    api: BotApi, talk: Callable[..., Running], data: Path, how: str, model: Callable[[Messages], Reply]
) -> None:
    """Whichever way it is stopped, the call ends at once, its thread is free, and "Stopped." is all that is said."""
    chat = api.supergroup(READERS) if how == "button" else api.private(ADA)
    with ChatServer(model) as server, talk(server) as bot:
        api.say(chat, ADA, f"@footnote_bot {QUESTION}")
        server.wait_for(lambda: server.requests)
        if how == "/cancel":
            api.say(chat, ADA, "/cancel")
        elif how == "button":
            api.press(chat, stoppable(api, bot, chat.id, ""), ADA, texts.STOP)
        else:
            api.stop_draft(chat, api.wait_for(lambda: api.drafts)[-1].draft_id)
        assert gone(server) < SOON
        alone(api, *stopped(api, chat.id))
        free(bot)
        api.wait_for(lambda: not bot.left)

    assert 1 == len(server.requests)
    assert [] == exchanges(data)


def test_the_end_of_the_bot_does_not_wait_for_a_model(
    api: BotApi, talk: Callable[..., Running], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bot that is asked to stop breaks a hanging call off when its time is up; the next start answers the question."""
    monkeypatch.setattr(service, "STOP_SECONDS", 0.5)
    chat = api.private(ADA)
    with ChatServer() as server:
        server.script(hang())
        with talk(server):
            api.say(chat, ADA, QUESTION)
            server.wait_for(lambda: server.requests)
            begun = time.monotonic()
        assert time.monotonic() - begun < 0.5 + 2
        assert gone(server) < SOON
        assert [] == api.sent(chat) == exchanges(data)
        server.model = honest
        with talk(server):
            (answer,) = api.wait_sent(chat, 1)

    assert answer.text.endswith(texts.WRITTEN.format(model=MODEL))


def test_others_are_answered_meanwhile(api: BotApi, talk: Callable[..., Running]) -> None:
    """A call that hangs for one person holds up nobody else."""
    with ChatServer(honest) as server:
        server.script(hang())
        with talk(server):
            api.say(api.private(ADA), ADA, QUESTION)
            server.wait_for(lambda: server.requests)
            assert texts.WRITTEN.format(model=MODEL) in reply(api, api.private(BOB), BOB, "When did the tram line reopen?").text
            api.say(api.private(ADA), ADA, "/cancel")
            stopped(api, ADA.id)


def test_status_names_the_model(api: BotApi, talk: Callable[..., Running]) -> None:
    """An admin is told which chat model is configured, and no call is made for that; others are not."""
    with ChatServer() as server, talk(server) as bot:
        ada = pair(api, bot, ADA)
        assert f"\nChat model: {MODEL}\n" in reply(api, ada, ADA, "/status").text
        assert MODEL not in reply(api, api.private(BOB), BOB, "/status").text

    assert [] == server.requests
