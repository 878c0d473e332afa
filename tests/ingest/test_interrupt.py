"""An ingest that is interrupted as a person interrupts it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
import quick_ingest
from support import HashEncoder
from typer.testing import CliRunner

from ingest.cli import app


def kept_vectors(catalogue: Path) -> int:
    """How many chunks are embedded so far."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True)) as connection:
        return int(connection.execute("select count(*) from vector").fetchone()[0])
    return 0


def test_interrupted_ingest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends an ingest with a report and exit code 1, and the next one embeds only what is still to do."""
    articles, library = tmp_path / "articles", tmp_path / "library"
    articles.mkdir()
    for number in range(300):  # more than two batches, of short ones that cost little
        (articles / f"harbour-{number:03}.txt").write_text(f"Harbour {number} counted {number * 97} boats in the week.\n")
    arguments = [str(articles), "--data", str(library)]
    command, environment = [sys.executable, quick_ingest.__file__, *arguments], {**os.environ, quick_ingest.PAUSE: "0.5"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 90
        while kept_vectors(library / "catalogue.sqlite3") == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 1, stderr
    assert "What is embedded is kept, and the next run goes on from there." in stdout
    assert "Stopping after this batch..." in stderr
    kept = kept_vectors(library / "catalogue.sqlite3")

    monkeypatch.setattr("retrieval.Encoder", HashEncoder)
    again = CliRunner().invoke(app, [*arguments, "--json"])

    assert again.exit_code == 0, again.output
    report = json.loads(again.stdout)
    assert kept > 0
    assert report["embedded"] > 0
    assert kept + report["embedded"] == kept_vectors(library / "catalogue.sqlite3")
