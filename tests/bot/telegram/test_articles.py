"""Admins bring articles in and take them out: files, links and feeds, seen at work and reported; nobody else does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.acting import pair, press, reply, settled
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.site import Site
from botapi.uploading import report, upload

from bot.telegram import pacing, texts
from bot.telegram.handlers import articles

ADA, BOB = Person(7, "Ada", username="ada"), Person(8, "Bob")
ARTICLES = Path(__file__).parents[2] / "articles"
QUESTION = "How many otters did the census find?"
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """More messages in one chat than Telegram would have: each upload takes two."""
    monkeypatch.setattr(pacing, "PRIVATE", (1000, 20.0))


def test_first_articles(api: BotApi, empty: Running, tmp_path: Path) -> None:
    """Without articles the bot says so; every kind of file that an admin sends is read, and then it answers from them."""
    with empty as bot:
        chat = pair(api, bot, ADA)
        assert reply(api, chat, ADA, QUESTION).text == texts.NO_LIBRARY_YET
        assert reply(api, chat, ADA, "/sources").text == texts.NO_ARTICLES
        assert reply(api, chat, ADA, "/search otters").text == texts.NOTHING_FOUND
        files = sorted({each.suffix: each for each in ARTICLES.iterdir()}.values())
        assert {each.suffix for each in files} == {".md", ".txt", ".html", ".pdf", ".docx", ".epub"}
        shown = [upload(api, chat, each.name, each.read_bytes()) for each in [*files, ARTICLES / "river-otter-census.md"]]
        assert {each.text for each in shown} <= {texts.READING_IT} | {each.text for each in api.sent(chat)}
        assert [report(api, chat, each).partition(",")[0] for each in shown] == ["Added 1"] * 7
        assert reply(api, chat, ADA, "/sources").text.endswith("\n\n7 articles")
        answer = reply(api, chat, ADA, QUESTION)
        assert "27 animals" in answer.text
        again = upload(api, chat, "river-otter-census.md", (ARTICLES / "river-otter-census.md").read_bytes())
        assert "unchanged 1" in report(api, chat, again)
        assert len(api.sent(chat)) == 1 + 3 + 7 + 2 + 1, "one message for each file, edited"


def test_links(api: BotApi, empty: Running, site: Site) -> None:
    """A link, alone or behind /add, and a feed are fetched and read; an address inside a network is refused by the fetcher."""
    site.go.set()
    with empty as bot:
        chat = pair(api, bot, ADA)
        told = report(api, chat, reply(api, chat, ADA, f"{site.url}/bridge"))
        assert told.startswith("Added 1,")
        assert report(api, chat, reply(api, chat, ADA, f"/add {site.url}/feed")).startswith("Added 2,")
        assert site.asked == ["/bridge", "/feed", "/pier", "/dock"]
        assert "412 metres" in reply(api, chat, ADA, "How long is the bridge of Quayside?").text
        for address in ("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/"):
            told = report(api, chat, reply(api, chat, ADA, address))
            assert f"Failed: {address}: " in told
            assert "private network" in told
        assert reply(api, chat, ADA, "/add").text == texts.HOW_TO_ADD
        assert reply(api, chat, ADA, "/add file:///etc/passwd").text == texts.HOW_TO_ADD
        assert reply(api, chat, ADA, "/add /etc/passwd").text == texts.HOW_TO_ADD
        assert reply(api, chat, ADA, f"What does {site.url}/pier say about its length?").text.startswith("The Pier")


def test_others(api: BotApi, start: Start, data: Path, site: Site) -> None:
    """Who is no admin is refused politely, in a group everyone is, and nothing is fetched or kept."""
    bob, group = api.private(BOB), api.group(-500)
    with start() as bot:
        pair(api, bot, ADA)
        for text in (f"{site.url}/pier", f"/add {site.url}/pier", "/add", "/remove otters"):
            assert reply(api, bob, BOB, text).text == texts.ADMINS_ONLY
        api.upload(bob, BOB, "a.md", b"# An article\n\nWith words.", "text/markdown")
        assert api.wait_sent(bob, 5)[-1].text == texts.ADMINS_ONLY
        for text in (f"/add {site.url}/pier", "/remove otters"):
            assert reply(api, group, ADA, text).text == texts.ADMINS_ONLY
        api.upload(group, ADA, "a.md", b"# An article\n\nWith words.", "text/markdown")
        settled(api, data)
        assert len(api.sent(group)) == 2
    assert site.asked == []
    assert not api.called("getFile")
    assert not (data / "uploads").exists()


def test_reading_beside_questions(api: BotApi, start: Start, data: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a feed is read its message shows how far it is, questions in the same chat are answered, and /cancel stops it."""
    monkeypatch.setattr(articles, "EDIT_SECONDS", 0.05)
    with start() as bot:
        chat = pair(api, bot, ADA)
        shown = reply(api, chat, ADA, f"{site.url}/feed")
        api.wait_for(lambda: "/dock" in site.asked)
        assert "27 animals" in reply(api, chat, ADA, QUESTION).text
        api.wait_for(lambda: [each for each in api.called("editMessageText", chat) if " of 1 article\n" in each.params["text"]])
        api.say(chat, ADA, "/cancel")
        api.wait_for(lambda: any(each.params["text"] == texts.STOPPING for each in api.called("editMessageText", chat)))
        site.go.set()
        assert report(api, chat, shown).endswith(texts.STOPPED)
        assert [each.text for each in api.sent(chat) if each.id > shown.id + 1 and "27" not in each.text] == []
        assert "27 animals" in reply(api, chat, ADA, QUESTION).text
        assert report(api, chat, reply(api, chat, ADA, f"/add {site.url}/feed")).startswith("Added ")
        assert "2 articles with" in reply(api, chat, ADA, f"/sources {site.url}").text


def test_remove(api: BotApi, start: Start, data: Path) -> None:
    """/remove offers what has the words, asks whether it is meant, and takes out that alone, and the file that was sent."""
    with start() as bot:
        chat = pair(api, bot, ADA)
        assert reply(api, chat, ADA, "/remove").text == texts.HOW_TO_REMOVE
        assert reply(api, chat, ADA, "/remove no such").text == texts.NO_SUCH_ARTICLES.format(words="no such")
        many = reply(api, chat, ADA, "/remove e")
        assert many.text == f"{texts.WHICH_ONE}\n{texts.MORE_ARTICLES.format(count=8, total=10)}"
        assert len(many.buttons) == 8
        report(api, chat, upload(api, chat, "pier.md", b"# The pier\n\nThe pier is 412 metres long."))
        assert len([*(data / "uploads").rglob("*.md")]) == 1
        offered = reply(api, chat, ADA, "/remove pier.md")
        press(api, chat, offered, ADA, "The pier")
        asked = next(each for each in api.sent(chat) if each.id == offered.id)
        assert asked.text == texts.REALLY.format(title="The pier")
        press(api, chat, asked, ADA, texts.KEEP)
        assert offered.id not in [each.id for each in api.sent(chat)]
        assert "1 article with" in reply(api, chat, ADA, "/sources pier.md").text
        offered = reply(api, chat, ADA, "/remove pier.md")
        twice = reply(api, chat, ADA, "/remove PIER.md")
    with start():
        for message, said in ((offered, texts.REMOVED.format(title="The pier")), (twice, texts.NOT_THERE)):
            press(api, chat, message, ADA, message.buttons[0]["text"])
            assert press(api, chat, message, ADA, texts.REMOVE) == ""
            api.wait_for(lambda message=message, said=said: api.world.standing[chat.id][message.id].text == said)
        assert reply(api, chat, ADA, "/sources").text.splitlines()[-1].startswith("10 articles")
    assert [*(data / "uploads").rglob("*")] == []


def test_removal_beside_reading(api: BotApi, start: Start, site: Site) -> None:
    """Who takes an article out while others are read waits with no button for that; it is taken out when they are read."""
    with start() as bot:
        chat = pair(api, bot, ADA)
        answer = reply(api, chat, ADA, QUESTION)
        offered = reply(api, chat, ADA, "/remove tram")
        press(api, chat, offered, ADA, offered.buttons[0]["text"])
        shown = reply(api, chat, ADA, f"{site.url}/feed")
        api.wait_for(lambda: "/dock" in site.asked)
        assert press(api, chat, offered, ADA, texts.REMOVE) == ""
        assert press(api, chat, answer, ADA, "👍") == texts.THANKS
        asked = api.world.standing[chat.id][offered.id]
        assert asked.buttons[0]["text"] == texts.REMOVE
        site.go.set()
        assert report(api, chat, shown).startswith("Added 2,")
        api.wait_for(lambda: api.world.standing[chat.id][offered.id].text.startswith(texts.REMOVED.partition("{")[0]))
