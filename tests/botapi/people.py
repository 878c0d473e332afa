"""Acting as people: what they say, press, send and do, and the updates that come of it."""

import time
from dataclasses import replace
from typing import Any

from botapi.entities import found_entities
from botapi.records import Chat, Message, Person
from botapi.table import member
from botapi.world import World, thread_of

ANONYMOUS = Person(1087968824, "Group", "GroupAnonymousBot", is_bot=True)


class People:
    """What tests do in the place of people; each call is safe from any thread and returns what it made."""

    world: World

    def private(self, person: Person) -> Chat:
        """A person's chat with the bot."""
        return self.world.add_chat(Chat(person.id, "private", person=person))

    def group(self, chat_id: int, title: str = "Readers") -> Chat:
        """A basic group."""
        return self.world.add_chat(Chat(chat_id, "group", title))

    def supergroup(self, chat_id: int, title: str = "Readers", *, forum: bool = False) -> Chat:
        """A supergroup, with topics if it is a forum; its id is below -1000000000000."""
        assert chat_id < -1_000_000_000_000, "such ids are a basic group's"
        return self.world.add_chat(Chat(chat_id, "supergroup", title, forum=forum))

    def topic(self, chat: Chat, name: str = "Topic") -> int:
        """A new topic of a forum; its id."""
        assert chat.forum, "only forums have topics"
        with self.world.changed:
            topic = self.world.next_message_id(chat.id)
            topic = self.world.next_message_id(chat.id) if topic == 1 else topic  # 1 is the general topic's
            self.world.topics.setdefault(chat.id, set()).add(topic)
            created = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
            message = self._message(chat, ANONYMOUS, "", id=topic, message_thread_id=topic, extra=created)
            self.world.announce_message(message)
        return topic

    def say(  # noqa: PLR0913 - a message has so many sides
        self,
        chat: Chat,
        person: Person,
        text: str,
        *,
        entities: list[dict[str, Any]] | None = None,
        reply_to: Message | int | None = None,
        topic: int | None = None,
        edit_of: Message | int | None = None,
        date: int | None = None,
        **extra: Any,
    ) -> Message:
        """A person's message, or another text for one; `extra` goes into the update as it is."""
        entities = found_entities(text) if entities is None else entities
        if edit_of is not None:
            return self.edit(chat, edit_of, text, entities=entities, **extra)
        with self.world.changed:
            target = None if reply_to is None else self.world.standing[chat.id][_id(reply_to)]
            message = self._message(
                chat,
                person,
                text,
                entities=entities,
                reply_to_message_id=target.id if target else None,
                message_thread_id=topic or thread_of(chat, target),
                extra=extra,
            )
            return self.world.announce_message(message if date is None else replace(message, date=date))

    def edit(
        self, chat: Chat, message: Message | int, text: str, *, entities: list[dict[str, Any]] | None = None, **extra: Any
    ) -> Message:
        """A person gives a message another text."""
        entities = found_entities(text) if entities is None else entities
        with self.world.changed:
            old = self.world.standing[chat.id][_id(message)]
            new = replace(old, text=text, entities=entities, edited=True, extra=old.extra | extra)
            return self.world.announce_message(new, "edited_message")

    def press(self, chat: Chat, message: Message | int, person: Person, button: str) -> str:
        """A person presses a button, named by its label or its data; the id of the callback query."""
        with self.world.changed:
            pressed = self.world.standing[chat.id][_id(message)]
            data = [item.get("callback_data") for item in pressed.buttons if button in {item["text"], item.get("callback_data")}]
            assert any(data), f"{button!r} cannot be pressed: {pressed.buttons}"
            return self._callback(person, {"message": self.world.wire(pressed), "data": data[0], "chat_instance": str(chat.id)})

    def upload(  # noqa: PLR0913, PLR0917 - a document has so many sides
        self, chat: Chat, person: Person, name: str, data: bytes, mime: str, caption: str | None = None, **extra: Any
    ) -> Message:
        """A person sends a document; `size` as an extra pretends another size than that of the data."""
        size = extra.pop("size", len(data))
        with self.world.changed:
            number = next(self.world.other_ids)
            document = {"file_id": f"file-{number}", "file_unique_id": f"unique-{number}", "file_size": size}
            document |= {"file_name": name, "mime_type": mime}
            self.world.files[document["file_id"]] = (document, data)
            found = found_entities(caption or "")
            message = self._message(chat, person, caption or "", entities=found, document=document, extra=extra)
            return self.world.announce_message(message)

    def remove(self, chat: Chat, message: Message | int) -> None:
        """A person deletes a message; bots are not told."""
        with self.world.changed:
            del self.world.standing[chat.id][_id(message)]
            self.world.changed.notify_all()

    def stop_draft(self, chat: Chat, draft_id: int) -> int | None:
        """A person stops a message while it is written, which needs a draft with `can_stop`; the update's id."""
        with self.world.changed:
            drafts = [draft for draft in self.world.drafts if (draft.chat_id, draft.draft_id) == (chat.id, draft_id)]
            assert drafts, f"there is no draft {draft_id}"
            assert drafts[-1].can_stop, f"draft {draft_id} has no stop button"
            return self.world.announce("stopped_message_generation", {"chat": chat.wire(), "draft_id": draft_id})

    def membership(self, chat: Chat, person: Person, old: str, new: str) -> int | None:
        """A person lets the bot in, or throws it out: member, administrator, left, kicked; the update's id."""
        with self.world.changed:
            self.world.statuses[chat.id] = new
            members = {"old_chat_member": member(self.world.bot, old), "new_chat_member": member(self.world.bot, new)}
            head = {"chat": chat.wire(), "from": person.wire(), "date": int(time.time())}
            return self.world.announce("my_chat_member", head | members)

    def migrate(self, old_id: int, new_id: int) -> Chat:
        """A basic group becomes a supergroup, told in both; the old id refuses from then on."""
        with self.world.changed:
            old = self.world.chats[old_id]
            new = self.supergroup(new_id, old.title or "")
            self.world.announce_message(self._message(old, ANONYMOUS, "", extra={"migrate_to_chat_id": new_id}))
            self.world.announce_message(self._message(new, ANONYMOUS, "", extra={"migrate_from_chat_id": old_id}))
            self.world.migrated[old_id] = new_id
        return new

    def push(self, update: dict[str, Any]) -> int:
        """An update as it is, however malformed; it gets the next id unless it brings one."""
        return self.world.queue(update)

    def repeat(self, update_id: int) -> None:
        """An update comes a second time, whatever the bot has confirmed."""
        with self.world.changed:
            self.world.repeats.append(dict(self.world.updates[update_id]))
            self.world.changed.notify_all()

    def _callback(self, person: Person, content: dict[str, Any]) -> str:
        callback_id = str(4_000_000_000 + next(self.world.other_ids))
        self.world.callbacks[callback_id] = True
        self.world.announce("callback_query", {"id": callback_id, "from": person.wire()} | content)
        return callback_id

    def _message(self, chat: Chat, person: Person, text: str, **more: Any) -> Message:
        number = more.pop("id", None) or self.world.next_message_id(chat.id)
        return Message(id=number, chat=chat, sender=person, from_bot=False, date=int(time.time()), text=text, **more)


def _id(message: Message | int) -> int:
    return message if isinstance(message, int) else message.id
