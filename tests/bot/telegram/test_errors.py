"""What is seen and what is logged when something fails."""

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from botapi.chains import FailingChain
from botapi.faults import status
from botapi.records import Message, Person
from botapi.running import Running
from botapi.server import TOKEN, BotApi

from bot.conversations import Conversations
from bot.telegram import courier, previews, texts
from bot.telegram.inbox import ATTEMPTS
from bot.telegram.logs import Lines
from bot.telegram.members import ALPHABET, Members
from retrieval import FootnoteError

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
READERS = -1_000_000_000_007
OTHERS_WORDS = "What Bob has asked: where the treasure lies"
SENTENCE = re.compile(re.escape(texts.WENT_WRONG).replace(r"\{name\}", f"(?P<name>[{ALPHABET}]{{6}})"))
Start = Callable[..., Running]


class Log(logging.Handler):
    """Keeps the lines that the bot's log would have."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Lines(TOKEN, for_people=False))
        self.lines: list[str] = []
        self.lock_of_lines = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        with self.lock_of_lines:
            self.lines.append(self.format(record))

    def failures(self) -> list[dict[str, str]]:
        """The lines that tell of a failure."""
        return [line for line in map(json.loads, self.lines) if "error_id" in line]


@pytest.fixture
def log() -> Iterator[Log]:
    """The log of everything, down to the chatter of the libraries."""
    handler, root = Log(), logging.getLogger()
    names = ["bot", "httpx", "httpcore", "telegram"]
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def told(message: Message) -> str:
    """The id in a message that tells of a failure and of nothing else."""
    found = SENTENCE.fullmatch(message.text)
    assert found, message.text
    return found["name"]


@pytest.mark.parametrize("where", ["private", "group"])
def test_failing_chain(api: BotApi, start: Start, log: Log, where: str) -> None:
    """The person reads one plain sentence with an id; the log has the traceback under it; the next question is answered."""
    chat = api.private(ADA) if where == "private" else api.supergroup(READERS)
    with start(wrap=FailingChain(ValueError(f"{OTHERS_WORDS} {TOKEN}"))):
        api.say(chat, ADA, "@footnote_bot Will it fail?")
        (sentence,) = api.wait_sent(chat, 1)
        api.say(chat, ADA, "@footnote_bot Hello?")
        _, answer = api.wait_sent(chat, 2)

    (line,) = log.failures()
    assert told(sentence) == line["error_id"]
    assert "ValueError" in line["traceback"]
    assert "chains.py" in line["traceback"]
    assert "Hello?" in answer.text
    for each in api.sent(chat):
        assert not re.search(r"Traceback|ValueError|treasure|\.py", each.text)


def test_token_is_never_logged(api: BotApi, start: Start, log: Log) -> None:
    """Whatever is logged at whichever level, the token is in none of it."""
    chat = api.private(ADA)
    api.fault("sendMessage", kind=status(502), chat=chat)
    with start(wrap=FailingChain(RuntimeError(f"{api.url}/bot{TOKEN}/getMe"))):
        api.say(chat, ADA, "Will it fail?")
        api.wait_sent(chat, 1)

    assert len(log.lines) > 10
    assert any("<token>" in line for line in log.lines), "nothing was there to be hidden"
    assert not any(TOKEN.partition(":")[2] in line for line in log.lines)
    assert all(isinstance(json.loads(line), dict) and "\n" not in line for line in log.lines)


def test_failure_takes_away_what_was_shown(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message with a Stop button does not stay when the answer fails: the sentence is a new message, and it goes."""
    monkeypatch.setattr(previews, "PATIENCE", 0.0)
    chat = api.supergroup(READERS)
    release = threading.Event()

    class Slowly(FailingChain):
        """Fails when the test says so."""

        def stream(self, question: object, **stopping: object) -> Iterator[object]:
            """Wait, and fail."""
            assert release.wait(10)
            yield from super().stream(question)

    with start(wrap=Slowly(ValueError("no"), before=1)):
        api.say(chat, ADA, "@footnote_bot Will it fail?")
        (shown,) = api.wait_sent(chat, 1)
        assert [texts.STOP] == [each["text"] for each in shown.buttons]
        release.set()
        sentence = api.wait_for(lambda: next((each for each in api.sent(chat) if SENTENCE.fullmatch(each.text)), None))

    assert [sentence] == api.sent(chat)
    assert shown.id < sentence.id
    assert not sentence.buttons
    assert [True, None] == [each.params.get("disable_notification") for each in api.called("sendMessage")]


def test_help_for_admins(api: BotApi, start: Start) -> None:
    """What can be done is said to an admin, and to nobody else."""
    admin, other = api.private(ADA), api.private(BOB)
    chain = FailingChain(FootnoteError("The library is locked.", help="End the other program."))
    with start(wrap=chain, access="paired") as bot:
        api.say(admin, ADA, bot.code)
        api.wait_sent(admin, 1)
        api.say(other, BOB, "Hello?")
        (_, request), _ = api.wait_sent(admin, 2), api.wait_sent(other, 1)
        api.press(admin, request, ADA, texts.ADMIT)
        api.wait_sent(other, 2)
        for chat, person in ((admin, ADA), (other, BOB)):
            api.say(chat, person, "Will it fail?")
        to_admin, to_other = api.wait_sent(admin, 3)[-1], api.wait_sent(other, 3)[-1]

    first, _, rest = to_admin.text.partition("\n")
    assert SENTENCE.fullmatch(first)
    assert rest == "The library is locked. End the other program."
    assert told(to_other)


def test_failing_gate(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be found out whether somebody may ask, they are not answered."""
    chat = api.private(BOB)

    def broken(*_: object) -> None:
        message = "The database is broken."
        raise OSError(message)

    with start(wrap=(chain := FailingChain(ValueError("no"))), access="paired") as bot:
        monkeypatch.setattr(Members, "standing", broken)
        api.say(chat, BOB, "Hello?")
        api.say(chat, BOB, "/sources")
        api.wait_for(lambda: not bot.left)

    assert not chain.asked
    assert not [each for each in api.sent(chat) if not SENTENCE.fullmatch(each.text)]


def test_failing_memory(api: BotApi, start: Start, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that cannot be kept is a failure like any other."""
    chat = api.private(ADA)
    monkeypatch.setattr(Conversations, "record", lambda *_, **__: 1 / 0)
    with start():
        api.say(chat, ADA, "How many otters did the census find?")
        (sentence,) = api.wait_sent(chat, 1)

    assert told(sentence) == log.failures()[0]["error_id"]


def test_failure_that_cannot_be_told(api: BotApi, start: Start, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """When even the sentence fails, that is logged too, and the next question is answered."""
    chat = api.private(ADA)
    monkeypatch.setattr(courier, "FIRST_PAUSE", 0.02)
    rule = api.fault("sendMessage", kind=status(400, "Bad Request: no"), chat=chat, times=None)
    with start(wrap=FailingChain(ValueError("no"))) as bot:
        api.say(chat, ADA, "Will it fail?")
        api.wait_for(lambda: api.called("sendMessage") and not bot.left)
        rule.stop()
        api.say(chat, ADA, "Hello?")
        assert "Hello?" in api.wait_sent(chat, 1)[0].text

    assert len(log.failures()) == 1


def test_question_that_ends_the_process(api: BotApi, start: Start) -> None:
    """A question whose answering has ended the process time and again is given up with a sentence; the others are answered."""
    chat = api.private(ADA)
    with start(wrap=(chain := FailingChain(ValueError("no")))) as bot:
        inbox, stop = bot.service._parts.inbox, bot.service._parts.dispatcher
        stop._closed = True  # what comes in is stored, and nothing more
        for text in ("This one kills.", "Hello?"):
            api.say(chat, ADA, text)
        api.wait_for(lambda: not api.pending)
        first, _ = inbox.waiting()
        for _ in range(ATTEMPTS):
            inbox.begin(first.update_id)
    with start(wrap=chain) as bot:
        given_up, answer = api.wait_sent(chat, 2)
        api.wait_for(lambda: not bot.left)

    assert told(given_up)
    assert ["Hello?"] == chain.asked
    assert "Hello?" in answer.text
