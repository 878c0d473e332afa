"""Files that admins send: what becomes of those that cannot be had, read or told apart, and of those that are deadly."""

from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.acting import pair, reply
from botapi.faults import reset_before, retry_after, status
from botapi.records import Person
from botapi.running import Running
from botapi.server import BotApi
from botapi.uploading import report, upload

from bot.telegram import pacing, texts
from bot.telegram.handlers import articles
from bot.telegram.inbox import ATTEMPTS

ADA = Person(7, "Ada", username="ada")
SORRY = texts.WENT_WRONG.partition("{")[0]
Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """More messages in one chat than Telegram would have, and a second attempt to get a file comes at once."""
    monkeypatch.setattr(pacing, "PRIVATE", (1000, 20.0))
    monkeypatch.setattr(articles, "PAUSES", (0.01, 0.01, 0.01))


def kept(folder: Path) -> list[str]:
    """The names of the files that were sent in and are kept."""
    return sorted(each.name for each in (folder / "uploads").rglob("*") if each.is_file())


def test_what_cannot_be_read(api: BotApi, empty: Running, tmp_path: Path) -> None:
    """A file that is no article gives a reason without a path and is not kept; one that is too large is not asked for."""
    with empty as bot:
        chat = pair(api, bot, ADA)
        for name, data, reason in (
            ("a.png", b"\x89PNG\r\n\x1a\n\0", "binary file"),
            ("empty.txt", b"", "empty"),
            ("blank.md", b" \n\t\n", "empty"),
            ("broken.docx", b"PK\x03\x04 no archive", "damaged"),
            ("locked.docx", _encrypted(), "password"),
            ("cut.pdf", b"%PDF-1.4\n1 0 obj<<", "PDF"),
        ):
            told = report(api, chat, upload(api, chat, name, data))
            assert told.startswith("Added 0, updated 0, unchanged 0, removed 0, failed 1"), told
            assert f"Failed: {name}: " in told
            assert reason in told
            assert str(tmp_path) not in told
        assert kept(tmp_path / "empty") == []
        assert upload(api, chat, "a.txt", b"x", size=20_000_001).text == texts.TOO_LARGE
        assert len(api.called("getFile")) == 6
        assert upload(api, chat, "a.txt", b"x", size=19_999_999).text == texts.READING_IT
        api.fault("getFile", kind=status(400, "Bad Request: file is too big"))
        assert upload(api, chat, "b.txt", b"x").text == texts.TOO_LARGE
        api.fault("getFile", kind=status(400, "Bad Request: wrong file_id or the file is temporarily unavailable"))
        assert upload(api, chat, "b.txt", b"x").text == texts.NOT_DOWNLOADED


def _encrypted() -> bytes:
    """The beginning of a Word file with a password."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512


def test_hostile_names(api: BotApi, empty: Running, tmp_path: Path) -> None:
    """Whatever a file is called, it lies in a folder of its own below the uploads, and its article is read."""
    names = [
        "../../etc/passwd",
        "a\0b.txt",
        "CON",
        ".hidden",
        "x" * 5000 + ".md",
        "\u202egnp.exe.txt",
        "..",
        "𠀀" * 100,
        "C:\\w\\a.md",
    ]
    before = {*tmp_path.rglob("*")}
    with empty as bot:
        chat = pair(api, bot, ADA)
        shown = [
            upload(api, chat, name, f"# Pier {number}\n\nIt is {number} metres long.".encode())
            for number, name in enumerate(names)
        ]
        assert [report(api, chat, each).partition(",")[0] for each in shown] == ["Added 1"] * len(names)
        sources = reply(api, chat, ADA, "/sources").text
        assert "\u202e" not in sources
    uploads = tmp_path / "empty" / "uploads"
    files = [each for each in uploads.rglob("*") if each.is_file()]
    assert len(files) == len(names)
    assert {each.parent.parent for each in files} == {uploads}
    assert not [each.name for each in files if each.name.startswith(".") or not each.name.isprintable() or each.name == "CON"]
    outside = {each for each in tmp_path.rglob("*") if not each.is_relative_to(tmp_path / "empty")}
    assert outside == before


def test_a_download_is_tried_again(api: BotApi, empty: Running) -> None:
    """What goes wrong while a file is fetched is tried again; when it goes wrong each time, one sentence says so."""
    with empty as bot:
        chat = pair(api, bot, ADA)
        for method, fault, after in (
            ("getFile", status(502), 0),
            ("download", reset_before(), 0),
            ("getFile", retry_after(1), 1),
        ):
            api.fault(method, kind=fault, after=after)
        assert report(api, chat, upload(api, chat, "pier.md", b"# The pier\n\nIt is 412 metres long.")).startswith("Added 1,")
        assert len(api.called("getFile")) == 4
        rule = api.fault("getFile", kind=status(502), times=None)
        assert upload(api, chat, "dock.md", b"# The dock\n\nIt is dry.").text.startswith(SORRY)
        rule.stop()
        assert len(api.called("getFile")) == 8
        assert report(api, chat, upload(api, chat, "dock.md", b"# The dock\n\nIt is dry.")).startswith("Added 1,")


def test_a_namesake_is_told_of(api: BotApi, empty: Running, tmp_path: Path) -> None:
    """A second file of a name with another content is an article of its own, and the report says that the first is there too."""
    told = texts.NAMESAKE.format(name="pier.md")
    with empty as bot:
        chat = pair(api, bot, ADA)
        for data, said in (
            (b"", False),
            (b"# Pier\n\nIt is 412 metres long.", False),
            (b"# Pier\n\nIt is 413 metres long.", True),
        ):
            lines = report(api, chat, upload(api, chat, "pier.md", data)).splitlines()
            assert (lines[-1] == told) is said, lines
        assert reply(api, chat, ADA, "/sources").text.endswith("2 articles")
    assert kept(tmp_path / "empty") == ["pier.md", "pier.md"]


def test_article_that_ends_the_process(api: BotApi, start: Start) -> None:
    """An article whose reading has ended the process time and again is given up with a sentence; the next one is read."""
    with start() as bot:
        chat = pair(api, bot, ADA)
        api.wait_for(lambda: not bot.left)
        inbox = bot.service._parts.inbox
        bot.service._parts.dispatcher._closed = True  # what comes in is stored, and nothing more
        api.upload(chat, ADA, "deadly.md", b"# Deadly\n\nIt kills.", "text/markdown")
        api.wait_for(lambda: not api.pending)
        (stored,) = inbox.waiting()
        for _ in range(ATTEMPTS):
            inbox.begin(stored.update_id)
    with start() as bot:
        api.wait_for(lambda: any(each.text.startswith(SORRY) for each in api.sent(chat)) and not bot.left)
        assert texts.READING_IT not in [each.text for each in api.sent(chat)]
        assert report(api, chat, upload(api, chat, "pier.md", b"# The pier\n\nIt is 412 metres long.")).startswith("Added 1,")
        assert reply(api, chat, ADA, "/sources deadly").text.startswith("No article")


def test_the_report_names_what_came_in(api: BotApi, empty: Running) -> None:
    """The report replies to the file and tells its article's title; the day of its arrival is not the article's date."""
    with empty as bot:
        chat = pair(api, bot, ADA)
        for told in (texts.BROUGHT_IN, texts.THERE_ALREADY):
            begun = upload(
                api, chat, "harbour.txt", b"The harbour of Sallow\n\nThe harbour freezes each winter, says the pilot.\n"
            )
            assert told.format(title="The harbour of Sallow") in report(api, chat, begun)
            assert begun.reply_to_message_id == api.messages(chat)[-2].id
        listed = reply(api, chat, ADA, "/sources")

    assert listed.text.startswith("1. The harbour of Sallow\n")
