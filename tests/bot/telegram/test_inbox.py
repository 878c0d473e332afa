"""Updates on their way in: stored before they are acknowledged, each once, and a malformed one blocks nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from botapi.chains import EchoChain
from botapi.delivering import Delivering
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.telegram import pacing
from bot.telegram.inbox import DONE, LARGEST, QUARANTINED, WAITING, Inbox, Stored, number_of, sender_of
from bot.telegram.polling import Polling
from bot.telegram.updates import lane_of
from bot.telegram.watchdog import Pulse

ADA = Person(7, "Ada", username="ada")
HEAD = {"chat": {"id": 7, "type": "private"}, "from": ADA.wire(), "date": 1}
Start = Callable[..., Running]

MALFORMED: dict[str, dict[str, Any]] = {
    "nothing in it": {},
    "an unknown kind": {"a_kind_to_come": {"chat": {"id": 7}}},
    "a message that is text": {"message": "Hello"},
    "a message that is a list": {"edited_message": [1, 2]},
    "an empty message": {"message": {}},
    "a chat that is a number": {"message": {"message_id": 1, "date": 1, "chat": 5}},
    "no chat": {"message": {"message_id": 1, "date": 1, "text": "Hello"}},
    "text that is a number": {"message": HEAD | {"message_id": 1, "text": 5}},
    "a date that is text": {"message": HEAD | {"message_id": 1, "date": "now", "text": "Hello"}},
    "an id that is text": {"message": HEAD | {"message_id": "x", "text": "Hello"}},
    "an id beyond all bounds": {"message": HEAD | {"message_id": 10**30, "text": "Hello"}},
    "a chat beyond all bounds": {"message": HEAD | {"message_id": 1, "chat": {"id": 10**30, "type": "private"}, "text": "Hi"}},
    "a person beyond all bounds": {"message": HEAD | {"message_id": 1, "from": {"id": 10**30}, "text": "Hello"}},
    "entities that are none": {"message": HEAD | {"message_id": 1, "text": "Hello", "entities": ["bold"]}},
    "a button without a message": {"callback_query": {"id": "1", "from": ADA.wire(), "data": "s:1:0"}},
    "a button without anything": {"callback_query": {}},
    "a membership without anything": {"my_chat_member": {}},
    "a draft without a chat": {"stopped_message_generation": {"chat": []}},
    "a sticker that is none": {"message": HEAD | {"message_id": 1, "sticker": True}},
    "half a surrogate pair": {"message": HEAD | {"message_id": 1, "text": 5, "caption": "\ud83d"}},
    "a megabyte": {"message": HEAD | {"message_id": "x", "text": "long " * 200_000}},
}


@pytest.fixture
def inbox(database: sa.Engine) -> Inbox:
    """An inbox on a database of its own."""
    return Inbox(database)


class Taking:
    """Stands in for the intake: stores what comes, and fails before it or after it when it is told to."""

    has_room = True

    def __init__(self, inbox: Inbox, *, fails: str = "") -> None:
        self._inbox, self._fails = inbox, fails
        self.new: list[Stored] = []

    async def take(self, updates: Sequence[Any]) -> None:
        """Store, or be killed."""
        if self._fails == "before":
            raise KeyboardInterrupt
        self.new += self._inbox.store(updates)
        if self._fails == "after":
            raise KeyboardInterrupt


@pytest.mark.parametrize("killed", ["before", "after"])
def test_stored_before_acknowledged(api: BotApi, tmp_path: Path, killed: str) -> None:
    """Wherever a process dies between fetching and storing, its successor has each update once."""
    chat = api.private(ADA)
    with Delivering(api, tmp_path) as post:
        inbox = Inbox(post.engine)
        for number in range(3):
            api.say(chat, ADA, f"Question {number}")
        taking = Taking(inbox, fails=killed)
        polling = Polling(post.bot, taking, Pulse(tmp_path), watchdog=180)  # type: ignore[arg-type]  # it takes in
        with pytest.raises(KeyboardInterrupt):
            post.run(polling._fetch())
        assert len(api.pending) == 3
        successor = Taking(inbox)
        post.run(Polling(post.bot, successor, Pulse(tmp_path), watchdog=180)._fetch())  # type: ignore[arg-type]  # as above

        assert [f"Question {number}" for number in range(3)] == [each.payload["message"]["text"] for each in inbox.waiting()]
        assert len(successor.new) == (3 if killed == "before" else 0)


def test_repeated_update(api: BotApi, start: Start) -> None:
    """An update that comes again, at once or to the next process, is answered once."""
    chat = api.private(ADA)
    with start(wrap=EchoChain()) as bot:
        question = api.say(chat, ADA, "What?")
        api.repeat(question.update_id)
        api.wait_sent(chat, 1)
        api.repeat(question.update_id)
        api.wait_for(lambda: not bot.left and not api.world.repeats)
    with start(wrap=(chain := EchoChain())) as bot:
        api.repeat(question.update_id)
        api.say(chat, ADA, "And now?")
        api.wait_sent(chat, 2)

    assert len(api.sent(chat)) == 2
    assert ["And now?"] == chain.asked


def test_malformed_updates(api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an update lacks or holds, it is set aside or ignored, and what comes behind it is answered; nothing stays."""
    monkeypatch.setattr(pacing, "PRIVATE", (1000, 1.0))
    chat = api.private(ADA)
    with start(wrap=EchoChain()) as bot:
        for number, update in enumerate(MALFORMED.values()):
            api.push(update)
            api.say(chat, ADA, f"Question {number}")
        api.wait_for(lambda: not bot.left, 20)
        answers = [each.text for each in api.sent(chat) if "Question" in each.text]
        counts = bot.service._parts.inbox.counts()

    assert [f"Question {number}" for number in range(len(MALFORMED))] == [each.removeprefix("0: ") for each in answers]
    assert counts[QUARANTINED] >= 8
    assert counts.get(WAITING, 0) == 0


def test_unusable_updates(inbox: Inbox) -> None:
    """What has no usable number is no update, and takes none of the others with it."""
    strange: list[Any] = [None, 5, "x", [], {}, {"update_id": None}, {"update_id": "7"}, {"update_id": 1.5}, {"update_id": True}]
    strange += [{"update_id": 10**30}, {"update_id": -(10**30)}, {"update_id": [1]}]
    new = inbox.store([{"update_id": 1, "message": {}}, *strange, {"update_id": 2}])

    assert [1, 2] == [each.update_id for each in new] == [each.update_id for each in inbox.waiting()]
    assert [None] * len(strange) == [number_of(each) for each in strange]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "chat", "from", "message", "text"]), inner)
    ),
    max_leaves=8,
)
KINDS = ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation", "other"]


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine the first draw takes seconds
@given(st.dictionaries(st.sampled_from(KINDS), json_values, max_size=3))
def test_any_json_has_a_lane_and_a_sender(payload: dict[str, Any]) -> None:
    """Where an update belongs can be told of anything that is JSON."""
    assert hash(lane_of(Stored(1, payload))) is not None
    assert abs(sender_of(payload)) <= LARGEST


def test_states(inbox: Inbox) -> None:
    """An update waits until it is done with or set aside; only what waits is taken up again, in order."""
    inbox.store([{"update_id": number, "message": {"text": "a secret"}} for number in (5, 3, 4, 1, 2)])
    assert not inbox.store([{"update_id": 3}])
    inbox.finish(1, 2)
    inbox.quarantine(3)

    assert [4, 5] == [each.update_id for each in inbox.waiting()]
    assert {WAITING: 2, DONE: 2, QUARANTINED: 1} == inbox.counts()
    assert [True, False, False, False] == [inbox.is_waiting(number) for number in (4, 1, 3, 99)]
    assert not inbox.store([{"update_id": number} for number in (1, 3, 4)])
    with inbox._engine.connect() as connection:
        kept = connection.scalars(sa.text("SELECT payload FROM telegram_incoming WHERE state = 'done'")).all()
    assert ["", ""] == kept


def test_attempts(inbox: Inbox) -> None:
    """Each beginning counts, also for the next process; work that is put back has not begun."""
    inbox.store([{"update_id": 1}])
    assert [1, 2, 3] == [inbox.begin(1) for _ in range(3)]
    inbox.put_back(1)
    assert inbox.begin(1) == 3
    for _ in range(5):
        inbox.put_back(1)
    assert inbox.begin(1) == 1
    assert inbox.begin(99) == 0


def test_erase(inbox: Inbox) -> None:
    """Nothing of what a person has sent before they wish to be forgotten is kept, nor done any more; their ids stay known."""
    ada, bob = ({"message": {"from": {"id": who}, "text": "a secret"}} for who in (7, 8))
    senders = {1: ada, 2: ada, 3: ada, 4: bob, 5: ada, 6: ada}
    inbox.store([{"update_id": number} | update for number, update in senders.items()])
    inbox.finish(1)
    inbox.quarantine(2)
    with inbox._engine.begin() as connection:
        assert inbox.is_waiting_in(connection, 3)
        inbox.erase(connection, 7, before=5)
        assert not inbox.is_waiting_in(connection, 3)
        kept = connection.execute(sa.text("SELECT update_id FROM telegram_incoming WHERE payload != '' OR person = 7")).scalars()
        assert [4, 5, 6] == sorted(kept)

    assert [4, 5, 6] == [each.update_id for each in inbox.waiting()]
    assert {WAITING: 3, DONE: 2, QUARANTINED: 1} == inbox.counts()
    assert not inbox.store([{"update_id": number} | ada for number in (1, 2, 3)])


def test_prune(inbox: Inbox) -> None:
    """What is done with is forgotten once Telegram cannot repeat it any more; what waits never is."""
    inbox.store([{"update_id": number} for number in (1, 2, 3)])
    inbox.finish(1, 2)
    inbox.prune()
    assert inbox.counts()[DONE] == 2
    with inbox._engine.begin() as connection:
        connection.execute(sa.text("UPDATE telegram_incoming SET received = 0 WHERE update_id <> 2"))
    inbox.prune()

    assert {WAITING: 1, DONE: 1} == inbox.counts()
