"""A strict Bot API server for tests, over real HTTP: it refuses what Telegram refuses, and fails when it is told to."""

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from botapi import updates
from botapi.faults import Fault, Rule, Script
from botapi.people import People
from botapi.records import Action, Call, Chat, Draft, Message, Params, Person, Refusal
from botapi.table import METHODS, file_path
from botapi.wire import Answer, Listener, refused
from botapi.world import World

TOKEN = "123456:TEST-token-of-the-strict-bot-api"  # noqa: S105 - it opens nothing but this server
WEBHOOK_METHODS = {
    "deletewebhook": updates.delete_webhook,
    "getwebhookinfo": updates.get_webhook_info,
    "setwebhook": updates.set_webhook,
}

SECONDS = 30.0  # until what has to happen is given up, on a busy machine
Found = TypeVar("Found")


class BotApi(People):
    """The server while it is entered; its state, the script of faults, and what people do (see `People`)."""

    def __init__(self, *, token: str = TOKEN, username: str = "footnote_bot", port: int = 0) -> None:
        self.token, self.port = token, port
        self.world = World(Person(int(token.partition(":")[0]), "Footnote", username, is_bot=True))
        self.script, self.errors = Script(), list[BaseException | None]()
        self.courier = updates.Courier(self.world)
        self.listener: Listener | None = None
        self.placeholder: socket.socket | None = None

    def __enter__(self) -> Self:
        self.up()
        self.courier.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()
        self.courier.end()
        self._release_port()
        assert error or not self.errors, f"the Bot API server itself failed: {self.errors}"

    @property
    def url(self) -> str:
        """Its address; the bot's base address is `{url}/bot`, that of files `{url}/file/bot`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bot(self) -> Person:
        """The bot itself."""
        return self.world.bot

    def up(self) -> None:
        """Listen, on the same port as before."""
        self._release_port()
        self.listener = Listener(self, self.port)
        self.port = self.listener.server_address[1]
        self._set_away(away=False)

    def down(self) -> None:
        """Refuse connections until `up`, and cut those that are open; all state is kept."""
        if self.listener is None:
            return
        self._set_away(away=True)
        self.listener.close(self._wake)
        self.listener = None
        # bound but not listening, or the port might be given to another connection meanwhile
        self.placeholder = socket.socket()
        self.placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.placeholder.bind(("127.0.0.1", self.port))

    def fault(self, method: str, *, kind: Fault, chat: Chat | int | None = None, times: int | None = 1, after: int = 0) -> Rule:
        """Let calls go wrong: of one method, or "*" for all, in one chat, so many `times` (None: until `stop`), `after` some."""
        rule = Rule(method, kind, None if chat is None else chat_id(chat), times, after)
        with self.script.lock:
            self.script.rules.append(rule)
        return rule

    def messages(self, chat: Chat | int) -> list[Message]:
        """The messages that stand in a chat, in order."""
        with self.world.changed:
            return [message for _, message in sorted(self.world.standing[chat_id(chat)].items())]

    def sent(self, chat: Chat | int) -> list[Message]:
        """Those of them that are the bot's."""
        return [message for message in self.messages(chat) if message.from_bot]

    @property
    def calls(self) -> list[Call]:
        """Every call in the order in which they arrived."""
        with self.world.changed:
            return list(self.world.calls)

    def called(self, method: str, chat: Chat | int | None = None) -> list[Call]:
        """The calls of a method, in a chat if one is given."""
        found = [call for call in self.calls if call.method.lower() == method.lower()]
        return [call for call in found if chat is None or call.params.get("chat_id") == chat_id(chat)]

    @property
    def drafts(self) -> list[Draft]:
        """Every frame of a draft."""
        with self.world.changed:
            return list(self.world.drafts)

    @property
    def actions(self) -> list[Action]:
        """Every chat action."""
        with self.world.changed:
            return list(self.world.actions)

    @property
    def callback_answers(self) -> dict[str, Params]:
        """What the bot answered to callback queries, by their ids."""
        with self.world.changed:
            return dict(self.world.callback_answers)

    @property
    def commands(self) -> dict[str, list[dict[str, Any]]]:
        """Menus by scope, as "default", "chat:5", "chat_member:5:7", with "/de" behind it for a language."""
        with self.world.changed:
            return dict(self.world.commands)

    @property
    def pending(self) -> list[dict[str, Any]]:
        """Updates that the bot has not confirmed."""
        with self.world.changed:
            return list(self.world.pending)

    @property
    def last_update(self) -> int:
        """The id of the newest update."""
        with self.world.changed:
            return max(self.world.updates)

    def wait_for(self, predicate: Callable[[], Found], seconds: float = SECONDS) -> Found:
        """What the predicate gives as soon as that is true, looked at whenever a call comes in or ends; fails after a while."""
        until = time.monotonic() + seconds
        with self.world.changed:
            while not (found := predicate()):
                assert time.monotonic() < until, f"not within {seconds} s; the last calls: {self.world.calls[-8:]}"
                self.world.changed.wait(0.1)  # the predicate may look at more than this server
        return found

    def wait_sent(self, chat: Chat | int, count: int, seconds: float = SECONDS) -> list[Message]:
        """The bot's messages in a chat as soon as there are so many."""
        return self.wait_for(lambda: sent if len(sent := self.sent(chat)) >= count else [], seconds)

    def answer(self, method: str, params: Params, stopping: threading.Event) -> Answer:
        """Act, and say what Telegram would."""
        name = method.lower()
        try:
            if name == "getupdates":
                return 200, {"ok": True, "result": updates.get_updates(self.world, params, stopping)}
            act = METHODS.get(name) or WEBHOOK_METHODS.get(name)
            if act is None:
                return refused(Refusal("Not Found", 404))
            with self.world.changed:
                return 200, {"ok": True, "result": act(self.world, params)}
        except Refusal as refusal:
            return refused(refusal)

    def download(self, path: str) -> Answer:
        """The bytes of a file."""
        with self.world.changed:
            found = [data for document, data in self.world.files.values() if file_path(document) == path]
        return (200, found[0]) if found else refused(Refusal("Not Found", 404))

    def begin(self, method: str, params: Params) -> tuple[int, Fault | None]:
        """Write down a call; its place and what shall go wrong with it."""
        return self.world.note_call(method, params), self.script.take(method, params.get("chat_id"))

    def end(self, place: int, status: int) -> None:
        """Write down how a call was answered."""
        self.world.note_answer(place, status)

    def failed(self, error: BaseException | None) -> None:
        """Write down that this server itself has failed."""
        self.errors.append(error)

    def _wake(self) -> None:
        with self.world.changed:
            self.world.changed.notify_all()

    def _set_away(self, *, away: bool) -> None:
        with self.world.changed:
            self.courier.away = away
            self.world.changed.notify_all()

    def _release_port(self) -> None:
        if self.placeholder:
            self.placeholder.close()
            self.placeholder = None


def chat_id(chat: Chat | int) -> int:
    """The id of a chat."""
    return chat if isinstance(chat, int) else chat.id
