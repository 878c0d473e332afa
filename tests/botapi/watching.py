"""Waiting for what an answer looks like while it is made, when it is stopped, and when it is whole."""

from botapi.records import Chat, Message
from botapi.running import Running
from botapi.server import BotApi

from bot.telegram import texts


def placeholder(api: BotApi, chat: int, part: str = texts.LOOKING_FOR_ANSWER) -> Message:
    """The message with the Stop button, once it has these words in it."""
    found = api.wait_for(lambda: [each for each in api.sent(chat) if part in each.text and each.buttons])
    assert [texts.STOP] == [button["text"] for button in found[-1].buttons]
    return found[-1]


def stoppable(api: BotApi, bot: Running, chat: int, part: str = texts.LOOKING_FOR_ANSWER) -> Message:
    """The message with the Stop button, once the bot itself knows that it stands there."""
    shown = placeholder(api, chat, part)
    api.wait_for(lambda: bot.service._parts.courier.outbox.shown_by(chat, shown.id))
    return shown


def stopped(api: BotApi, chat: int, count: int = 1) -> list[Message]:
    """The messages that say that an answer was stopped, once there are so many."""
    said = api.wait_for(
        lambda: found if len(found := [each for each in api.sent(chat) if each.text == texts.STOPPED_ANSWER]) >= count else []
    )
    assert not any(each.buttons for each in said)
    return said


def answered(api: BotApi, chat: int, words: str) -> Message:
    """The answer with these words, whole: with its marks and its votes, and no Stop button."""
    (found,) = api.wait_for(lambda: [each for each in api.sent(chat) if words in each.text and len(each.buttons) > 2])
    assert "[1]" in found.text
    assert texts.STOP not in {button["text"] for button in found.buttons}
    return found


def alone(api: BotApi, message: Message) -> Message:
    """A message of the bot's, once no other one of the bot's stands in its chat."""
    api.wait_for(lambda: [message.id] == [each.id for each in api.sent(message.chat_id)])
    return message


def served(api: BotApi, bot: Running, chat: Chat) -> list[Message]:
    """What the bot has said in a chat as soon as nothing is left to be done."""
    api.wait_for(lambda: api.sent(chat) and not bot.left)
    return api.sent(chat)
