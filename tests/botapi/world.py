"""All that the server remembers, behind one lock: chats, messages, files, updates, and what the bot did."""

import itertools
import threading
import time
from dataclasses import replace
from typing import Any

from botapi.records import SUPERGROUPS_BELOW, Action, Call, Chat, Draft, Message, Params, Person, refuse

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count", "stopped_message_generation"}
AWAY = {"left", "kicked"}
FIRST_UPDATE = 500_001


class World:
    """The state of one bot's Telegram; `changed` is notified whenever anything in it changes."""

    def __init__(self, bot: Person) -> None:
        self.bot = bot
        self.changed = threading.Condition()
        self.chats: dict[int, Chat] = {}
        self.standing: dict[int, dict[int, Message]] = {}
        self.topics: dict[int, set[int]] = {}
        self.statuses: dict[int, str] = {}
        self.migrated: dict[int, int] = {}
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.updates: dict[int, dict[str, Any]] = {}
        self.pending: list[dict[str, Any]] = []
        self.repeats: list[dict[str, Any]] = []
        self.allowed: list[str] = []
        self.webhook: Params | None = None
        self.webhook_error: tuple[int, str] | None = None
        self.poller = 0
        self.calls: list[Call] = []
        self.drafts: list[Draft] = []
        self.actions: list[Action] = []
        self.callbacks: dict[str, bool] = {}
        self.callback_answers: dict[str, Params] = {}
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.update_ids = itertools.count(FIRST_UPDATE)
        self.other_ids = itertools.count(1)
        self.message_ids: dict[int | None, itertools.count[int]] = {}

    def add_chat(self, chat: Chat) -> Chat:
        """Make a chat known, or bring what is known of it up to date."""
        with self.changed:
            self.chats[chat.id] = chat
            self.standing.setdefault(chat.id, {})
            self.changed.notify_all()
        return chat

    def chat(self, chat_id: Any) -> Chat:
        """The chat in which the bot may act; raises Refusal."""
        if chat_id is None or chat_id == "":
            refuse("chat_id is empty")
        if chat_id in self.migrated:
            refuse("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.migrated[chat_id])
        if chat_id not in self.chats:
            refuse("chat not found")
        chat, status = self.chats[chat_id], self.statuses.get(chat_id)
        if status in AWAY and chat.private:
            refuse("Forbidden: bot was blocked by the user", 403)
        if status in AWAY:
            kind = "supergroup" if chat.type == "supergroup" else "group"
            was = "was kicked from" if status == "kicked" else "is not a member of"
            refuse(f"Forbidden: bot {was} the {kind} chat", 403)
        return chat

    def next_message_id(self, chat_id: int) -> int:
        """One sequence over all private chats and basic groups, one of its own for each supergroup."""
        sequence = chat_id if chat_id < SUPERGROUPS_BELOW else None
        return next(self.message_ids.setdefault(sequence, itertools.count(1)))

    def put(self, message: Message) -> Message:
        """Let a message stand in its chat."""
        self.standing[message.chat_id][message.id] = message
        self.changed.notify_all()
        return message

    def wire(self, message: Message, *, nested: bool = True) -> dict[str, Any]:
        """As the Bot API writes a Message; the message that it answers is written without the one that this answers."""
        head = {"message_id": message.id, "from": message.sender.wire(), "chat": message.chat.wire(), "date": message.date}
        body = {"caption": message.text, "caption_entities": message.entities, "document": message.document}
        if not message.document:
            body = {"text": message.text, "entities": message.entities}
        thread = message.message_thread_id
        more = {
            "reply_markup": message.reply_markup,
            "message_thread_id": thread,
            "is_topic_message": bool(thread and message.chat.forum),
            "edit_date": int(time.time()) if message.edited else None,
            "link_preview_options": {"is_disabled": True} if message.link_preview_disabled else None,
        }
        answered = self.standing[message.chat_id].get(message.reply_to_message_id or 0)
        if nested and answered:
            more["reply_to_message"] = self.wire(answered, nested=False)
        return head | {name: value for name, value in (body | more).items() if value} | message.extra

    def announce(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update unless the bot has not asked for its kind; its id, or None."""
        with self.changed:
            if not (kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT):
                return None
            return self.queue({kind: content})

    def queue(self, update: dict[str, Any]) -> int:
        """Queue an update as it is, with the next id unless it brings one; its id."""
        with self.changed:
            update = update if "update_id" in update else {"update_id": next(self.update_ids)} | update
            self.updates[update["update_id"]] = update
            self.pending.append(update)
            self.changed.notify_all()
        return int(update["update_id"])

    def announce_message(self, message: Message, kind: str = "message") -> Message:
        """Let a person's message stand and queue its update, unless the bot has been thrown out."""
        with self.changed:
            message = self.put(message)
            away = self.statuses.get(message.chat_id) in AWAY
            return message if away else self.put(replace(message, update_id=self.announce(kind, self.wire(message))))

    def note_call(self, method: str, params: Params) -> int:
        """Write down that a call has arrived; its place in the list."""
        with self.changed:
            self.calls.append(Call(method, params, time.monotonic()))
            self.changed.notify_all()
            return len(self.calls) - 1

    def note_answer(self, place: int, status: int) -> None:
        """Write down how a call was answered."""
        with self.changed:
            self.calls[place] = replace(self.calls[place], status=status, ended=time.monotonic())
            self.changed.notify_all()


def thread_of(chat: Chat, target: Message | None) -> int | None:
    """The thread into which a person's answer to a message goes: its topic, or without topics the chain's first message."""
    if target is None or chat.type != "supergroup":
        return None
    return target.message_thread_id or (None if chat.forum else target.id)
