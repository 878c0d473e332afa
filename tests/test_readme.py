"""What the README shows is what happens."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from chatapi.ollama import OllamaServer
from typer.testing import CliRunner

from retrieval.chat.providers import ALIASES, PROVIDERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
LOADING = re.compile(r"(?:\w+=\S+ )?footnote (?:ingest|ask|search|rebuild|doctor)\b")  # commands that load the embedding model

# What a model would have to say for the README's answer.
SAID = """QUOTE 1: Before the ladder, the mill was a wall for eels, and an otter goes where the eels go
QUOTE 1: where a fish ladder was opened in September 2022
SENTENCE: Otters go where the eels go, and the mill was a wall for eels until a fish ladder was opened in September 2022.
"""


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A new library, the commands of the environment that the tests run in, and a chat model that can be called."""
    with OllamaServer(lambda _: SAID) as server:
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")},
            "FOOTNOTE_DATA_DIR": str(tmp_path / "library"),
            "HOME": str(tmp_path),
            "OLLAMA_HOST": server.url,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }


def run(command: list[str], surroundings: dict[str, str]) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def call(command: str, surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What `footnote` prints when it is called in this process, which has imported what takes seconds; it has to succeed."""
    from bot.cli import app

    words = shlex.split(command)
    at = words.index("footnote")
    with monkeypatch.context() as context:
        context.chdir(ROOT)
        for name in [each for each in os.environ if each not in surroundings]:
            context.delenv(name)
        for name, value in {**surroundings, **dict(word.split("=", 1) for word in words[:at])}.items():
            context.setenv(name, value)
        done = CliRunner().invoke(app, words[at + 1 :])
    assert done.exit_code == 0, done.output
    return done.stdout


def pattern(shown: str) -> str:
    """The regular expression for an output in which `…` stands for anything."""
    return re.escape(shown).replace("…", ".*")


def test_commands(surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the README prints what the README shows, in the order in which a reader gets there."""
    ask_first, *rest = COMMANDS

    for command, shown in [*rest[:2], ask_first, *rest[2:]]:
        loading = LOADING.match(command)
        printed = call(command, surroundings, monkeypatch) if loading else run(["bash", "-c", command], surroundings)
        assert re.fullmatch(pattern(shown), printed, re.DOTALL), f"{command}\n{printed}"


def test_python_example(library_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The README's program runs and answers both questions with citations."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    folder = shutil.copytree(library_folder, tmp_path / "library")
    program = tmp_path / "example.py"
    program.write_text(example.replace('Path.home() / ".footnote"', f"Path({str(folder)!r})"), encoding="utf-8")

    runpy.run_path(str(program))

    assert "(1, " in capsys.readouterr().out


def test_layout() -> None:
    """Every file and folder that the README's layout names is there."""
    (layout,) = re.findall(r"```\n(retrieval/.*?)```", README, re.DOTALL)
    folders = [ROOT]
    for line in layout.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth + 1 :] = [folders[depth] / line.split()[0]]
        assert folders[-1].exists(), line


def test_services_start_what_there_is(surroundings: dict[str, str]) -> None:
    """The commands for systemd and containers are ones that the program knows."""
    blocks = "\n".join(re.findall(r"```(?:ini|sh)\n(.*?)```", README, re.DOTALL))
    commands = re.findall(r"footnote (telegram(?: --[a-z]+(?: /data)?)*)", blocks)

    assert len(commands) == 3
    for command in commands:
        run(["footnote", *command.split(), "--help"], surroundings)


def test_providers() -> None:
    """Every extra that the README tells to install is there, and every provider that it names is known."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    table = re.findall(r"^\|.*\| `pip install -e '\.\[(\w+)\]'` \| `(\w+):", README, re.MULTILINE)

    assert {provider.extra for provider in PROVIDERS.values()} == {extra for extra, _ in table}
    assert all(extra in extras and provider in PROVIDERS | ALIASES for extra, provider in table)
