"""One person's chat with the bot, in the words of a test: ask and get the answer, tap and hear what the tap says."""

from typing import Any

from botapi.records import Chat, Message, Person
from botapi.server import BotApi

STOP = "stop"  # what the button says under a message that is not the answer yet


class Talk:
    """A person in a chat, private unless another is given."""

    def __init__(self, api: BotApi, person: Person, chat: Chat | None = None) -> None:
        self.api, self.person, self.chat = api, person, chat or api.private(person)

    @property
    def heard(self) -> list[Message]:
        """What the bot has said here, without what will be replaced."""
        said = self.api.sent(self.chat)
        return [message for message in said if not any(each.get("callback_data") == STOP for each in message.buttons)]

    def say(self, text: str, **more: Any) -> Message:
        """Say something and wait for nothing."""
        return self.api.say(self.chat, self.person, text, **more)

    def ask(self, text: str, *, parts: int = 1, **more: Any) -> Message:
        """Say something; the last of the messages that come."""
        known = len(self.heard)
        self.say(text, **more)
        return self.wait(known + parts)[-1]

    def wait(self, count: int) -> list[Message]:
        """What the bot has said as soon as it is so much; more is an error."""
        self.api.wait_for(lambda: len(self.heard) >= count)
        assert len(self.heard) == count, self.heard
        return self.heard

    def edit(self, message: Message | int, text: str) -> None:
        """Give a message of the person's another text, and wait until the bot has served that."""
        self.api.edit(self.chat, message, text)
        self.settle()

    def settle(self) -> None:
        """Wait until everything said so far is served: what is said in a chat is served in order."""
        word = f"marker{len(self.api.messages(self.chat))}"
        asked = self.say(f"/sources {word}")
        self.api.wait_for(lambda: any(word in each.text for each in self.heard))
        for message in (asked, next(each for each in self.heard if word in each.text)):
            self.api.remove(self.chat, message)

    def tap(self, message: Message | int, button: str) -> str:
        """Press a button; what the tap says, after everything else that it does."""
        return self._acknowledged(self.api.press(self.chat, message, self.person, button))

    def forge(self, message: Message, data: str, *, under: bool = False, old: bool = False) -> str:
        """Send what no button says, as a client can; as if one stood `under` it, or it was too `old` to be shown."""
        shown = self.api.world.wire(message)
        if under:
            shown["reply_markup"] = {"inline_keyboard": [[{"text": "!", "callback_data": data}]]}
        if old:
            shown = {"message_id": message.id, "chat": self.chat.wire(), "date": 0}
        content = {"message": shown, "data": data, "chat_instance": "1"}
        return self._acknowledged(self.api._callback(self.person, content))

    def now(self, message: Message) -> Message:
        """The message as it stands."""
        return self.api.world.standing[self.chat.id][message.id]

    def _acknowledged(self, query: str) -> str:
        self.api.wait_for(lambda: query in self.api.callback_answers)
        return str(self.api.callback_answers[query].get("text") or "")


def button(message: Message, label: str) -> str:
    """What the button says whose label begins like this."""
    return next(str(each["callback_data"]) for each in message.buttons if each["text"].startswith(label))
