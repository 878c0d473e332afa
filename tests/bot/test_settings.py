"""Settings as a person sets them: on the command line, in the environment, in `.env`."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from bot.telegram.settings import TOKEN_NAME, TelegramSettings
from retrieval import Settings
from retrieval.chat.providers import ProviderSettings

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]


BAD = {  # a setting, a value, and what is said of it
    "CHROMA_URL": ("ftp://user:hunter2@box", "a value that cannot be used: an address that starts with http:// or https://"),
    "ALLOW_LOOPBACK": ("perhaps", "the value 'perhaps', which cannot be used: true or false"),
    "CHAT_TIMEOUT": ("soon", "the value 'soon', which cannot be used: a number"),
    "CHAT_ANSWER_TOKENS": ("10", "the value '10', which cannot be used: 1000 or more"),
    "CHAT_DAY_TOKENS": ("1.5", "the value '1.5', which cannot be used: a whole number"),
    "UNSUPPORTED": ("keep", "the value 'keep', which cannot be used: 'drop' or 'mark'"),
}


def test_bad_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bad value is a line: the setting, what it got unless that is private, and what it expects in plain words."""
    for name, (value, _) in BAD.items():
        monkeypatch.setenv(f"FOOTNOTE_{name}", value)

    done = run("articles")

    told = [f"footnote: The setting FOOTNOTE_{name} has {said} is expected." for name, (_, said) in BAD.items()]
    assert (1, "") == (done.exit_code, done.stdout)
    assert [*told[:-1], f"{told[-1]} See .env.example for what each setting takes."] == done.stderr.splitlines()


def test_unknown_settings_are_warned_of(
    run: Run, own_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A name that looks like a setting and is none is one line each, wherever it is set; the command does its work.

    What is no setting at all in `.env` is one line, which does not show it, and nothing else is said of it.
    """
    assert own_folder.exists()
    for name in ("FOOTNOTE_EMBEDING_MODEL", "FOOTNOTE_DEBUG", "TELEGRAM_BOT_TOKEN"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("FOOTNOTE_CHROMA_URL", "")
    lines = "FOOTNOTE_CHAT_MODLE=y\n\nmy hunter2\nFOOTNOTE_RERANK_MODEL=\nOTHER=z\n=\nFOOTNOTE_CHROMA_TOKEN:hunter2==\n"
    (tmp_path / ".env").write_text(lines)

    done = run("articles")

    told = "footnote: {} is set but is no setting of this version; see .env.example.\n"
    lines = "footnote: Lines 3, 6, 7 of .env are left out, for NAME=VALUE is expected; see .env.example.\n"
    assert done.exit_code == 0
    assert lines + told.format("FOOTNOTE_CHAT_MODLE") + told.format("FOOTNOTE_EMBEDING_MODEL") == done.stderr
    assert not caplog.records


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_settings_file_that_is_no_text_is_one_sentence(tmp_path: Path, command: str) -> None:
    """A .env that is not UTF-8 is named, before chromadb is imported, which would read it and fail."""
    (tmp_path / ".env").write_bytes(b"# B\xfccher\nFOOTNOTE_RERANK_MODEL=")

    done = subprocess.run([sys.executable, "-m", "bot", command], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (1, "footnote: The settings in .env cannot be read: it is not UTF-8 text. ") == (
        done.returncode,
        done.stderr.partition("Correct")[0],
    )


def test_home_is_understood_in_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` in .env is the home folder, as in a shell."""
    monkeypatch.delenv("FOOTNOTE_DATA_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".env").write_text("FOOTNOTE_DATA_DIR=~/articles\n")

    from retrieval import load_settings

    assert tmp_path / "articles" == load_settings().data_dir


def test_home_is_understood_behind_data(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--data=~/x`, which shells leave as it is, means the home folder too."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    done = run("status", "--data=~/x")

    assert f"There is no library in {tmp_path / 'home' / 'x'} yet." in done.stderr


def test_blank_folder_in_the_settings_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of spaces is no folder."""
    monkeypatch.setenv("FOOTNOTE_DATA_DIR", "  ")

    done = run("status")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "FOOTNOTE_DATA_DIR has the value" in done.stderr


def test_example_names_every_setting() -> None:
    """.env.example and the settings name the same."""
    named = set(re.findall(r"^# ?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    library = {f"FOOTNOTE_{field.upper()}" for field in Settings.model_fields}
    telegram = {f"FOOTNOTE_TELEGRAM_{field.upper()}" for field in TelegramSettings.model_fields if field != "token"}
    providers = set(map(str.upper, ProviderSettings.model_fields))
    assert library | telegram | providers | {TOKEN_NAME, "FOOTNOTE_DEBUG", "NO_COLOR"} == named
