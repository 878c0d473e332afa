"""The law of settling: whatever became of a message, in the end one message says it, and no other one was touched."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from botapi.delivering import Delivering
from botapi.faults import Fault, garbled, reset_after, reset_before, status, truncated
from botapi.records import Chat, Message, Person
from botapi.server import BotApi
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import TelegramError

from bot.telegram import courier, pacing
from bot.telegram.outbox import Content
from bot.telegram.settling import PROBE, REACH, Sightings

ARRIVED = [reset_after(), truncated(), garbled()]
LOST = [reset_before(), status(502), status(500)]
FAULTS = st.sampled_from(ARRIVED + LOST)
OF_EDITS = st.sampled_from([reset_after(), truncated(), *LOST])  # half of a refusal would be a refusal still


@dataclass(frozen=True)
class Sent:
    """The bot has sent another message."""

    here: bool


@dataclass(frozen=True)
class Said:
    """A person has said something; the bot has seen it or not."""

    here: bool
    seen: bool


OTHERS = st.lists(st.builds(Sent, st.booleans()) | st.builds(Said, st.booleans(), st.booleans()), max_size=5)


@dataclass
class Stage:
    """A server and a courier that stay for many examples, each in chats of its own."""

    api: BotApi
    post: Delivering
    count: int = 0

    def chats(self, kind: str) -> tuple[Chat, Chat]:
        """Two new chats of a kind; a question has been seen in the first."""
        self.count += 2
        chat, other = self._chat(kind, self.count), self._chat(kind, self.count + 1)
        self.act([Said(here=True, seen=True)], chat, other)
        return chat, other

    def act(self, others: list[Sent | Said], chat: Chat, other: Chat) -> None:
        """Let people and the bot do these things."""
        for each in others:
            where = chat if each.here else other
            if isinstance(each, Sent):
                self.post.run(self.post.courier._attempt(self._another(where), Content("Another message.")))
                continue
            said = self.api.say(where, Person(1_000_000), "Something else.")
            if each.seen:
                self.post.courier.sightings.see(where.id, said.id)

    def _another(self, where: Chat) -> object:
        owed = self.post.owed(where.id, "Another message.")
        self.post.courier.outbox.owe([owed])
        return owed

    def _chat(self, kind: str, number: int) -> Chat:
        if kind == "private":
            return self.api.private(Person(number))
        return self.api.group(-number) if kind == "group" else self.api.supergroup(-1_000_000_000_000 - number)


@pytest.fixture(autouse=True)
def soon_sure() -> None:
    """What arrives has arrived when its sending fails; see `stage`."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The server and the courier, in a hurry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier, "FIRST_PAUSE", 0.0)
        patch.setattr(courier, "UNSURE_PAUSE", 0.0)
        for name in ("PRIVATE", "GROUP", "ALL"):
            patch.setattr(pacing, name, (100_000, 1.0))
        with BotApi() as api, Delivering(api, tmp_path_factory.mktemp("settling")) as post:
            yield Stage(api, post)


def without(messages: list[Message], text: str) -> list[Message]:
    """The messages that do not say this."""
    return [each for each in messages if each.text != text]


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(["private", "group", "supergroup"]),
    first=FAULTS,
    probes=st.lists(FAULTS, max_size=3),
    edits=st.lists(OF_EDITS, max_size=2),
    deletions=st.lists(OF_EDITS, max_size=2),
    before=OTHERS,
    between=OTHERS,
    restarted=st.booleans(),
)
def test_one_message(  # noqa: PLR0913, PLR0917 - so many things can happen
    stage: Stage,
    kind: str,
    first: Fault,
    probes: list[Fault],
    edits: list[Fault],
    deletions: list[Fault],
    before: list[Sent | Said],
    between: list[Sent | Said],
    restarted: bool,  # noqa: FBT001 - drawn
) -> None:
    """Exactly one message says it; nobody else's and no other message of the bot's is changed or deleted."""
    api, post = stage.api, stage.post
    chat, other = stage.chats(kind)
    text = f"Message {stage.count}."
    stage.act(before, chat, other)
    owed = post.owed(chat.id, text, entities=({"type": "bold", "offset": 0, "length": 7},))
    post.courier.outbox.owe([owed])
    api.fault("sendMessage", kind=first)
    with pytest.raises(TelegramError):
        post.run(post.courier._attempt(owed, owed.content))
    stage.act(between, chat, other)
    standing = without(api.messages(chat), text) + api.messages(other)

    if restarted:
        post.restart()
    rules = [api.fault("sendMessage", kind=each) for each in probes]
    rules += [api.fault("editMessageText", kind=each, chat=chat) for each in edits]
    rules += [api.fault("deleteMessage", kind=each, chat=chat) for each in deletions]
    (found,) = post.run(post.courier.deliver(owed.update_id, 0))
    for rule in rules:
        rule.stop()

    assert [found] == [each.id for each in api.messages(chat) if each.text == text]
    assert standing == without(api.messages(chat), text) + api.messages(other)
    assert ["Message"] == api.world.standing[chat.id][found].marked("bold")
    assert PROBE not in {each.text for each in api.messages(chat)}


def test_refused_entities_while_settling(stage: Stage) -> None:
    """A message that arrived, and then is refused with its entities, stands once without them."""
    api, post = stage.api, stage.post
    chat, _ = stage.chats("private")
    owed = post.owed(chat.id, "Bold.", entities=({"type": "bold", "offset": 0, "length": 4},))
    api.fault("sendMessage", kind=reset_after(), chat=chat)
    api.fault("editMessageText", kind=status(400, "Bad Request: can't parse entities"), chat=chat)
    post.run(post.courier.owe(owed))

    assert [("Bold.", [])] == [(each.text, each.entities) for each in api.sent(chat)]


def test_many_calls_are_not_made(stage: Stage) -> None:
    """However many messages of others came in between, only a bounded number of ids is looked at."""
    api, post = stage.api, stage.post
    chat, other = stage.chats("private")
    owed = post.owed(chat.id, "It.")
    api.fault("sendMessage", kind=reset_after(), chat=chat)
    post.courier.outbox.owe([owed])
    with pytest.raises(TelegramError):
        post.run(post.courier._attempt(owed, owed.content))
    for _ in range(2 * REACH):
        api.say(other, Person(1_000_000), "Something else.")
    post.run(post.courier.deliver(owed.update_id, 0))

    assert ["It."] == [each.text for each in api.sent(chat)]
    assert len(api.called("editMessageText", chat)) <= REACH


def test_two_chats_at_once(stage: Stage) -> None:
    """Messages of several chats that are settled side by side in one sequence of ids do not take each other's place."""
    api, post = stage.api, stage.post
    chats = [stage.chats("private")[0] for _ in range(6)]

    async def send() -> None:
        await asyncio.gather(*(post.courier.owe(post.owed(chat.id, f"To {chat.id}.")) for chat in chats))

    for number, chat in enumerate(chats):
        api.fault("sendMessage", kind=(ARRIVED + LOST)[number], chat=chat)
    post.run(send())

    assert [[f"To {chat.id}."] for chat in chats] == [[each.text for each in api.sent(chat)] for chat in chats]


@given(st.lists(st.tuples(st.integers(-(10**13), 10**10), st.integers(1, 10**9)), max_size=20))
def test_sightings(seen: list[tuple[int, int]]) -> None:
    """The highest id is known for each supergroup, and for all other chats together."""
    sightings = Sightings({})
    for chat, message in seen:
        sightings.see(chat, message)

    assert Sightings(dict(sorted(seen, key=lambda each: each[1]))).highest(1) == sightings.highest(2)
    for chat, _ in seen:
        of_supergroup = [message for each, message in seen if each == chat]
        of_all_others = [message for each, message in seen if each >= -1_000_000_000_000]
        assert sightings.highest(chat) == max(of_supergroup if chat < -1_000_000_000_000 else of_all_others)
