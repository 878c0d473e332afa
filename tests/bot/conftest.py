"""The command line as a person calls it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [each for each in os.environ if each.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTNOTE_DATA_DIR", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Run:
    """Call `footnote` with these arguments and this standard input."""
    from bot.cli import app

    return lambda *arguments, text=None: CliRunner().invoke(app, [str(each) for each in arguments], input=text)


@pytest.fixture
def own_folder(library_folder: Path, tmp_path: Path) -> Path:
    """A copy of the library that a test may change; it lies where FOOTNOTE_DATA_DIR says."""
    folder = tmp_path / "library"
    shutil.copytree(library_folder, folder)
    return folder
