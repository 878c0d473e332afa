"""The ingest command: report, exit codes, Ctrl-C, progress."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import HashEncoder, SilentEncoder
from typer.testing import CliRunner, Result

from ingest.cli import Stop, app
from ingest.progress import Pace, duration, progress_shown
from ingest.sync import Progress
from retrieval import Encoder

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `python -m ingest` with these arguments."""
    monkeypatch.setenv("FOOTNOTE_DATA_DIR", str(tmp_path / "library"))
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


def test_report(run: Run, tmp_path: Path, encoder: Encoder) -> None:
    """The report counts and gives one line for each failure; adding twice is adding once, and embeds nothing."""
    assert encoder.dimension
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.md").write_text("# The bridge\n\nThe bridge was built in 1931 and closed in 1988 after the flood.\n")
    (folder / "empty.md").write_text("")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")

    first, again = run(folder), run(folder, "--json")

    assert (1, 1) == (first.exit_code, again.exit_code)
    assert first.stdout.startswith("Added 1, updated 0, unchanged 0, removed 0, failed 1 (in ")
    assert " s, 1 chunk, 1 embedded)\n" in first.stdout
    assert f"\nfailed: {folder / 'empty.md'}: " in first.stdout
    assert "skipped, for their kind: 1 (photo.jpg)\n" in first.stdout
    report = json.loads(again.stdout)
    names = "added updated moved unchanged removed failed skipped chunks embedded seconds interrupted"
    assert names.split() == list(report)
    assert (0, 1, 0, False) == (report["added"], report["unchanged"], report["embedded"], report["interrupted"])
    assert ["source", "reason"] == list(report["failed"][0])


def test_no_sources_is_wrong_use(run: Run) -> None:
    """Without a source it is wrong use."""
    assert run().exit_code == 2


def test_stranger_names_are_harmless(run: Run, tmp_path: Path) -> None:
    """A name that would move the cursor is shown without its control characters."""
    done = run(tmp_path / "gone\x1b[2J\nline.md")

    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    assert "gone[2J line.md: " in done.stdout


def test_second_interrupt_stops_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    """The second Ctrl-C is Python's own, and afterwards Ctrl-C is what it was."""
    before = signal.getsignal(signal.SIGINT)

    with Stop() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert before == signal.getsignal(signal.SIGINT)
    assert capfd.readouterr().err


def test_module_helps() -> None:
    """`python -m ingest --help` names itself."""
    done = subprocess.run([sys.executable, "-m", "ingest", "--help"], capture_output=True, text=True, check=True, env=os.environ)

    assert "python -m ingest" in done.stdout


def test_pace() -> None:
    """Rates count from the first thing done, so that loading the model does not slow them; the time left follows."""
    times = iter([0.0, 10.0, 20.0])
    pace = Pace(lambda: next(times))

    words = [pace.describe(Progress(done, 40, "/a", 0, embedded)) for done, embedded in ((0, 0), (10, 100), (20, 400))]

    assert ["", "100 chunks", "1.0 articles/s, 400 chunks, 30 chunks/s, 20 s left"] == words


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3660, "1 h 1 min")])
def test_duration(seconds: float, words: str) -> None:
    """A time is told in its two largest units."""
    assert words == duration(seconds)


def test_waiting_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """While another process changes the library, one line says so."""
    with progress_shown() as notify:
        for _ in range(3):
            notify(Progress(0, 0, "", 0, 0, waiting=True))

    assert capsys.readouterr().err == "Waiting for another process that is changing the library.\n"


def test_a_dry_run_shows_the_plan(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run prints the counts and a line an article, or the same as JSON; it makes no library and embeds nothing."""
    monkeypatch.setattr("retrieval.Encoder", SilentEncoder)
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("one", "two", "three", "four"):
        (folder / f"{name}.md").write_text(f"# The {name}\n\nThe {name} was built in 1931 and closed in 1988 after the flood.\n")
    assert run(folder, "--dry-run").exit_code == 0
    assert not (tmp_path / "library").exists()

    monkeypatch.setattr("retrieval.Encoder", HashEncoder)
    run(folder)
    monkeypatch.setattr("retrieval.Encoder", SilentEncoder)
    (folder / "one.md").rename(folder / "first.md")
    (folder / "two.md").unlink()
    (folder / "four.md").write_text("The four was built anew in 2002.")
    (folder / "new.md").write_text("The new one was built in 2001.")
    (folder / "void.md").write_text("")
    shown, pruned, record = run(folder, "--dry-run"), run(folder, "--dry-run", "--prune"), run(folder, "--dry-run", "--json")

    assert (1, 1, 1) == (shown.exit_code, pruned.exit_code, record.exit_code)
    lines = shown.stdout.splitlines()
    assert lines[0] == "Plan: added 1, changed 1, moved 1, unchanged 1, removed 0, failed 1. Nothing has been written."
    assert f"added: {folder / 'new.md'}" in lines
    assert f"changed: {folder / 'four.md'}" in lines
    assert f"moved: {folder / 'one.md'} → {folder / 'first.md'}" in lines
    assert f"removed with --prune: {folder / 'two.md'}" in lines
    assert f"removed: {folder / 'two.md'}" in pruned.stdout.splitlines()
    found = json.loads(record.stdout)
    assert [{"from": str(folder / "one.md"), "to": str(folder / "first.md")}] == found["moved"]
    assert ([str(folder / "new.md")], [str(folder / "three.md")], []) == (found["added"], found["unchanged"], found["removed"])
    assert [str(folder / "four.md")] == found["changed"]
    assert [str(folder / "two.md")] == found["removed_with_prune"]
    assert [str(folder / "void.md")] == [each["source"] for each in found["failed"]]

    monkeypatch.setattr("retrieval.Encoder", HashEncoder)
    done = run(folder, "--prune")
    assert done.stdout.startswith("Added 1, updated 1, moved 1, unchanged 1, removed 1, failed 1 (in ")


def test_a_watch_that_only_shows_is_wrong_use(run: Run, tmp_path: Path) -> None:
    """--dry-run and --watch exclude each other, and --every is for --watch alone."""
    assert run(tmp_path, "--dry-run", "--watch").exit_code == 2
    assert run(tmp_path, "--every", "10").exit_code == 2
    assert not (tmp_path / "library").exists()
