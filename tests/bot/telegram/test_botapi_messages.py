"""The strict Bot API server takes and refuses the messages that Telegram takes and refuses."""

from typing import Any

import pytest
from botapi.calling import ADA, BOB, FORUM, GROUP, SUPERGROUP, call, entity, refusal, run, sent
from botapi.records import Chat
from botapi.server import BotApi
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, ReplyParameters
from telegram.error import ChatMigrated, Forbidden

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
FACE = "\N{GRINNING FACE}"


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
