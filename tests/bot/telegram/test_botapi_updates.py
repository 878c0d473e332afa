"""The strict Bot API server tells bots what people do, as Telegram does."""

import asyncio
from typing import Any

import pytest
from botapi.calling import ADA, BOB, GROUP, call, client, refusal, run, sent
from botapi.records import Chat
from botapi.server import BotApi
from telegram import Bot
from telegram.error import Conflict, InvalidToken

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
FACE = "\N{GRINNING FACE}"


def test_entities_of_people(api: BotApi, chat: Chat) -> None:
    """Commands, mentions and addresses are found where they stand, in UTF-16 units."""
    message = api.say(chat, ADA, f"/ask@Footnote_Bot {FACE} @footnote_BOT see https://a.b/@c/d or me@home.org")

    assert message.marked("bot_command") == ["/ask@Footnote_Bot"]
    assert message.marked("mention") == ["@footnote_BOT"]
    assert message.marked("url") == ["https://a.b/@c/d"]
    assert api.say(chat, ADA, "either/or", entities=[]).entities == []


def test_updates_wait_until_they_are_confirmed(api: BotApi, chat: Chat) -> None:
    """Updates come again until a higher offset is asked for, at most `limit`, and a negative offset forgets all but the last."""
    first, second, third = (api.say(chat, ADA, text).update_id for text in "abc")

    async def work(bot: Bot) -> list[list[int]]:
        asked: list[dict[str, int]] = [{}, {"limit": 1}, {"offset": second}, {}, {"offset": -1}, {"offset": third + 1}]
        return [[update.update_id for update in await bot.get_updates(**params)] for params in asked]

    assert run(api, work) == [[first, second, third], [first], [second, third], [second, third], [third], []]
    api.repeat(first)
    assert [update["update_id"] for update in call(api, "getUpdates", offset=third + 1)] == [first]


def test_allowed_updates_hold_for_what_comes_after(api: BotApi, chat: Chat) -> None:
    """Kinds that the bot did not name never come, and those that are new come only when they are named."""
    call(api, "sendMessageDraft", chat_id=chat.id, draft_id=5, text="", can_stop=True)
    assert api.stop_draft(chat, 5) is None
    call(api, "getUpdates", allowed_updates=["edited_message", "stopped_message_generation"])
    message = api.say(chat, ADA, "a")
    edited = api.say(chat, ADA, "b", edit_of=message)
    api.stop_draft(chat, 5)

    assert message.update_id is None
    assert edited.edited
    assert [set(update) - {"update_id"} for update in call(api, "getUpdates")] == [
        {"edited_message"},
        {"stopped_message_generation"},
    ]


def test_a_second_poller_ends_the_first(api: BotApi, chat: Chat) -> None:
    """The older of two polls is told of a conflict, the younger one gets the update."""

    async def work(bot: Bot) -> Any:
        older = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.to_thread(api.wait_for, lambda: api.called("getUpdates"))
        async with client(api) as second:
            younger = asyncio.create_task(second.get_updates(timeout=20))
            with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                await older
            api.say(chat, ADA, "a")
            return await younger

    assert [update.message.text for update in run(api, work)] == ["a"]


def test_buttons(api: BotApi, chat: Chat) -> None:
    """A press brings an update with the message, and is answered once."""
    message = sent(api, chat, reply_markup=KEYBOARD)
    query = api.press(chat, message, ADA, "Yes")

    async def work(bot: Bot) -> Any:
        (update,) = await bot.get_updates()
        await update.callback_query.answer("thanks")
        return update.callback_query

    pressed = run(api, work)
    assert (pressed.id, pressed.data, pressed.message.message_id, pressed.from_user.id) == (query, "y", message.id, ADA.id)
    assert api.callback_answers[query]["text"] == "thanks"
    assert "query is too old" in refusal(api, "answerCallbackQuery", callback_query_id=query)
    with pytest.raises(AssertionError, match="cannot be pressed"):
        api.press(chat, message, ADA, "No")


def test_drafts(api: BotApi, chat: Chat) -> None:
    """Drafts are for private chats, have an id, and may be empty."""
    api.group(GROUP)

    assert "textdraft_peer_invalid" in refusal(api, "sendMessageDraft", chat_id=GROUP, draft_id=1, text="a")
    assert "random_id_invalid" in refusal(api, "sendMessageDraft", chat_id=chat.id, draft_id=0, text="a")
    assert run(api, lambda bot: bot.send_message_draft(chat.id, 3, "so far", api_kwargs={"can_stop": True}))
    assert call(api, "sendMessageDraft", chat_id=chat.id, draft_id=3, text="")
    assert [(draft.text, draft.can_stop) for draft in api.drafts] == [("so far", True), ("", False)]
    assert api.messages(chat) == []


def test_files(api: BotApi, chat: Chat) -> None:
    """A document can be fetched, byte for byte, up to 20 MB."""
    data = bytes(range(256)) * 400
    api.upload(chat, ADA, "../a.txt", data, "text/plain", caption="/add this")
    big = api.upload(chat, ADA, "b.pdf", b"", "application/pdf", size=20 * 1024 * 1024 + 1)

    async def work(bot: Bot) -> tuple[Any, bytes]:
        message = (await bot.get_updates())[0].message
        return message, bytes(await (await message.document.get_file()).download_as_bytearray())

    message, fetched = run(api, work)
    assert (message.document.file_name, message.caption, message.caption_entities[0].length) == ("../a.txt", "/add this", 4)
    assert fetched == data
    assert big.document is not None
    assert "file is too big" in refusal(api, "getFile", file_id=big.document["file_id"])


def test_menus(api: BotApi, chat: Chat) -> None:
    """Each scope and language has its own menu, and names are checked."""
    menu = [{"command": "help", "description": "What I can do"}]
    scope = {"type": "chat", "chat_id": chat.id}

    assert call(api, "setMyCommands", commands=menu)
    assert call(api, "setMyCommands", commands=menu, scope=scope, language_code="de")
    assert api.commands == {"default": menu, "chat:7/de": menu}
    assert call(api, "getMyCommands", scope=scope) == []
    assert call(api, "deleteMyCommands")
    assert "default" not in api.commands
    assert "bot_command_invalid" in refusal(api, "setMyCommands", commands=[{"command": "Help", "description": "a"}])
    assert "chat not found" in refusal(api, "setMyCommands", commands=menu, scope={"type": "chat", "chat_id": 99})


def test_what_is_known_of_chats_and_members(api: BotApi, chat: Chat) -> None:
    """The client can read what the server tells of chats, members and memberships."""
    group = api.group(GROUP, "Readers")
    api.membership(group, BOB, "left", "administrator")

    async def work(bot: Bot) -> tuple[Any, ...]:
        (update,) = await bot.get_updates()
        return await bot.get_chat(GROUP), await bot.get_chat_member(GROUP, bot.id), update.my_chat_member

    full, member, change = run(api, work)
    assert (full.title, member.status) == ("Readers", "administrator")
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("left", "administrator")
    assert "user not found" in refusal(api, "getChatMember", chat_id=GROUP, user_id=ADA.id)


def test_what_is_not_there(api: BotApi) -> None:
    """A wrong token and an unknown method are refused as Telegram does."""
    with pytest.raises(InvalidToken, match="Not Found"):
        call(api, "sendRichMessage", chat_id=7)

    async def wrong() -> None:
        async with client(api, "123456:wrong"):
            pass

    with pytest.raises(InvalidToken):
        asyncio.run(wrong())
    assert [one.status for one in api.calls if one.method in {"sendRichMessage", "getMe"}] == [200, 404, 401]
