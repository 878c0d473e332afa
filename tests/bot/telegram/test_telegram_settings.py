"""What can be set about the bot: each slip of the pen is one sentence, and the token is never shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from botapi.process import Bot, question
from botapi.records import Person
from botapi.server import BotApi
from typer.testing import Result

Run = Callable[..., Result]
ADA = Person(7, "Ada", username="ada")
TOKEN = "123456:TEST-token-of-a-person"  # noqa: S105 - it opens nothing
VALUES = {
    "api": ["api.telegram.org", "ftp://api.telegram.org", "https://"],
    "access": ["closed", "Open?"],
    "streaming": ["sometimes"],
    "rate": ["0", "-1", "many", "1.5"],
    "watchdog": ["0", "1", "-5", "soon", "nan"],
    "webhook": ["bot.example.org/hook", "https:///hook"],
    "listen": ["8443", "127.0.0.1", "127.0.0.1:port", ":8443", "127.0.0.1:123456"],
}
BAD = [(name, value) for name, values in VALUES.items() for value in values]
TOKENS = {
    "missing": (None, "TELEGRAM_BOT_TOKEN is not set."),
    "empty": ("", "TELEGRAM_BOT_TOKEN is not set."),
    "blank": ("   ", "TELEGRAM_BOT_TOKEN does not look like a token"),
    "words": ("my secret", "TELEGRAM_BOT_TOKEN does not look like a token"),
    "half": ("123456:", "TELEGRAM_BOT_TOKEN does not look like a token"),
    "path": ("123456:abc/getMe", "TELEGRAM_BOT_TOKEN does not look like a token"),
}


@pytest.fixture(autouse=True)
def _never_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that would start is a failed test, not the end of all tests."""
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    monkeypatch.setattr("bot.telegram.service.serve", lambda *_, **__: pytest.fail("It was started."))
    monkeypatch.setattr("bot.telegram.service.end_now", lambda _: None)


@pytest.mark.parametrize(("token", "told"), TOKENS.values(), ids=TOKENS)
def test_token_that_is_none(run: Run, monkeypatch: pytest.MonkeyPatch, token: str | None, told: str) -> None:
    """A token that is missing or cannot be one is one sentence that says where to get one, and does not repeat it."""
    if token is not None:
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)

    done = run("telegram")

    assert (1, "", 1) == (done.exit_code, done.stdout, done.stderr.count("\n"))
    assert told in done.stderr
    assert "@BotFather" in done.stderr
    assert not (token or "").strip() or str(token) not in done.stderr


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{name}-{value}" for name, value in BAD])
def test_bad_value_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A value that cannot be used is named with its setting before anything is started."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv(f"FOOTNOTE_TELEGRAM_{name.upper()}", value)

    done = run("telegram")

    assert (1, "", 1) == (done.exit_code, done.stdout, done.stderr.count("\n"))
    assert f"The setting FOOTNOTE_TELEGRAM_{name.upper()} has the value {value!r}" in done.stderr
    assert TOKEN not in done.stderr


def test_a_password_in_an_address_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that cannot be used and may hold one is named by its setting alone."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("FOOTNOTE_TELEGRAM_WEBHOOK", "htps://ada:hunter2@bot.example.org")

    assert "The setting FOOTNOTE_TELEGRAM_WEBHOOK has a value that cannot be used" in (told := run("telegram").stderr)
    assert "hunter2" not in told


def test_token_from_the_settings_file_and_unknown_names(api: BotApi, process: Callable[..., Bot]) -> None:
    """`.env` is read, the token in it as well; a name that is no setting is warned of, and the bot runs all the same."""
    chat = api.private(ADA)
    bot = process(TELEGRAM_BOT_TOKEN=None, acess="open", TOKEN=api.token)
    (bot.home / ".env").write_text(f"TELEGRAM_BOT_TOKEN={api.token}\nFOOTNOTE_TELEGRAM_RATES=3\n")
    with bot:
        bot.listening()
        api.say(chat, ADA, question(1))
        api.wait_sent(chat, 1)
        assert bot.stop() == 0

    told = "footnote: {} is set but is no setting of this version; see .env.example."
    assert [told.format(f"FOOTNOTE_TELEGRAM_{name}") for name in ("ACESS", "RATES")] == bot.sentences


def test_base_address_may_end_in_a_slash(api: BotApi, process: Callable[..., Bot]) -> None:
    """The server's address works with and without a slash at its end."""
    with process(api=f"{api.url}/") as bot:
        bot.listening()
        assert bot.stop() == 0


def test_second_bot_is_refused(hashed: Path, process: Callable[..., Bot]) -> None:
    """Two bots on one data folder would answer everything twice: the second says so and ends, the first goes on."""
    with process() as first:
        first.listening()
        with process() as second:
            assert second.ended() == 1
        told = f"footnote: Another bot is running on the data folder {hashed}. Stop it first, or name another folder with --data."
        assert [told] == second.sentences
        assert first.stop() == 0

    with process() as third:
        third.listening()


def damaged_database(folder: Path) -> None:
    """Conversations that are no database."""
    (folder / "conversations.sqlite3").write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def damaged_catalogue(folder: Path) -> None:
    """A catalogue that is no database."""
    for name in ("catalogue.sqlite3", "catalogue.sqlite3-wal", "catalogue.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "catalogue.sqlite3").write_bytes(b"no database at all, but long enough to be taken for one" * 100)


def unlockable(folder: Path) -> None:
    """A folder in which the lock cannot be made, as in one that may only be read; the owner of all may write everywhere."""
    (folder / "telegram.lock").mkdir()


@pytest.mark.parametrize("damage", [damaged_database, damaged_catalogue, unlockable])
def test_damaged_folder_is_one_sentence(hashed: Path, process: Callable[..., Bot], damage: Callable[[Path], None]) -> None:
    """What cannot be read or written in the data folder is one sentence, and the bot ends with 1."""
    damage(hashed)
    with process() as bot:
        assert bot.ended() == 1

    assert len(bot.sentences) == 1, bot.err
    assert "went wrong" not in bot.err
    assert "Traceback" not in bot.err


def test_folder_that_is_a_file_is_one_sentence(hashed: Path, process: Callable[..., Bot]) -> None:
    """A data folder that is none is named."""
    file = hashed.parent / "file"
    file.touch()
    with process(folder=file) as bot:
        assert bot.ended() == 1

    (told,) = bot.sentences
    assert told.startswith(f"footnote: The data folder {file} cannot be made: ")
