"""A real ingest, interrupted as a person interrupts it."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path


def kept_vectors(catalogue: Path) -> int:
    """How many chunks are embedded so far."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True)) as connection:
        return int(connection.execute("select count(*) from vector").fetchone()[0])
    return 0


def test_interrupted_ingest_goes_on(tmp_path: Path) -> None:
    """Ctrl-C ends an ingest with a report and exit code 1, and the next one embeds only what is still to do."""
    articles, library = tmp_path / "articles", tmp_path / "library"
    articles.mkdir()
    for number in range(56):
        sentences = [f"Harbour {number} counted {number * 97 + line} boats in week {line} of the year." for line in range(60)]
        (articles / f"harbour-{number:02}.txt").write_text(f"The boats of harbour {number}\n\n{' '.join(sentences)}\n")
    command = [sys.executable, "-m", "ingest", str(articles), "--data", str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 90
        while kept_vectors(library / "catalogue.sqlite3") == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 1, stderr
    assert "The next run goes on from there." in stdout
    assert "Stopping after this batch..." in stderr
    kept = kept_vectors(library / "catalogue.sqlite3")

    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)

    report = json.loads(again.stdout)
    assert kept > 0
    assert report["embedded"] > 0
    assert kept + report["embedded"] == kept_vectors(library / "catalogue.sqlite3")
