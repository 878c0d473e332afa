"""What `footnote doctor` says and mends, as a person calls it."""

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import Result

from bot.checkup import examine_versions
from retrieval.library.health import Level

Run = Callable[..., Result]


def checks(done: Result) -> dict[str, dict[str, str]]:
    """The findings by check; of several of one check the last."""
    return {each["check"]: each for each in json.loads(done.stdout)["findings"]}


def test_a_sound_library(run: Run, quick_library: Path) -> None:
    """One line for each check, in columns, and 0 where nothing is wrong; the same as JSON."""
    done, record = run("doctor"), json.loads(run("doctor", "--json").stdout)

    assert (0, "") == (done.exit_code, done.stderr)
    lines = done.stdout.splitlines()
    assert lines[-1] == "Everything is in order."
    assert any(line.startswith("Catalogue      ok           10 articles, 33 chunks") for line in lines)
    assert {"healthy", "findings", "repaired"} == set(record)
    assert record["healthy"]
    assert record["repaired"] == []
    assert {"check", "state", "said", "mend"} == set(record["findings"][0])


def test_damage_is_told_and_mended(run: Run, quick_library: Path) -> None:
    """What is wrong is told with the command for this very folder, and `--repair` mends it; 1 before and 0 after."""
    shutil.rmtree(quick_library / "keywords")
    with closing(sqlite3.connect(quick_library / "catalogue.sqlite3")) as connection, connection:
        connection.execute("UPDATE chunk SET text = 'Written by another hand.' WHERE id = (SELECT min(id) FROM chunk)")

    told = run("doctor", "--data", quick_library)
    mended = run("doctor", "--repair")

    assert (1, 0) == (told.exit_code, mended.exit_code)
    assert "wrong        The chunks of 1 article do not hold its text." in told.stdout
    assert f"→ footnote doctor --repair --data {quick_library}" in told.stdout
    assert "repaired: The chunks and vectors of 1 article were made anew." in mended.stdout
    assert mended.stdout.endswith("Everything is in order.\n")


def test_what_cannot_be_mended_is_left(run: Run, quick_library: Path, tmp_path: Path) -> None:
    """A catalogue that is no database is left as it was by `--repair`, and told with the command that restores a backup."""
    run("backup", tmp_path / "FILE")
    (quick_library / "catalogue.sqlite3").write_bytes(b"junk" * 5000)
    (quick_library / "conversations.sqlite3").write_bytes(b"junk" * 5000)
    (quick_library / "usage.sqlite3").write_bytes(b"junk" * 5000)
    before = {path: path.stat().st_mtime_ns for path in quick_library.rglob("*")}

    done = run("doctor", "--repair", "--json")

    found = checks(done)
    assert done.exit_code == 1
    (mend,) = {found[name]["mend"] for name in ("Catalogue", "Conversations")}
    assert found["Tokens"]["mend"].startswith(f"rm {quick_library}")
    assert {found[name]["state"] for name in ("Vectors", "Keywords")} == {"not checked"}
    assert found["Model"]["state"] == "ok"
    assert before == {path: path.stat().st_mtime_ns for path in quick_library.rglob("*")}
    aside, restore = (shlex.split(each) for each in mend.split(" && "))
    subprocess.run(aside, check=True)
    assert restore[:2] == ["footnote", "restore"]
    restored = run(*restore[1:2], tmp_path / restore[2], *restore[3:])
    assert restored.exit_code == 0
    assert re.search(r", made at \d\d:\d\d on \d{4}-\d\d-\d\d\n", restored.stdout)
    assert checks(run("doctor", "--json"))["Catalogue"]["state"] == "ok"


@pytest.mark.usefixtures("quick_library")
def test_settings_are_examined(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mistyped names, secrets that others may read, a chat model or a token that cannot be used are told, no secret among it."""
    monkeypatch.setenv("FOOTNOTE_EMBEDING_MODEL", "x")
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:test")
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=hunter2\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)

    done = run("doctor", "--json")

    every = [(each["check"], each["state"], each["mend"]) for each in json.loads(done.stdout)["findings"]]
    assert done.exit_code == 1
    assert ("Settings", "warning", "chmod 600 .env") in every
    assert ("Settings", "warning", "unset FOOTNOTE_EMBEDING_MODEL  # or in .env") in every
    assert checks(done)["Chat model"]["state"] == checks(done)["Telegram"]["state"] == "wrong"
    assert "hunter2" not in done.stdout


@pytest.mark.parametrize("setting", ["FOOTNOTE_CHAT_TIMEOUT", "FOOTNOTE_TELEGRAM_RATE"])
@pytest.mark.usefixtures("quick_library")
def test_settings_that_cannot_be_used(run: Run, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """Settings that cannot be used are a finding like another, and no reason to end."""
    monkeypatch.setenv(setting, "soon")

    done = run("doctor", "--json")

    assert (1, "") == (done.exit_code, done.stderr)
    assert checks(done)["Settings"]["state"] == "wrong"
    assert setting in checks(done)["Settings"]["said"]


def test_no_library_is_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no library `doctor` says so and makes none, not to mend it either."""
    monkeypatch.setattr("retrieval.library.health.model.examine_model", lambda *_: [])

    done = run("doctor", "--repair", "--data", tmp_path / "none")

    assert done.exit_code == 1
    assert f"There is no library in {tmp_path / 'none'} yet." in done.stdout
    assert not (tmp_path / "none").exists()


def test_packages_that_do_not_fit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is missing or of another version is told with the command that installs it; an extra's is not."""
    wanted = ["numpy>=99", "no-such-package>=1", "no-such-extra; extra == 'dev'"]
    monkeypatch.setattr("bot.checkup.versions.requires", lambda _: wanted)

    found = list(examine_versions())

    assert {each.mend for each in found} == {"pip install 'numpy>=99'", "pip install 'no-such-package>=1'"}
    assert {each.level for each in found} == {Level.WRONG}
