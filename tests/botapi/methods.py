"""The methods that write into chats; the table of all methods is `METHODS` in `botapi.table`."""

import time
from dataclasses import replace
from typing import Any

from botapi.records import Action, Chat, Draft, Message, Params, refuse
from botapi.rules import check_markup, formatted
from botapi.world import World, thread_of

GENERAL_TOPIC = 1
CHAT_ACTIONS = {
    "choose_sticker",
    "find_location",
    "record_video",
    "record_video_note",
    "record_voice",
    "typing",
    "upload_document",
    "upload_photo",
    "upload_video",
    "upload_video_note",
    "upload_voice",
}


def send_message(world: World, params: Params) -> dict[str, Any]:
    """A new message; without a topic id it lands in the forum's general topic, whatever it answers."""
    chat = world.chat(params.get("chat_id"))
    text, entities = formatted(params)
    markup = check_markup(params.get("reply_markup"))
    thread = check_thread(world, chat, params.get("message_thread_id"))
    target = _reply_target(world, chat, thread, params)
    message = Message(
        id=0,
        chat=chat,
        sender=world.bot,
        from_bot=True,
        date=int(time.time()),
        text=text,
        entities=entities,
        reply_markup=markup,
        reply_to_message_id=target.id if target else None,
        message_thread_id=thread if chat.forum else thread or thread_of(chat, target),
        link_preview_disabled=_preview_disabled(params),
    )
    return world.wire(world.put(replace(message, id=world.next_message_id(chat.id))))


def edit_message_text(world: World, params: Params) -> dict[str, Any]:
    """Another text for a message of the bot; a keyboard that is not given again goes."""
    message = _editable(world, params)
    text, entities = formatted(params)
    markup = check_markup(params.get("reply_markup"), inline_only=True)
    changed = replace(message, text=text, entities=entities, reply_markup=markup, link_preview_disabled=_preview_disabled(params))
    return _edited(world, message, changed)


def edit_message_reply_markup(world: World, params: Params) -> dict[str, Any]:
    """Other buttons below a message of the bot."""
    message = _editable(world, params)
    markup = check_markup(params.get("reply_markup"), inline_only=True)
    return _edited(world, message, replace(message, reply_markup=markup))


def delete_message(world: World, params: Params) -> bool:
    """A message goes: the bot's own, anyone's in a private chat, anyone's in a group where the bot is an administrator."""
    chat = world.chat(params.get("chat_id"))
    message = world.standing[chat.id].get(params.get("message_id", 0))
    if message is None:
        refuse("message to delete not found")
    if not (message.from_bot or chat.private or world.statuses.get(chat.id) == "administrator"):
        refuse("message can't be deleted")
    del world.standing[chat.id][message.id]
    world.changed.notify_all()
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """Typing and its like; the only call that may name the general topic."""
    chat, thread = world.chat(params.get("chat_id")), params.get("message_thread_id")
    if params.get("action") not in CHAT_ACTIONS:
        refuse("wrong parameter action in request")
    if not (chat.forum and thread == GENERAL_TOPIC):
        check_thread(world, chat, thread)
    world.actions.append(Action(chat.id, params["action"], thread, time.monotonic()))
    return True


def send_message_draft(world: World, params: Params) -> bool:
    """One frame of a message while it is written, in private chats only; an empty one shows "Thinking…"."""
    chat = world.chat(params.get("chat_id"))
    if not chat.private:
        refuse("TEXTDRAFT_PEER_INVALID")
    draft_id = params.get("draft_id")
    if not isinstance(draft_id, int) or draft_id == 0:
        refuse("RANDOM_ID_INVALID")
    check_thread(world, chat, params.get("message_thread_id"))
    text, entities = formatted(params, may_be_empty=True)
    world.drafts.append(Draft(chat.id, draft_id, text, entities, bool(params.get("can_stop")), time.monotonic()))
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    """The end of a button's waiting, once for each press."""
    callback_id = str(params.get("callback_query_id"))
    if not world.callbacks.get(callback_id):
        refuse("query is too old and response timeout expired or query ID is invalid")
    if len(str(params.get("text") or "")) > 200:
        refuse("MESSAGE_TOO_LONG")
    world.callbacks[callback_id] = False
    world.callback_answers[callback_id] = params
    return True


def check_thread(world: World, chat: Chat, thread: Any) -> int | None:
    """The topic, or in a supergroup without topics the message that began the thread; raises Refusal."""
    if thread is None:
        return None
    without_topics = chat.type == "supergroup" and not chat.forum
    if thread not in (world.standing[chat.id] if without_topics else world.topics.get(chat.id, ())):
        refuse("message thread not found")
    return int(thread)


def _reply_target(world: World, chat: Chat, thread: int | None, params: Params) -> Message | None:
    reply = params.get("reply_parameters")
    if not reply:
        return None
    if reply.get("chat_id", chat.id) != chat.id:
        refuse("this server knows no replies to another chat")
    target = world.standing[chat.id].get(reply.get("message_id"))
    if target and (not chat.forum or thread is None or target.message_thread_id == thread):
        return target
    if not reply.get("allow_sending_without_reply"):
        refuse("message to be replied not found")
    return None


def _editable(world: World, params: Params) -> Message:
    chat = world.chat(params.get("chat_id"))
    message = world.standing[chat.id].get(params.get("message_id", 0))
    if message is None:
        refuse("message to edit not found")
    if not message.from_bot:
        refuse("message can't be edited")
    return message


def _edited(world: World, message: Message, changed: Message) -> dict[str, Any]:
    if message == changed:
        refuse(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    return world.wire(world.put(replace(changed, edited=True)))


def _preview_disabled(params: Params) -> bool:
    return bool((params.get("link_preview_options") or {}).get("is_disabled"))
