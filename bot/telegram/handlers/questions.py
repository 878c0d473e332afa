"""Messages that ask something: which of them are for the bot, what they ask, and what they go on from."""

import asyncio
from dataclasses import dataclass, replace

from telegram import Bot, Message, MessageEntity, Update, User
from telegram.ext import ContextTypes

from bot.exchanges import Asked, Exchange
from bot.questions import whole
from bot.telegram import texts
from bot.telegram.addressing import addressed
from bot.telegram.handlers.answers import answer
from bot.telegram.inbox import Stored
from bot.telegram.joining import Piece, continues, joined, may_continue
from bot.telegram.parts import Parts, message_of, place_of, sender_of, thread_of, topic_of
from bot.telegram.richtext import shows

LONGEST = 12_000  # characters of a question, in however many messages: more is an article that was sent by mistake
SECONDS_FOR_MORE = 1.5  # to wait for the rest of a question that fills its message
ANONYMOUS_ADMIN = 1087968824  # Telegram's own account for those who write in the name of a group


@dataclass(frozen=True, slots=True)
class Said:
    """What a message asks, in the messages it came in."""

    pieces: tuple[tuple[int, str], ...]
    text: str


class Questions:
    """Answers questions, new and edited."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def new(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a message, if it is for the bot."""
        message, place = message_of(update), place_of(update)
        text = asked_of(message, context.bot.bot)
        if text is None:
            return
        with self._parts.works.begun(place.update_id, chat=place.chat, person=place.person) as work:
            said = await self._with_rest(update, Said(((message.message_id, text),), text))
            if await self._is_askable(update, said):
                asked = Asked(thread_of(update), update.update_id, said.pieces, said.text, await self._parent(message, update))
                await answer(self._parts, asked, place, work)

    async def edited(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer an edited question anew, in the place of its answer; a message that was no question before is one now."""
        message, place = message_of(update), place_of(update)
        text = asked_of(message, context.bot.bot)
        before = await asyncio.to_thread(self._parts.conversations.of_message, message.chat_id, message.message_id)
        if text is None or text.startswith("/"):
            return
        if before is None:
            await self.new(update, context)
            return
        said = _with_edit(before, message.message_id, text)
        begun = await asyncio.to_thread(self._parts.conversations.of_update, update.update_id)  # before the process died
        if begun is not None or (said.text != before.question and await self._is_askable(update, said)):
            asked = Asked(before.thread, update.update_id, said.pieces, said.text, before.parent)
            with self._parts.works.begun(place.update_id, chat=place.chat, person=place.person) as work:
                await answer(self._parts, asked, place, work, replaces=before.id)

    async def unreadable(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take the words under a picture or a voice for the question; say, if there are none, what can be read, and from whom."""
        message = message_of(update)
        if asked_of(message, context.bot.bot) is None:
            return
        if message.document is not None:
            await self._parts.reply(update, texts.ADMINS_ONLY)
        elif message.caption:
            await self.new(update, context)
        else:
            await self._parts.reply(update, texts.ONLY_TEXT)

    async def _is_askable(self, update: Update, said: Said) -> bool:
        """Whether a question is one, and not too long; else the person is told why it is not answered."""
        problem = texts.TOO_LONG.format(most=LONGEST) if len(said.text) > LONGEST else texts.EMPTY_QUESTION
        if shows(said.text) and len(said.text) <= LONGEST:
            return True
        await self._parts.reply(update, problem)
        return False

    async def _parent(self, message: Message, update: Update) -> int | None:
        """The exchange that a question goes on from: the one that it replies to, else the last one of its thread."""
        conversations = self._parts.conversations
        replied = message.reply_to_message
        if replied is not None:
            found = await asyncio.to_thread(conversations.of_message, message.chat_id, replied.message_id)
            if found is not None:
                return found.id
        return await asyncio.to_thread(conversations.head, thread_of(update))

    async def _with_rest(self, update: Update, said: Said) -> Said:
        """A question together with the messages in which the client has sent the rest of it."""
        pieces = [_piece(message_of(update))]
        while may_continue(pieces[-1]):
            following = await self._parts.dispatcher.following(update.update_id, SECONDS_FOR_MORE)
            piece = _piece_of(following, update.get_bot()) if following else None
            if piece is None or not continues(pieces[-1], piece):
                break
            self._parts.dispatcher.take_in(update.update_id)
            pieces.append(piece)
        # What fills a message is judged with the bot's name in it, what is asked is without.
        text = joined([replace(pieces[0], text=said.text), *pieces[1:]])
        return Said((*said.pieces, *((each.message_id, each.text) for each in pieces[1:])), text)


def asked_of(message: Message, me: User) -> str | None:
    """What a message asks the bot; None if it is not for the bot, as most in a group are not."""
    private = message.chat.type == message.chat.PRIVATE
    if not private and is_by_no_person(message, me):
        return None
    text = whole(message.text or message.caption or "")
    marks = [_entity(each) for each in (message.entities or message.caption_entities)]
    meant = private or _replies_to(message, me)
    return addressed(text, marks, username=me.username or "", bot_id=me.id, reply_to_bot=meant)


def _replies_to(message: Message, me: User) -> bool:
    """Whether a message is a reply to one of the bot's; to the beginning of a topic is none."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created is not None:
        return False
    return replied.from_user.id == me.id


def is_by_no_person(message: Message, me: User) -> bool:
    """Whether it is another bot's message, or a channel's that appears in its group by itself."""
    sender = message.from_user
    other_bot = sender is not None and sender.is_bot and sender.id not in {me.id, ANONYMOUS_ADMIN} and message.sender_chat is None
    return other_bot or bool(message.is_automatic_forward)


def _entity(entity: MessageEntity) -> tuple[str, int, int, int | None]:
    return str(entity.type), entity.offset, entity.length, entity.user.id if entity.user else None


def _piece(message: Message) -> Piece:
    text = whole(message.text or "")
    return Piece(
        message_id=message.message_id,
        sender=sender_of(message),
        topic=topic_of(message),
        date=message.date,
        text=text,
        is_command=text.startswith("/"),
        is_forwarded=message.forward_origin is not None,
    )


def _piece_of(stored: Stored, bot: Bot) -> Piece | None:
    """The message of an update as a piece; None if it is no new message with a text, or cannot be read."""
    try:
        update = Update.de_json(stored.payload, bot)
    except Exception:  # noqa: BLE001 - a stranger's update may be malformed in any way; whoever serves it tells of it
        return None
    return _piece(update.message) if update.message is not None and update.message.text else None


def _with_edit(before: Exchange, message: int, text: str) -> Said:
    """The question of an exchange with one of its messages edited."""
    pieces = tuple((number, text if number == message else old) for number, old in before.pieces)
    return Said(pieces, " ".join(each for _, each in pieces) if len(pieces) > 1 else pieces[0][1])
