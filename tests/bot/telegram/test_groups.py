"""In groups the bot speaks when it is spoken to, in the right topic, and keeps each asker's conversation apart."""

from collections.abc import Callable
from typing import Any

import pytest
from botapi.acting import let_in, pair, press, reply, silence
from botapi.people import ANONYMOUS
from botapi.records import Chat, Message, Person
from botapi.running import Running, SlowChain
from botapi.server import BotApi

from bot.telegram import texts

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
OTHER_BOT = Person(99, "Weather", "weather_bot", is_bot=True)
CHANNEL = {"id": -1_001_000_000_777, "type": "channel", "title": "News"}
TELEGRAM = Person(777000, "Telegram")
QUESTION = "How many otters did the census find?"
FLOUR = "Which four flours did the bakery feed the starter with?"
FOLLOW_UP = "And who counted them?"
HELD = 20
Start = Callable[..., Running]


def asked(api: BotApi, chat: Chat, person: Person, text: str, **more: Any) -> Message:
    """The bot's answer in a group, which is a reply to the question in its topic."""
    before = len(api.sent(chat))
    question = api.say(chat, person, text, **more)
    answer = api.wait_sent(chat, before + 1)[before]
    assert answer.reply_to_message_id == question.id
    assert not chat.forum or answer.message_thread_id == question.message_thread_id
    return answer


def test_addressed(api: BotApi, start: Start) -> None:
    """A mention in any case and at any place, a reply to the bot, and a command are answered, each by a reply."""
    group = api.group(-500)
    named = {"type": "text_mention", "offset": 0, "length": 4, "user": api.bot.wire()}
    with start():
        first = asked(api, group, ADA, f"@footnote_bot {QUESTION}")
        for text in (f"@FOOTNOTE_Bot, {QUESTION}", f"👩‍👩‍👧🦦🦦 @Footnote_bot {QUESTION}", f"🦦 {QUESTION[:-1]}, @footnote_bot?"):
            assert "27 animals" in asked(api, group, BOB, text).text
        assert "27 animals" in asked(api, group, BOB, f"Foot {QUESTION}", entities=[named]).text
        assert "27 animals" in asked(api, group, BOB, QUESTION, reply_to=first).text
        assert "Lenn" in asked(api, group, ADA, "/search otters").text
        assert "Lenn" in asked(api, group, ADA, "/SEARCH@Footnote_Bot otters").text
        assert asked(api, group, ADA, "@footnote_bot").text == texts.EMPTY_QUESTION
        assert asked(api, group, ADA, "", reply_to=first, sticker=None, dice={"emoji": "🎲", "value": 3}).text == texts.ONLY_TEXT


def test_not_addressed(api: BotApi, start: Start) -> None:
    """Everything else is left alone, without so much as a typing sign."""
    group, shown = api.group(-500), {"type": "code", "offset": 0, "length": 13}
    forwarded = {"sender_chat": CHANNEL, "is_automatic_forward": True}
    with start():
        with silence(api, group, ADA):
            hello = api.say(group, BOB, "Hello")
            for text in ("otters?", "@footnote_bots hi", "me@footnote_bot.example", "/help@weather_bot", "/weather"):
                api.say(group, ADA, text)
            api.say(group, ADA, "And you?", reply_to=hello)
            api.say(group, ADA, "@footnote_bot is its name", entities=[shown, {**shown, "type": "mention"}])
            api.say(group, ADA, "", new_chat_members=[BOB.wire()])
            api.say(group, ADA, "", dice={"emoji": "🎲", "value": 3})
            api.say(group, BOB, "Hello again", edit_of=hello)
            for sender, extra in ((OTHER_BOT, {}), (TELEGRAM, forwarded)):
                for text in (f"@footnote_bot {QUESTION}", "/help", "/help@footnote_bot", "/search otters", "/unknown"):
                    api.say(group, sender, text, **extra)
        assert len(api.called("sendMessage", group)) == 1
        assert len(api.called("sendChatAction", group)) <= 1


def test_topics(api: BotApi, start: Start) -> None:
    """In a forum an answer, its typing sign and an opened source stand in the question's topic; a topic's head is no reply."""
    forum = api.supergroup(-1_000_000_000_500, forum=True)
    first, second = api.topic(forum, "Animals"), api.topic(forum, "Bread")
    head = {"message_id": second, "from": api.bot.wire(), "chat": forum.wire(), "date": 1, "message_thread_id": second}
    created = {**head, "is_topic_message": True, "forum_topic_created": {"name": "Bread", "icon_color": 7322096}}
    with start():
        api.say(forum, ADA, "Not for the bot", topic=second, reply_to_message=created)
        animals = asked(api, forum, ADA, f"@footnote_bot {QUESTION}", topic=first)
        bread = asked(api, forum, ADA, f"@footnote_bot {FLOUR}", topic=second, reply_to_message=created)
        general = asked(api, forum, ADA, f"@footnote_bot {QUESTION}")
        assert [animals.message_thread_id, bread.message_thread_id, general.message_thread_id] == [first, second, None]
        assert {action.message_thread_id for action in api.actions} == {first, second, None}
        assert "otters" not in asked(api, forum, ADA, f"@footnote_bot {FOLLOW_UP}", topic=second).text
        press(api, forum, animals, BOB, animals.buttons[0]["text"])
        assert api.sent(forum)[-1].message_thread_id == first
        assert api.sent(forum)[-1].reply_to_message_id == animals.id


def test_memory(api: BotApi, start: Start) -> None:
    """Each asker's follow-up goes on from their own question, though the other's came in between."""
    group = api.group(-500)
    with start():
        asked(api, group, ADA, f"@footnote_bot {QUESTION}")
        asked(api, group, BOB, f"@footnote_bot {FLOUR}")
        adas = asked(api, group, ADA, f"@footnote_bot {FOLLOW_UP}").text
        bobs = asked(api, group, BOB, "@footnote_bot And how often?").text
        assert "otters" in adas.rpartition("follow-up to: ")[2]
        assert "flour" in bobs.rpartition("follow-up to: ")[2]
        assert "flour" not in adas
        assert "otter" not in bobs


def test_anonymous_admin(api: BotApi, start: Start) -> None:
    """Whoever writes in the name of the group is answered and has a conversation, which /new ends."""
    group = api.supergroup(-1_000_000_000_500)
    name: dict[str, Any] = {"sender_chat": group.wire()}
    with start():
        assert "27 animals" in asked(api, group, ANONYMOUS, f"@footnote_bot {QUESTION}", **name).text
        assert "otters" in asked(api, group, ANONYMOUS, f"@footnote_bot {FOLLOW_UP}", **name).text.rpartition("follow-up to: ")[2]
        assert asked(api, group, ANONYMOUS, "/new@footnote_bot", **name).text == texts.NEW
        assert "follow-up" not in asked(api, group, ANONYMOUS, f"@footnote_bot {FOLLOW_UP}", **name).text
        assert asked(api, group, ANONYMOUS, "/add https://a.example/", **name).text == texts.ADMINS_ONLY


def test_migration(api: BotApi, start: Start) -> None:
    """A group that becomes a supergroup is still let in, its conversations go on, and its new answers' buttons work."""
    group = api.group(-500, "Readers")
    with start(access="paired") as bot:
        admin = pair(api, bot, ADA)
        api.membership(group, ADA, "left", "member")
        let_in(api, admin, group, "Readers")
        asked(api, group, BOB, f"@footnote_bot {QUESTION}")
        new = api.migrate(group.id, -1_000_000_000_500)
        answer = asked(api, new, BOB, f"@footnote_bot {FOLLOW_UP}")
        assert "otters" in answer.text.rpartition("follow-up to: ")[2]
        assert press(api, new, answer, BOB, texts.GOOD) == texts.THANKS
        press(api, new, answer, BOB, next(each["text"] for each in answer.buttons if each["callback_data"].startswith("s:")))
        assert texts.CLOSE in [each["text"] for each in api.sent(new)[-1].buttons]
    with start(access="paired"):
        assert "27 animals" in asked(api, new, BOB, f"@footnote_bot {QUESTION}").text


def test_request_survives_migration(api: BotApi, start: Start) -> None:
    """A request to let a group in can be granted after the group has become a supergroup."""
    group = api.group(-500, "Readers")
    with start(access="paired") as bot:
        admin = pair(api, bot, ADA)
        api.membership(group, ADA, "left", "member")
        api.wait_sent(admin, 2)
        new = api.migrate(group.id, -1_000_000_000_500)
        reply(api, admin, ADA, "/status")
        let_in(api, admin, new, "Readers")
        assert "27 animals" in asked(api, new, BOB, f"@footnote_bot {QUESTION}").text


@pytest.mark.parametrize("access", ["open", "paired"])
def test_questions_before_migration(api: BotApi, start: Start, access: str) -> None:
    """Questions asked just before a group becomes a supergroup are answered there, each once."""
    group, slow = api.group(-500, "Readers"), list[SlowChain]()
    with start(access=access, wrap=lambda chain: slow.append(SlowChain(chain)) or slow[0]) as bot:
        admin = pair(api, bot, ADA)
        api.membership(group, ADA, "left", "member")
        if access == "paired":
            let_in(api, admin, group, "Readers")
        api.say(group, BOB, f"@footnote_bot {QUESTION}")
        assert slow[0].begun.acquire(timeout=HELD)
        api.say(group, ADA, f"@footnote_bot {FLOUR}")
        greeted = len(api.sent(group))
        new = api.migrate(group.id, -1_000_000_000_500)
        slow[0].go.release(100)
        answers = api.wait_sent(new, 2)
        assert ["27 animals" in each.text for each in answers] == [True, False]
        assert "sourdough" in answers[1].text
        with silence(api, new, BOB):
            pass
        assert len(api.sent(group)) == greeted
