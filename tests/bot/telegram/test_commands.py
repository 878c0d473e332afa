"""Each command does what the menu says, and every word that it says comes from the texts."""

import ast
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from botapi.acting import pair, press, reply, settled, silence
from botapi.chains import Held
from botapi.records import Message, Person
from botapi.running import Running, SlowChain
from botapi.server import BotApi

import bot.telegram
from bot.telegram import texts

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
QUESTION = "How many otters did the census find?"
FOLLOW_UP = "And who counted them?"
HELD = 20
Start = Callable[..., Running]


def test_greetings(api: BotApi, start: Start) -> None:
    """/start and /help tell an admin more than others; what is no command is called so in private only."""
    bob, group = api.private(BOB), api.group(-500)
    with start() as bot:
        ada = pair(api, bot, ADA)
        assert reply(api, bob, BOB, "/start").text == texts.START
        assert reply(api, bob, BOB, "/HELP@Footnote_Bot please").text == texts.HELP
        assert reply(api, ada, ADA, "/start").text == f"{texts.START}\n\n{texts.START_ADMIN}"
        assert reply(api, ada, ADA, "/help").text == f"{texts.HELP}\n\n{texts.HELP_ADMIN}"
        assert reply(api, group, ADA, "/help").text == texts.HELP, "admins are obeyed in private alone"
        for text in ("/nothing", "/nothing at all", "/help@another_bot"):
            assert reply(api, bob, BOB, text).text == texts.UNKNOWN_COMMAND
        with silence(api, group, BOB):
            api.say(group, BOB, "/nothing")


def test_menus(api: BotApi, start: Start) -> None:
    """The menu of private chats has every command for all, that of groups what fits there, and an admin's has more."""
    with start(access="paired") as bot:
        pair(api, bot, ADA)
        private, group, admin = (
            [each["command"] for each in api.wait_for(lambda scope=scope: api.commands.get(scope))]
            for scope in ("all_private_chats", "all_group_chats", "chat:7")
        )
        assert private == ["help", "new", "sources", "search", "why", "cancel", "status", "forget"]
        assert group == ["help", "new", "sources", "search", "why", "cancel"]
        assert admin == [*private, "add", "remove"]
        assert not {"default", "chat:8"} & set(api.commands)
        api.world.commands.clear()
    with start(access="paired"):
        assert [each["command"] for each in api.wait_for(lambda: api.commands.get("chat:7"))] == admin


def test_new(api: BotApi, start: Start) -> None:
    """After /new a question follows nothing."""
    chat = api.private(BOB)
    with start():
        reply(api, chat, BOB, QUESTION)
        assert "follow-up" in reply(api, chat, BOB, FOLLOW_UP).text
        assert reply(api, chat, BOB, "/new").text == texts.NEW
        assert "follow-up" not in reply(api, chat, BOB, FOLLOW_UP).text


def test_cancel(api: BotApi, start: Start, data: Path) -> None:
    """/cancel stops what is being answered and drops the questions that wait behind it, of this person alone."""
    chat, group, slow = api.private(BOB), api.group(-500), list[SlowChain]()
    with start(wrap=lambda chain: slow.append(SlowChain(chain)) or slow[0]):
        assert reply(api, chat, BOB, "/cancel").text == texts.NOTHING_TO_STOP
        api.say(group, ADA, f"@footnote_bot {QUESTION}")
        assert slow[0].begun.acquire(timeout=HELD)
        api.say(chat, BOB, QUESTION)
        assert slow[0].begun.acquire(timeout=HELD)
        api.say(chat, BOB, "Which four flours were there?")
        api.say(chat, BOB, "/help")
        api.wait_for(lambda: not api.pending)
        assert reply(api, chat, BOB, "/cancel").text == texts.STOPPED_ANSWER
        assert reply(api, group, BOB, "/cancel").text == texts.NOTHING_TO_STOP
        slow[0].go.release(100)
        settled(api, data)
        assert [each.text for each in api.sent(chat)] == [texts.NOTHING_TO_STOP, texts.STOPPED_ANSWER, texts.HELP]
        assert "27 animals" in api.sent(group)[-1].text
        assert "27 animals" in reply(api, chat, BOB, QUESTION).text


def test_cancel_drops_questions_only(api: BotApi, start: Start) -> None:
    """/cancel swallows no command that waits, and no question that was asked after it."""
    chat = api.private(BOB)
    with start(wrap=(held := Held())) as bot, held:
        api.say(chat, BOB, QUESTION)
        held.begun()
        for text in ("/new", "Which four flours were there?", "/forget", "/sources otters"):
            api.say(chat, BOB, text)
        api.wait_for(lambda: not api.pending)
        with api.world.changed:  # both come in at once
            api.say(chat, BOB, "/cancel")
            api.say(chat, BOB, "And the flood?")
        held.go()
        api.wait_for(lambda: not bot.left)

    stopped, new, forgotten, listed, answer = (each.text for each in api.sent(chat))
    assert [stopped, new, forgotten] == [texts.STOPPED_ANSWER, texts.NEW, texts.FORGOTTEN]
    assert "Otters" in listed
    assert "flood" in answer


def labels(message: Message) -> list[str]:
    """What the buttons say."""
    return [each["text"] for each in message.buttons]


def test_sources(api: BotApi, start: Start) -> None:
    """/sources lists every article once, page by page, also after a restart; words filter, and a page that is gone says so."""
    chat = api.private(BOB)
    with start():
        first = reply(api, chat, BOB, "/sources")
        assert first.text.endswith("10 articles · page 1 of 2")
        assert labels(first) == ["›"]
        filtered = reply(api, chat, BOB, "/sources  E")
        found = int(re.search(r"(\d+) articles with “E”", filtered.text)[1])  # type: ignore[index]
        assert reply(api, chat, BOB, "/sources LeNn").text.endswith("1 article with “LeNn”")
        assert reply(api, chat, BOB, "/sources \u202eno such").text == texts.NO_SUCH_ARTICLES.format(words="no such")
    with start():
        numbers = []
        for button in ("›", "‹", "›"):
            page = next(each for each in api.sent(chat) if each.id == first.id)
            numbers += re.findall(r"^(\d+)\. ", page.text, re.MULTILINE)
            assert press(api, chat, page, BOB, button) == ""
        page = next(each for each in api.sent(chat) if each.id == first.id)
        assert page.text.endswith("10 articles · page 2 of 2")
        assert labels(page) == ["‹"]
        assert numbers + re.findall(r"^(\d+)\. ", page.text, re.MULTILINE) == [str(n) for n in [*range(1, 11), *range(1, 11)]]
        if found > 8:
            press(api, chat, filtered, BOB, "›")
            assert "with “E” · page 2" in next(each for each in api.sent(chat) if each.id == filtered.id).text
            reply(api, chat, BOB, "/forget")
            assert press(api, chat, filtered, BOB, "‹") == texts.OLD_BUTTON
    assert found > 8, "the filter is paged too"


def test_search(api: BotApi, start: Start) -> None:
    """/search shows passages, no answer and no footnotes, and does not enter the conversation."""
    chat = api.private(BOB)
    with start():
        assert reply(api, chat, BOB, "/search").text == texts.HOW_TO_SEARCH
        found = reply(api, chat, BOB, "/search otters in the river")
        assert re.findall(r"^(\d)\. ", found.text, re.MULTILINE) == ["1", "2", "3", "4", "5"]
        assert "Otters return to the Lenn" in found.text.split("\n")[0]
        assert len(found.marked("expandable_blockquote")) == 5
        assert "[1]" not in found.text
        assert not found.buttons
        assert "follow-up" not in reply(api, chat, BOB, FOLLOW_UP).text
        assert reply(api, chat, BOB, "/search " + "x" * 4000).text


def test_status(api: BotApi, start: Start) -> None:
    """/status counts the articles for everyone; an admin sees the library's health, what waits, and open requests."""
    bob, eve = api.private(BOB), api.private(Person(10, "Eve"))
    with start() as bot:
        assert reply(api, bob, BOB, "/status").text == texts.STATUS.format(articles=10, chunks=33)
        ada = pair(api, bot, ADA)
        more = reply(api, ada, ADA, "/status")
        assert texts.IN_ORDER in more.text
        assert "Embedding model: all-MiniLM-L6-v2\nChat model: none\n" in more.text
        assert texts.STATUS_REQUESTS not in more.text
    with start(access="paired"):
        reply(api, eve, Person(10, "Eve"), "Hello")
        api.wait_sent(ada, 3)
        more = reply(api, ada, ADA, "/status")
        assert more.text.endswith(texts.STATUS_REQUESTS)
        press(api, ada, more, ADA, "Let in Eve")
        assert api.wait_sent(eve, 2)[-1].text == texts.WELCOME


def test_forget(api: BotApi, start: Start, data: Path) -> None:
    """/forget leaves nothing of what a person has asked, been told and is called, in any chat, and what others have."""
    bob, ada, group = api.private(BOB), api.private(ADA), api.group(-500)
    private = "How many zanzibars did the otter census find?"
    with start() as bot:
        pair(api, bot, ADA)
        answer = reply(api, bob, BOB, private)
        press(api, bob, answer, BOB, texts.BAD)
        reply(api, group, BOB, f"@footnote_bot {private}")
        reply(api, bob, BOB, "/sources zanzibars")
        reply(api, bob, BOB, "ABCDEFGH")
        assert "27 animals" in reply(api, ada, ADA, QUESTION).text
        reply(api, ada, ADA, FOLLOW_UP)
        assert reply(api, bob, BOB, "/forget").text == texts.FORGOTTEN
        assert press(api, bob, answer, BOB, texts.GOOD) == texts.OLD_BUTTON
        assert "follow-up" not in reply(api, bob, BOB, FOLLOW_UP).text
        assert "follow-up" in reply(api, ada, ADA, "And where do they live?").text
        assert reply(api, bob, BOB, "/forget").text == texts.FORGOTTEN
        settled(api, data)
    for file in data.glob("conversations.sqlite3*"):
        assert b"zanzibar" not in file.read_bytes(), file.name
    with closing(sqlite3.connect(data / "conversations.sqlite3")) as database:
        for table, column in (
            ("exchange", "asker"),
            ("conversation", "asker"),
            ("vote", "person"),
            ("telegram_shortcut", "person"),
        ):
            assert database.execute(f"SELECT count(*) FROM {table} WHERE {column} = 8").fetchone() == (0,), table  # noqa: S608
        assert database.execute("SELECT group_concat(payload, '') FROM telegram_incoming").fetchone()[0] == ""
        assert "Bob" not in str(database.execute("SELECT * FROM telegram_person").fetchall())


def test_words_are_in_one_place() -> None:
    """No file but the texts says anything to people, and no text is left that nobody says."""
    folder = Path(bot.telegram.__file__ or "").parent
    sources = {path: path.read_text() for path in folder.rglob("*.py") if path.name != "texts.py"}
    says = {"reply", "plain", "RichText", "of", "Button", "acknowledge", "link"}
    spoken = [
        f"{path.name}:{node.lineno}"
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in says
        for argument in node.args[:2]
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value and part.value.strip()
    ]
    assert spoken == []
    names = [name for name in vars(texts) if name.isupper()]
    everything = "".join(sources.values()) + (folder / "texts.py").read_text().partition("\nMENU_GROUP")[2]
    assert [name for name in names if not re.search(rf"\b{name}\b", everything)] == []
