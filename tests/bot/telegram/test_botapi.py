"""The strict Bot API server does what Telegram does, as the real client of python-telegram-bot sees it."""

import asyncio
import http.server
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from botapi import faults
from botapi.records import Chat, Message, Person
from botapi.server import BotApi
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, ReplyParameters, Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters
from telegram.request import HTTPXRequest

ADA, BOB = Person(7, "Ada", "ada"), Person(8, "Bob")
GROUP, SUPERGROUP, FORUM = -50, -1_000_000_000_050, -1_000_000_000_060
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
FACE = "\N{GRINNING FACE}"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApi]:
    """A server with Ada's private chat."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # or reading `retry_after` is a warning
    with BotApi() as server:
        server.private(ADA)
        yield server


@pytest.fixture
def chat(api: BotApi) -> Chat:
    """Ada's private chat."""
    return api.private(ADA)


def client(api: BotApi, token: str | None = None) -> Bot:
    """The real client."""
    quick: Any = {"httpx_kwargs": {"verify": False}}  # or each of them reads all certificates, for plain HTTP
    polls, rest = HTTPXRequest(**quick), HTTPXRequest(connection_pool_size=64, **quick)
    base = {"base_url": f"{api.url}/bot", "base_file_url": f"{api.url}/file/bot"}
    return Bot(token or api.token, **base, get_updates_request=polls, request=rest)


def run(api: BotApi, work: Callable[[Bot], Awaitable[Any]]) -> Any:
    """What some work with a client gives."""

    async def whole() -> Any:
        async with client(api) as bot:
            return await work(bot)

    return asyncio.run(whole())


def call(api: BotApi, method: str, **params: Any) -> Any:
    """The result of one call."""
    return run(api, lambda bot: bot._post(method, params))


def refusal(api: BotApi, method: str, **params: Any) -> str:
    """What a call is refused with."""
    with pytest.raises(TelegramError) as caught:
        call(api, method, **params)
    return caught.value.message.lower()


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    """One entity."""
    return {"type": kind, "offset": offset, "length": length} | more


def sent(api: BotApi, chat: Chat, text: str = "hello", **params: Any) -> Message:
    """A message of the bot."""
    call(api, "sendMessage", chat_id=chat.id, text=text, **params)
    return api.sent(chat)[-1]


TEXTS = {
    "empty": ({"text": ""}, "message text is empty"),
    "blank": ({"text": " \n\t "}, "message text is empty"),
    "missing": ({}, "message text is empty"),
    "long": ({"text": "a" * 4097}, "message is too long"),
    "long-in-units": ({"text": FACE * 2049}, "message is too long"),
    "parse-mode": ({"text": "a", "parse_mode": "HTML"}, "parse_mode"),
    "out-of-bounds": ({"text": "abc", "entities": [entity("bold", 1, 3)]}, "ends after the end"),
    "negative": ({"text": "abc", "entities": [entity("bold", -1, 2)]}, "entity_bounds_invalid"),
    "nothing": ({"text": "abc", "entities": [entity("bold", 1, 0)]}, "entity_bounds_invalid"),
    "starts-in-half": ({"text": FACE + "b", "entities": [entity("bold", 1, 2)]}, "begins in a middle of a utf-16 symbol"),
    "ends-in-half": ({"text": "b" + FACE, "entities": [entity("bold", 0, 2)]}, "ends in a middle of a utf-16 symbol"),
    "too-many": ({"text": "a" * 101, "entities": [entity("bold", place, 1) for place in range(101)]}, "too many entities"),
    "unknown": ({"text": "abc", "entities": [entity("loud", 0, 1)]}, "unsupported type"),
    "overlap": ({"text": "abc", "entities": [entity("bold", 0, 2), entity("italic", 1, 2)]}, "illegally"),
    "quote-in-quote": (
        {"text": "abc", "entities": [entity("blockquote", 0, 3), entity("expandable_blockquote", 1, 1)]},
        "illegally",
    ),
    "bold-in-code": ({"text": "abc", "entities": [entity("code", 0, 3), entity("bold", 1, 1)]}, "illegally"),
    "link-in-pre": (
        {"text": "abc", "entities": [entity("pre", 0, 3), entity("text_link", 0, 3, url="https://a.b")]},
        "illegally",
    ),
    "link-to-script": ({"text": "abc", "entities": [entity("text_link", 0, 3, url="javascript:alert(1)")]}, "text_link"),
    "link-nowhere": ({"text": "abc", "entities": [entity("text_link", 0, 3)]}, "text_link"),
}


@pytest.mark.parametrize(("params", "reason"), TEXTS.values(), ids=TEXTS)
def test_text_that_telegram_refuses(api: BotApi, chat: Chat, params: dict[str, Any], reason: str) -> None:
    """Text and entities that do not fit are refused, and nothing is sent."""
    assert reason in refusal(api, "sendMessage", chat_id=chat.id, **params)
    assert api.messages(chat) == []
    assert api.calls[-1].status == 400


BUTTONS = {
    "data-long": ({"text": "a", "callback_data": "é" * 33}, "button_data_invalid"),
    "data-empty": ({"text": "a", "callback_data": ""}, "button_data_invalid"),
    "address": ({"text": "a", "url": "file:///etc/passwd"}, "button_url_invalid"),
    "no-action": ({"text": "a"}, "exactly one action"),
    "two-actions": ({"text": "a", "callback_data": "b", "url": "https://a.b"}, "exactly one action"),
    "no-label": ({"text": "", "callback_data": "b"}, "text is empty"),
}


@pytest.mark.parametrize(("button", "reason"), BUTTONS.values(), ids=BUTTONS)
def test_buttons_that_telegram_refuses(api: BotApi, chat: Chat, button: dict[str, Any], reason: str) -> None:
    """A button needs a label and exactly one action that fits."""
    assert reason in refusal(api, "sendMessage", chat_id=chat.id, text="a", reply_markup={"inline_keyboard": [[button]]})


def test_what_fits_is_taken(api: BotApi, chat: Chat) -> None:
    """Text at the limit, legal nesting, and entities that move with the trimming are kept as Telegram keeps them."""
    nested = [entity("expandable_blockquote", 3, 6), entity("text_link", 3, 4, url="https://a.b/c"), entity("bold", 3, 2)]
    message = sent(api, chat, f" \n {FACE}bcdefg  ", entities=nested)

    assert message.text == f"{FACE}bcdefg"
    assert message.marked("expandable_blockquote") == [f"{FACE}bcde"]
    assert message.marked("text_link") == [f"{FACE}bc"]
    assert sent(api, chat, FACE * 2048).text == FACE * 2048
    assert sent(api, chat, "  abc", entities=[entity("bold", 0, 3)]).text == "  abc"
    assert sent(api, chat, "[1]").text == "[1]"
    assert sent(api, chat, "a", entities=[entity("blockquote", 0, 1), entity("code", 0, 1)]).marked("code") == ["a"]


def test_a_message_as_the_client_sees_it(api: BotApi, chat: Chat) -> None:
    """Entities, keyboard, reply and preview options arrive, are kept, and come back."""
    question = api.say(chat, ADA, "why?")

    async def work(bot: Bot) -> Any:
        return await bot.send_message(
            chat.id,
            "because [1]",
            entities=[MessageEntity(MessageEntity.BOLD, 0, 7)],
            reply_parameters=ReplyParameters(question.id),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("1", callback_data="s:1")]]),
        )

    answer = run(api, work)
    kept = api.sent(chat)[0]

    assert (answer.reply_to_message.text, answer.from_user.username, answer.message_id) == ("why?", "footnote_bot", kept.id)
    assert (kept.reply_to_message_id, kept.link_preview_disabled, kept.marked("bold")) == (question.id, True, ["because"])
    assert kept.buttons == [{"text": "1", "callback_data": "s:1"}]
    assert api.messages(chat) == [question, kept]


def test_edits_and_deletions(api: BotApi, chat: Chat) -> None:
    """Only the bot's standing messages change, only into something else; a keyboard that is not given again goes."""
    theirs, message = api.say(chat, ADA, "hello"), sent(api, chat, reply_markup=KEYBOARD)
    here = {"chat_id": chat.id, "message_id": message.id}

    assert "is not modified" in refusal(api, "editMessageText", **here, text=" hello", reply_markup=KEYBOARD)
    assert "is not modified" in refusal(api, "editMessageReplyMarkup", **here, reply_markup=KEYBOARD)
    assert "message to edit not found" in refusal(api, "editMessageText", chat_id=chat.id, message_id=99, text="x")
    assert "can't be edited" in refusal(api, "editMessageText", chat_id=chat.id, message_id=theirs.id, text="x")
    assert call(api, "editMessageText", **here, text="hello", link_preview_options={"is_disabled": True})["text"] == "hello"
    assert (api.sent(chat)[0].reply_markup, api.sent(chat)[0].edited) == (None, True)
    assert call(api, "deleteMessage", **here)
    assert "message to delete not found" in refusal(api, "deleteMessage", **here)
    assert api.messages(chat) == [theirs]


def test_reply_targets(api: BotApi, chat: Chat) -> None:
    """An answer to a message that is gone is refused unless the call allows to send it without."""
    gone = api.say(chat, ADA, "never mind")
    api.remove(chat, gone)

    target = {"message_id": gone.id}
    assert "message to be replied not found" in refusal(api, "sendMessage", chat_id=7, text="a", reply_parameters=target)
    assert sent(api, chat, reply_parameters=target | {"allow_sending_without_reply": True}).reply_to_message_id is None


def test_chats_that_cannot_be_written_to(api: BotApi, chat: Chat) -> None:
    """Unknown, blocked, left and migrated chats are told apart."""
    api.group(GROUP)
    assert "chat not found" in refusal(api, "sendMessage", chat_id=99, text="a")
    api.membership(chat, ADA, "member", "kicked")
    with pytest.raises(Forbidden, match="blocked by the user"):
        call(api, "sendMessage", chat_id=chat.id, text="a")
    assert api.say(chat, ADA, "hello?").update_id is None
    call(api, "leaveChat", chat_id=GROUP)
    with pytest.raises(Forbidden, match="not a member of the group chat"):
        call(api, "sendMessage", chat_id=GROUP, text="a")
    api.membership(api.group(GROUP), ADA, "left", "member")
    supergroup = api.migrate(GROUP, SUPERGROUP)
    with pytest.raises(ChatMigrated) as caught:
        call(api, "sendMessage", chat_id=GROUP, text="a")
    assert caught.value.new_chat_id == supergroup.id
    update = api.pending[-1]["message"]
    assert (update["migrate_from_chat_id"], update["chat"]["id"]) == (GROUP, SUPERGROUP)


def test_message_ids(api: BotApi, chat: Chat) -> None:
    """Private chats and basic groups share one sequence of ids, each supergroup has its own."""
    other, group, supergroup = api.private(BOB), api.group(GROUP), api.supergroup(SUPERGROUP)

    assert [api.say(where, ADA, "a").id for where in (chat, other, group, supergroup, chat)] == [1, 2, 3, 1, 4]


def test_topics(api: BotApi) -> None:
    """In a forum a message lands in the topic that the call names, or in the general one, whatever it answers."""
    forum = api.supergroup(FORUM, forum=True)
    topic = api.topic(forum)
    question = api.say(forum, ADA, "why?", topic=topic)
    reply = {"message_id": question.id}

    assert api.pending[-1]["message"]["is_topic_message"]
    assert "message thread not found" in refusal(api, "sendMessage", chat_id=FORUM, text="a", message_thread_id=999)
    assert "message thread not found" in refusal(api, "sendMessage", chat_id=FORUM, text="a", message_thread_id=1)
    assert sent(api, forum, message_thread_id=topic, reply_parameters=reply).message_thread_id == topic
    assert sent(api, forum, reply_parameters=reply).message_thread_id is None
    assert call(api, "sendChatAction", chat_id=FORUM, action="typing", message_thread_id=topic)
    assert api.actions[-1].message_thread_id == topic
    plain = api.supergroup(SUPERGROUP)
    first = api.say(plain, ADA, "a")
    second = api.say(plain, BOB, "b", reply_to=first)
    assert (first.message_thread_id, second.message_thread_id) == (None, first.id)
    assert sent(api, plain, reply_parameters={"message_id": second.id}).message_thread_id == first.id


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


FAULTS = {
    "retry-after": (faults.retry_after(3), RetryAfter, "3", 429, 0),
    "html": (faults.status(502), NetworkError, "Bad Gateway", 502, 0),
    "blocked": (faults.status(403), Forbidden, "blocked", 403, 0),
    "revoked": (faults.status(401), InvalidToken, "Unauthorized", 401, 0),
    "conflict": (faults.status(409), Conflict, "Conflict", 409, 0),
    "reset-before": (faults.reset_before(), NetworkError, "ReadError", 0, 0),
    "reset-after": (faults.reset_after(), NetworkError, "ReadError", 0, 1),
    "truncated": (faults.truncated(), NetworkError, "RemoteProtocolError", 0, 1),
    "garbled": (faults.garbled(), TelegramError, "Invalid server response", 200, 1),
}


@pytest.mark.parametrize(("kind", "error", "reason", "status", "acted"), FAULTS.values(), ids=FAULTS)
def test_faults(  # noqa: PLR0913, PLR0917 - one row of the table
    api: BotApi, chat: Chat, kind: faults.Fault, error: type[TelegramError], reason: str, status: int, acted: int
) -> None:
    """A call fails as the script says, having acted or not, and the next one passes."""
    api.fault("sendMessage", kind=kind)
    with pytest.raises(error, match=reason):
        call(api, "sendMessage", chat_id=chat.id, text="a")
    assert len(api.sent(chat)) == acted
    assert api.called("sendMessage", chat)[0].status == status
    assert sent(api, chat, "b").text == "b"


def test_when_faults_strike(api: BotApi, chat: Chat) -> None:
    """A fault is for a method, a chat, a number of calls, and may begin later; for ever lasts until it is stopped."""
    api.private(BOB)
    rule = api.fault("sendMessage", kind=faults.status(500), chat=chat, times=None, after=1)

    def works(chat_id: int) -> bool:
        try:
            return bool(call(api, "sendMessage", chat_id=chat_id, text="a"))
        except NetworkError:
            return False

    assert [works(BOB.id), works(ADA.id), works(ADA.id), works(BOB.id), works(ADA.id)] == [True, True, False, True, False]
    rule.stop()
    assert works(ADA.id)
    assert call(api, "sendChatAction", chat_id=chat.id, action="typing")


@pytest.mark.parametrize(("kind", "acted"), [(faults.delay_before, 0), (faults.delay_after, 1)], ids=["before", "after"])
def test_delays(api: BotApi, chat: Chat, kind: Callable[[float], faults.Fault], acted: int) -> None:
    """A call can be late in acting, or late only in answering; others pass meanwhile."""
    api.fault("sendMessage", kind=kind(0.05))
    assert call(api, "sendMessage", chat_id=chat.id, text="a")
    (late,) = api.called("sendMessage")
    assert late.ended is not None
    assert late.ended - late.time >= 0.05
    api.fault("sendMessage", kind=kind(60))

    async def work(bot: Bot) -> None:
        later = asyncio.create_task(bot.send_message(chat.id, "b"))
        await asyncio.to_thread(api.wait_for, lambda: len(api.called("sendMessage")) == 2 and len(api.sent(chat)) == 1 + acted)
        await bot.get_me()
        await asyncio.to_thread(api.down)
        with pytest.raises(NetworkError):
            await later

    run(api, work)
    assert len(api.sent(chat)) == 1 + acted


def test_closing_does_not_wait_for_those_who_wait(api: BotApi, chat: Chat) -> None:
    """Long polls and calls that hang are cut when the server goes down, and the same port answers when it is up again."""
    api.fault("sendMessage", kind=faults.hang())

    async def work(bot: Bot) -> float:
        waiting = [asyncio.create_task(bot.get_updates(timeout=50)), asyncio.create_task(bot.send_message(chat.id, "a"))]
        await asyncio.to_thread(api.wait_for, lambda: len(api.calls) == 3)
        begun = time.monotonic()
        await asyncio.to_thread(api.down)
        for error in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(error, NetworkError)
        taken = time.monotonic() - begun
        with pytest.raises(NetworkError, match="ConnectError"):
            await bot.get_me()
        api.up()
        await bot.send_message(chat.id, "b")
        return taken

    assert run(api, work) < 5
    assert [message.text for message in api.sent(chat)] == ["b"]


def test_a_given_port_and_token() -> None:
    """A second server can take the place of the first."""
    with BotApi(token="42:other") as first:  # noqa: S106 - it opens nothing
        assert call(first, "getMe")["id"] == 42
    with BotApi(token="42:other", port=first.port) as second:  # noqa: S106 - as above
        assert (second.url, call(second, "getMe")["username"]) == (first.url, "footnote_bot")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, after refusing the first."""

    statuses: list[int]
    taken: list[tuple[str | None, dict[str, Any], int]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.statuses.pop() if self.statuses else 200
        self.taken.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body, status))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_webhook(api: BotApi, chat: Chat) -> None:
    """Updates are posted in order, each until it is taken, with the secret; polling is refused meanwhile."""
    handler = type("Fresh", (Hook,), {"statuses": [503], "taken": []})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as hook:
        threading.Thread(target=hook.serve_forever, args=(0.02,), daemon=True).start()
        api.say(chat, ADA, "a")
        call(api, "setWebhook", url=f"http://127.0.0.1:{hook.server_address[1]}/hook", secret_token="s3cret")  # noqa: S106 - a test's
        api.say(chat, ADA, "b")
        with pytest.raises(Conflict, match="webhook is active"):
            call(api, "getUpdates")
        api.wait_for(lambda: not api.pending)
        api.repeat(api.last_update)
        api.wait_for(lambda: len(handler.taken) == 4)
        assert call(api, "getWebhookInfo")["pending_update_count"] == 0
        assert call(api, "deleteWebhook")
        hook.shutdown()
    assert [(secret, body["message"]["text"], status) for secret, body, status in handler.taken] == [
        ("s3cret", "a", 503),
        ("s3cret", "a", 200),
        ("s3cret", "b", 200),
        ("s3cret", "b", 200),
    ]
    assert call(api, "getUpdates") == []


def test_a_whole_application(api: BotApi, chat: Chat) -> None:
    """The real Application polls, answers, edits on a press, and stops."""

    async def answer(update: Update, _: Any) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("more", callback_data="more")]])
        await update.message.reply_text(update.message.text.upper(), reply_markup=keyboard)

    async def more(update: Update, _: Any) -> None:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("MORE")

    def people() -> None:
        api.say(chat, ADA, "hello")
        (message,) = api.wait_sent(chat, 1)
        query = api.press(chat, message, ADA, "more")
        api.wait_for(lambda: api.sent(chat)[0].text == "MORE" and query in api.callback_answers)

    async def whole() -> None:
        base = Application.builder().token(api.token).base_url(f"{api.url}/bot").base_file_url(f"{api.url}/file/bot")
        application = base.build()
        application.add_handlers([MessageHandler(filters.TEXT, answer), CallbackQueryHandler(more)])
        async with application:
            await application.start()
            await application.updater.start_polling(poll_interval=0, timeout=5)
            await asyncio.to_thread(people)
            await application.updater.stop()
            await application.stop()

    asyncio.run(whole())
    assert api.pending == []


def test_many_at_once(api: BotApi) -> None:
    """Calls from many connections lose nothing."""
    chats = [api.private(Person(100 + number)) for number in range(20)]

    async def work(bot: Bot) -> None:
        await asyncio.gather(*(bot.send_message(chat.id, str(turn)) for turn in range(5) for chat in chats))

    run(api, work)
    assert all(sorted(message.text for message in api.sent(chat)) == list("01234") for chat in chats)


def test_a_malformed_update_is_passed_on_as_it_is(api: BotApi) -> None:
    """What a test pushes comes as it is, so that the client stumbles as it would."""
    api.push({"message": {"message_id": "?"}})

    with pytest.raises((BadRequest, TypeError, KeyError)):
        run(api, lambda bot: bot.get_updates())
    assert api.wait_for(lambda: api.called("getUpdates")[0].status) == 200
