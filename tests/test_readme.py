"""What the README shows is what happens."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from chatapi.ollama import OllamaServer

from retrieval.chat.providers import ALIASES, PROVIDERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


# What a model would have to say for the README's answer.
SAID = """QUOTE 1: Before the ladder, the mill was a wall for eels, and an otter goes where the eels go
QUOTE 1: where a fish ladder was opened in September 2022
SENTENCE: Otters go where the eels go, and the mill was a wall for eels until a fish ladder was opened in September 2022.
"""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A new library, the commands of the environment that the tests run in, and a chat model that can be called."""
    with OllamaServer(lambda _: SAID) as server:
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")},
            "FOOTNOTE_DATA_DIR": str(tmp_path_factory.mktemp("readme") / "library"),
            "OLLAMA_HOST": server.url,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }


def run(command: list[str], surroundings: dict[str, str]) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pattern(shown: str) -> str:
    """The regular expression for an output in which `…` stands for anything."""
    return re.escape(shown).replace("…", ".*")


def test_commands(surroundings: dict[str, str]) -> None:
    """Every command of the README prints what the README shows, in the order in which a reader gets there."""
    ask_first, *rest = COMMANDS

    for command, shown in [*rest[:2], ask_first, *rest[2:]]:
        printed = run(["bash", "-c", command], surroundings)
        assert re.fullmatch(pattern(shown), printed, re.DOTALL), f"{command}\n{printed}"


def test_python_example(surroundings: dict[str, str], tmp_path: Path) -> None:
    """The README's program runs and answers both questions with citations."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    folder = tmp_path / "library"
    run(["footnote", "ingest", "tests/articles", "--data", str(folder)], surroundings)

    printed = run([sys.executable, "-c", example.replace('Path.home() / ".footnote"', f"Path({str(folder)!r})")], surroundings)

    assert "(1, " in printed


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
