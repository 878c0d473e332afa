"""The table of all methods, with those that tell of the bot, its chats, its menus and its files."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from botapi import methods
from botapi.records import Params, Person, refuse
from botapi.world import World

FILE_LIMIT = 20 * 1024 * 1024
ADMINISTRATOR_RIGHTS = (
    "can_be_edited",
    "can_change_info",
    "can_delete_messages",
    "can_delete_stories",
    "can_edit_stories",
    "can_invite_users",
    "can_manage_chat",
    "can_manage_video_chats",
    "can_post_stories",
    "can_promote_members",
    "can_restrict_members",
    "is_anonymous",
)
SCOPES_OF_CHATS = {"chat", "chat_administrators", "chat_member"}
SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"} | SCOPES_OF_CHATS
ACCEPTED_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_me(world: World, params: Params) -> dict[str, Any]:
    """The bot itself."""
    rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return world.bot.wire() | rights | {"can_connect_to_business": False, "has_main_web_app": False}


def get_chat(world: World, params: Params) -> dict[str, Any]:
    """A chat in full."""
    gifts = dict.fromkeys(ACCEPTED_GIFTS, False)
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return world.chat(params.get("chat_id")).wire() | more


def get_chat_member(world: World, params: Params) -> dict[str, Any]:
    """The bot's standing in a chat, or that of a person who has said something in it."""
    chat, user_id = world.chat(params.get("chat_id")), params.get("user_id")
    if user_id == world.bot.id:
        return member(world.bot, world.statuses.get(chat.id, "member"))
    people = {message.sender.id: message.sender for message in world.standing[chat.id].values()}
    person = chat.person if chat.person and chat.person.id == user_id else people.get(user_id or 0)
    if person is None:
        refuse("user not found")
    return member(person, "member")


def member(person: Person, status: str) -> dict[str, Any]:
    """As the Bot API writes a ChatMember."""
    rights = dict.fromkeys(ADMINISTRATOR_RIGHTS, True) if status == "administrator" else {}
    until = {"until_date": 0} if status == "kicked" else {}
    return {"status": status, "user": person.wire()} | rights | until


def leave_chat(world: World, params: Params) -> bool:
    """The bot leaves."""
    chat = world.chat(params.get("chat_id"))
    if chat.private:
        refuse("chat member status can't be changed in private chats")
    world.statuses[chat.id] = "left"
    return True


def set_my_commands(world: World, params: Params) -> bool:
    """The menu for a scope and language."""
    commands = params.get("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        refuse("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch("[a-z0-9_]{1,32}", command.get("command", "")):
            refuse("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            refuse("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(world, params)] = commands
    return True


def delete_my_commands(world: World, params: Params) -> bool:
    """No menu for a scope and language."""
    world.commands.pop(_scope(world, params), None)
    return True


def get_my_commands(world: World, params: Params) -> list[dict[str, Any]]:
    """The menu of exactly a scope and language."""
    return world.commands.get(_scope(world, params), [])


def get_file(world: World, params: Params) -> dict[str, Any]:
    """Where a file of at most 20 MB can be had."""
    known = world.files.get(str(params.get("file_id")))
    if known is None:
        refuse("wrong file_id or the file is temporarily unavailable")
    document, _ = known
    if document["file_size"] > FILE_LIMIT:
        refuse("file is too big")
    shown = {name: document[name] for name in ("file_id", "file_unique_id", "file_size")}
    return shown | {"file_path": file_path(document)}


def file_path(document: dict[str, Any]) -> str:
    """The path of a document below the address for downloads."""
    return f"documents/{hashlib.sha256(json.dumps(document).encode()).hexdigest()[:12]}"


def _scope(world: World, params: Params) -> str:
    scope = params.get("scope") or {"type": "default"}
    if scope.get("type") not in SCOPES:
        refuse("unsupported BotCommandScope type")
    parts = [str(scope["type"])]
    if scope["type"] in SCOPES_OF_CHATS:
        parts.append(str(world.chat(scope.get("chat_id")).id))
    if scope["type"] == "chat_member":
        parts.append(str(scope.get("user_id")))
    language = params.get("language_code")
    return ":".join(parts) + (f"/{language}" if language else "")


METHODS: dict[str, Callable[[World, Params], Any]] = {
    "answercallbackquery": methods.answer_callback_query,
    "deletemessage": methods.delete_message,
    "deletemycommands": delete_my_commands,
    "editmessagereplymarkup": methods.edit_message_reply_markup,
    "editmessagetext": methods.edit_message_text,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getfile": get_file,
    "getme": get_me,
    "getmycommands": get_my_commands,
    "leavechat": leave_chat,
    "sendchataction": methods.send_chat_action,
    "sendmessage": methods.send_message,
    "sendmessagedraft": methods.send_message_draft,
    "setmycommands": set_my_commands,
}
