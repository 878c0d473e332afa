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

Run = Callable[..., Result]
NO_MODEL = [("articles",), ("articles", "--json"), ("remove", "a.txt"), ("status",), ("status", "--json")]
HEAVY = {"torch", "chromadb", "sqlalchemy", "langchain_core", "httpx", "sentence_transformers", "tantivy", "lxml"}
HEAVY |= {"telegram", "tornado"}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY | {"pydantic"}),
        (["telegram", "--help"], HEAVY),  # typer itself needs pydantic to describe options
    ],
    ids=["all", "telegram"],
)
def test_help_loads_nothing_heavy(arguments: list[str], heavy: set[str]) -> None:
    """Help comes at once, for none of the slow libraries is imported."""
    code = (
        "import sys\nfrom bot.cli import app\n"
        f"try: app({arguments!r})\n"
        "except SystemExit as end: assert not end.code\n"
        f"print('loaded:', sorted({heavy!r} & set(sys.modules)))"
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["ask", "--nosuch"], "No such option: --nosuch"),
        (["--nosuch"], "No such option: --nosuch"),
        (["status", "extra"], "unexpected extra argument"),
        (["search", "Why?", "-k", "many"], "Invalid value for '-k'"),
        (["remove"], "Missing argument"),
        (["status", "--data", ""], "The folder has no name."),
        (["--data", " ", "status"], "The folder has no name."),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(run: Run, arguments: list[str], told: str) -> None:
    """An unknown command, option or argument is shown with how to use the program, and nothing looks like a crash."""
    done = run(*arguments)

    assert (2, "") == (done.exit_code, done.stdout)
    assert "Usage: " in done.stderr
    assert told in " ".join(re.sub("[│╭╮╰╯─]", " ", done.stderr).split())


@pytest.mark.parametrize("module", ["bot", "ingest"])
def test_wrong_use_of_modules(module: str) -> None:
    """`python -m bot` and `python -m ingest` end with 2 as well."""
    done = subprocess.run([sys.executable, "-m", module, "status", "--nosuch"], capture_output=True, text=True, check=False)

    assert (2, "") == (done.returncode, done.stdout)
    assert "went wrong" not in done.stderr


def test_module_runs_commands() -> None:
    """`python -m bot` takes the same commands, and alone it is the chat."""
    environment = {**os.environ, "FOOTNOTE_DATA_DIR": "/nonexistent/library"}
    module = [sys.executable, "-m", "bot"]

    helped = subprocess.run([*module, "--help"], capture_output=True, text=True, check=True)
    chat = subprocess.run(module, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, check=False)

    assert "python -m bot" in helped.stdout
    assert (1, "footnote: There is no library in /nonexistent/library yet. Make one: footnote ingest FOLDER\n") == (
        chat.returncode,
        chat.stderr,
    )


def test_data_stands_before_or_after_the_command(run: Run, library_folder: Path) -> None:
    """--data means the same on both sides of the command."""
    before, after = run("--data", library_folder, "articles"), run("articles", "--data", library_folder)

    assert (0, before.stdout) == (after.exit_code, after.stdout)
    assert "10 articles" in after.stdout


@pytest.mark.parametrize("command", [("ask", "Why?"), ("search", "Why?"), ("chat",), *NO_MODEL])
def test_no_library_is_one_sentence(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Where there is no library, none is made; one sentence says so and how to make one."""
    done = run(*command, "--data", tmp_path / "none", text="Why?")

    assert (1, "") == (done.exit_code, done.stdout)
    assert f"footnote: There is no library in {tmp_path / 'none'} yet. Make one: footnote ingest FOLDER\n" == done.stderr
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_reached_is_one_sentence(run: Run, tmp_path: Path) -> None:
    """A data folder that the system refuses to look at, as it does below one that is closed, is told as such."""
    done = run("articles", "--data", tmp_path / ("x" * 300))

    assert (1, "") == (done.exit_code, done.stdout)
    assert re.search(r"^footnote: The data folder .* cannot be reached: File name too long\. Check the permissions", done.stderr)


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
    """Ctrl-C ends a command with one line and 1, the code of what has failed."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.commands.ask.open_chain", interrupted)

    done = run("ask", "Why?")

    assert (1, "footnote: Interrupted.\n") == (done.exit_code, done.stderr)
