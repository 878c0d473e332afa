"""What the handlers have in common: the stores, the chain, the courier, and how a reply is sent."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import Message, Update, User

from bot.conversations import Conversations
from bot.exchanges import Thread
from bot.telegram.contents import contents, owed
from bot.telegram.inbox import ATTEMPTS
from bot.telegram.outbox import Place
from bot.telegram.richtext import RichText
from bot.telegram.shown import Button, Shown
from ingest.console import printable
from retrieval import LibraryError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.telegram.answering import Answering
    from bot.telegram.courier import Courier
    from bot.telegram.dispatcher import Dispatcher
    from bot.telegram.inbox import Inbox
    from bot.telegram.members import Members
    from bot.telegram.settings import TelegramSettings
    from bot.telegram.shelf import Shelf
    from bot.telegram.shortcuts import Shortcuts
    from bot.telegram.works import Works
    from retrieval import ArticleRecord

NAME_LENGTH = 64
FAILURE = 800  # the number of the message that tells of a failure, among those that an update leads to; an answer's come before


@dataclass(slots=True)
class Parts:
    """The parts of one running bot."""

    settings: "TelegramSettings"
    engine: "sa.Engine"
    inbox: "Inbox"
    conversations: Conversations
    members: "Members"
    shortcuts: "Shortcuts"
    courier: "Courier"
    dispatcher: "Dispatcher"
    answering: "Answering"
    shelf: "Shelf"
    works: "Works"

    async def reply(self, update: Update, text: str | RichText | Shown, *rows: tuple[Button, ...], number: int = 0) -> int | None:
        """Send our words where an update came from, in its topic, in groups as a reply; once, even if the update comes again."""
        shown = text if isinstance(text, Shown) else Shown(text if isinstance(text, RichText) else RichText(text), rows)
        place = place_of(update)
        parts = contents(shown, topic=place.topic, reply_to=place.reply_to)
        return await self.courier.owe(*owed(place, parts, first=number))

    def begin(self, update_id: int) -> None:
        """Note that work begins which may end the process; raises LibraryError if that has happened time and again."""
        if self.inbox.begin(update_id) > ATTEMPTS:
            message = "The program has ended each time it worked on this."
            raise LibraryError(message, help="The log has it under the update's number.")

    async def articles(self) -> "list[ArticleRecord]":
        """Every article of the library, without its text."""
        return await self.answering.call(lambda chain: chain.retriever.library.articles())

    async def is_admin(self, update: Update) -> bool:
        """Whether an update comes from an admin in a private chat, where alone admins are obeyed."""
        place = place_of(update)
        return place.private and place.person in await asyncio.to_thread(self.members.admins)


def message_of(update: Update) -> Message:
    """The message that an update is about; each that reaches a handler has one."""
    message = update.effective_message
    if not isinstance(message, Message):
        message_is = "The update has no message."
        raise TypeError(message_is)
    return message


def place_of(update: Update) -> Place:
    """Where the answer to an update goes."""
    message, chat = message_of(update), update.effective_chat
    private = chat is not None and chat.type == chat.PRIVATE
    return Place(
        update_id=update.update_id,
        person=person_of(update),
        chat=message.chat_id,
        topic=topic_of(message),
        reply_to=0 if private else message.message_id,
        private=private,
    )


def thread_of(update: Update) -> Thread:
    """Whose conversation an update belongs to."""
    place = place_of(update)
    return Thread(place.chat, place.topic, place.person)


def person_of(update: Update) -> int:
    """The id of whoever sent an update: a person, or the group or channel in whose name they write."""
    message = update.effective_message
    if update.callback_query is None and isinstance(message, Message):
        return sender_of(message)
    return update.effective_user.id if update.effective_user else 0


def sender_of(message: Message) -> int:
    """The id of whoever sent a message: a person, or the group or channel in whose name they write."""
    sender = message.sender_chat or message.from_user
    return sender.id if sender else 0


def topic_of(message: Message) -> int:
    """The topic that a message stands in; 0 where there are none."""
    return (message.message_thread_id or 0) if message.is_topic_message else 0


def name_of(user: User) -> str:
    """What a person calls themself, made harmless."""
    name = printable(user.full_name)[:NAME_LENGTH] or str(user.id)
    return f"{name} (@{printable(user.username)})" if user.username else name
