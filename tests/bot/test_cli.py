"""The program `footnote` as a whole: help, options, exit codes, failures."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from bot.cli import COMMANDS
from retrieval import Settings

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "chromadb", "sqlalchemy", "langchain_core", "pydantic", "httpx", "sentence_transformers", "tantivy", "lxml")


def test_help_loads_nothing_heavy() -> None:
    """Help comes at once, for none of the slow libraries is imported."""
    code = (
        "import sys\nfrom bot.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.rstrip().endswith("loaded: []")


def test_help_names_every_command(run: Run) -> None:
    """Each command is in the help with a sentence, and has help of its own that names --data."""
    overview = run("--help")

    assert overview.exit_code == 0
    for name in COMMANDS:
        assert re.search(rf"\b{name} +\w", overview.output)
        assert "--data" in run(name, "--help").output


def test_without_a_command_it_is_wrong_use(run: Run) -> None:
    """`footnote` alone shows the help and ends with 2."""
    done = run()

    assert done.exit_code == 2
    assert "Usage" in done.output


def test_module_runs_commands() -> None:
    """`python -m bot` takes the same commands, and alone it is the chat."""
    environment = {**os.environ, "FOOTNOTE_DATA_DIR": "/nonexistent/library"}
    module = [sys.executable, "-m", "bot"]

    helped = subprocess.run([*module, "--help"], capture_output=True, text=True, check=True)
    chat = subprocess.run(module, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, check=False)

    assert "python -m bot" in helped.stdout
    assert (1, "footnote: The library in /nonexistent/library has no articles yet. Add some: footnote ingest FOLDER\n") == (
        chat.returncode,
        chat.stderr,
    )


def test_data_stands_before_or_after_the_command(run: Run, library_folder: Path) -> None:
    """--data means the same on both sides of the command."""
    before, after = run("--data", library_folder, "articles"), run("articles", "--data", library_folder)

    assert (0, before.stdout) == (after.exit_code, after.stdout)
    assert "10 articles" in after.stdout


@pytest.mark.parametrize("command", [("ask", "Why?"), ("search", "Why?"), ("chat",)])
def test_no_library_is_one_sentence(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Without articles nothing is loaded or made; one sentence says how to add some."""
    done = run(*command, "--data", tmp_path / "none", text="Why?")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "has no articles yet. Add some: footnote ingest FOLDER" in done.stderr
    assert not (tmp_path / "none").exists()


def test_bad_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad value says which setting, what it got and what it expects."""
    monkeypatch.setenv("FOOTNOTE_ALLOW_LOOPBACK", "perhaps")

    done = run("articles")

    assert done.exit_code == 1
    assert "FOOTNOTE_ALLOW_LOOPBACK" in done.stderr
    assert "'perhaps'" in done.stderr
    assert "valid boolean" in done.stderr
    assert done.stderr.count("\n") == 1


def test_settings_file_that_is_no_text_is_one_sentence(run: Run, tmp_path: Path) -> None:
    """A .env that is not UTF-8 is named."""
    (tmp_path / ".env").write_bytes(b"FOOTNOTE_RERANK_MODEL=\xff\xfe")

    done = run("articles")

    assert (1, "footnote: The settings in .env cannot be read: it is not UTF-8 text. ") == (
        done.exit_code,
        done.stderr.partition("Correct")[0],
    )


def test_home_is_understood_in_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` in .env is the home folder, as in a shell."""
    monkeypatch.delenv("FOOTNOTE_DATA_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".env").write_text("FOOTNOTE_DATA_DIR=~/articles\n")

    from retrieval import load_settings

    assert tmp_path / "articles" == load_settings().data_dir


def test_example_names_every_setting() -> None:
    """.env.example and the settings name the same."""
    named = set(re.findall(r"^# ?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert {f"FOOTNOTE_{field.upper()}" for field in Settings.model_fields} | {"FOOTNOTE_DEBUG", "NO_COLOR"} == named


@pytest.mark.parametrize("debug", ["", "1"])
def test_unexpected_error_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, debug: str) -> None:
    """No traceback is shown unless it is asked for."""
    monkeypatch.setenv("FOOTNOTE_DEBUG", debug)
    monkeypatch.setattr("bot.commands.ask.open_chain", lambda _: 1 // 0)

    done = run("ask", "Why?")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "Something went wrong (ZeroDivisionError:" in done.stderr
    assert bool(debug) == ("Traceback" in done.stderr)


def test_interrupt_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with one line and 130."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.commands.ask.open_chain", interrupted)

    done = run("ask", "Why?")

    assert (130, "footnote: Interrupted.\n") == (done.exit_code, done.stderr)


def test_narrow_encoding_and_closed_pipe_do_no_harm(own_folder: Path) -> None:
    """An output that lacks letters shows others in their place, and one that is closed early ends the program silently."""
    assert own_folder.exists()
    listing = f"{sys.executable} -c 'from bot.cli import main; main()' articles"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"}

    both = ["sh", "-c", f"{listing} --json | head -c 20; {listing}"]
    done = subprocess.run(both, capture_output=True, env=environment, check=False)

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"10 articles" in done.stdout
