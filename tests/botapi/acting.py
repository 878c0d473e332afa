"""What tests of the bot do time and again: say something and wait for what comes back, pair, forge, look for silence."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from botapi.records import Chat, Message, Person
from botapi.running import Running
from botapi.server import BotApi


def reply(api: BotApi, chat: Chat, person: Person, text: str, **more: Any) -> Message:
    """The bot's next message after a person has said something."""
    before = len(api.sent(chat))
    api.say(chat, person, text, **more)
    return api.wait_sent(chat, before + 1)[before]


def pair(api: BotApi, bot: Running, person: Person) -> Chat:
    """A person becomes admin; their chat with the bot."""
    chat = api.private(person)
    reply(api, chat, person, bot.code)
    return chat


def let_in(api: BotApi, admin: Chat, who: Chat | Person, name: str) -> None:
    """The admin presses the button that lets in whoever the newest request is about; waits until that is welcomed."""
    chat = who if isinstance(who, Chat) else api.private(who)
    request = api.wait_for(lambda: next((each for each in reversed(api.sent(admin)) if name in each.text and each.buttons), None))
    assert admin.person is not None
    before = len(api.sent(chat))
    api.press(admin, request, admin.person, "Let in")
    api.wait_sent(chat, before + 1)


def press(api: BotApi, chat: Chat, message: Message | int, person: Person, button: str) -> str:
    """What the tap on a button is answered with."""
    return answered(api, api.press(chat, message, person, button))


def forge(api: BotApi, chat: Chat, message: Message, person: Person, data: str) -> str:
    """What a tap is answered with whose data no button has."""
    content = {"message": api.world.wire(message), "data": data, "chat_instance": str(chat.id)}
    return answered(api, api._callback(person, content))


def answered(api: BotApi, query: str) -> str:
    """What a callback query is answered with, as soon as it is."""
    return str(api.wait_for(lambda: api.callback_answers.get(query)).get("text") or "")


@contextmanager
def silence(api: BotApi, chat: Chat, person: Person) -> Iterator[None]:
    """What is said in the block gets no answer: the next message is the one to what somebody who is let in asks after it.

    Updates of one chat are served in order.
    """
    before = len(api.sent(chat))
    yield
    word = f"marker{len(api.messages(chat))}"
    api.say(chat, person, f"/sources {word}")
    api.wait_for(lambda: any(word in each.text for each in api.sent(chat)))
    assert [each.text for each in api.sent(chat)[before:-1]] == []


def settled(api: BotApi, folder: Path) -> None:
    """Wait until every update has come in and is done with, or was set aside."""
    with closing(sqlite3.connect(folder / "conversations.sqlite3")) as database:
        done = "SELECT count(*) FROM telegram_incoming WHERE update_id = ? AND state != 'waiting'"
        waiting = "SELECT count(*) FROM telegram_incoming WHERE state = 'waiting'"
        api.wait_for(
            lambda: database.execute(done, [api.last_update]).fetchone()[0] and not database.execute(waiting).fetchone()[0]
        )
