"""The process that reads apart: ended when it must be, begun anew, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bombs import BOMBS, page

from ingest.apart import Apart
from retrieval.errors import SourceError

FIELDS = {"source": "/page.html", "media_type": "text/html", "link": "", "charset": ""}
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@pytest.fixture
def apart() -> Iterator[Apart]:
    """A process of our own."""
    opened = Apart()
    yield opened
    opened.close()


def pid(apart: Apart) -> int:
    """Which process it is."""
    assert apart._process is not None
    return apart._process.pid


def test_too_late(apart: Apart) -> None:
    """What takes too long is given up with a sentence, and the next document is read by a new process."""
    apart.ask("draft", FIELDS, page(""))
    before = pid(apart)

    apart._seconds = 0.5
    with pytest.raises(SourceError, match=r"longer than 0\.5 seconds"):
        apart.ask("draft", FIELDS, BOMBS["attributes.html"]())

    apart._seconds = 60
    assert "ferry" in apart.ask("draft", FIELDS, page(""))["text"]
    assert pid(apart) != before


def test_too_much_memory() -> None:
    """What needs too much memory is given up with a sentence, and the next document is read."""
    apart = Apart(megabytes=500)

    with pytest.raises(SourceError, match="too much memory"):
        apart.ask("draft", FIELDS | {"media_type": "application/pdf"}, BOMBS["operators.pdf"]())

    assert "ferry" in apart.ask("draft", FIELDS, page(""))["text"]
    apart.close()


def test_idle() -> None:
    """A process that nobody asks ends by itself, and asking again begins another."""
    apart = Apart(idle_seconds=0.05)
    apart.ask("draft", FIELDS, page(""))
    before = pid(apart)
    assert apart._process is not None
    apart._process.wait()

    assert apart.ask("draft", FIELDS, page(""))
    assert pid(apart) != before
    apart.close()


def test_called_off(apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C in the middle of a document the next answer is not the one to that document."""

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.messages.receive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apart.ask("draft", FIELDS, page("<p>The choir sang on the bus, as it does on every Friday of the year.</p>"))
    monkeypatch.undo()

    assert "choir" not in apart.ask("draft", FIELDS, page(""))["text"]


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_interrupt_is_for_the_parent(apart: Apart) -> None:
    """Ctrl-C in a terminal does not reach it."""
    apart.ask("draft", FIELDS, page(""))

    assert os.getpgid(pid(apart)) != os.getpgid(0)


@LINUX
def test_no_secrets(apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given no key and no token."""
    monkeypatch.setenv("FOOTNOTE_API_KEY", "a-secret")
    apart.ask("draft", FIELDS, page(""))

    assert b"a-secret" not in Path(f"/proc/{pid(apart)}/environ").read_bytes()


def test_folder_of_the_person_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: Apart) -> None:
    """Files beside the articles are no part of the program, whatever their names."""
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])

    assert apart.ask("draft", FIELDS, page(""))


def test_light() -> None:
    """It loads neither the model nor a store nor the network."""
    heavy = "{'torch', 'chromadb', 'sentence_transformers', 'sqlalchemy', 'httpx'}"
    code = f"import sys, ingest.worker, ingest.readers.drafting; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@LINUX
def test_dies_with_its_parent() -> None:
    """A parent that is killed in the middle of a hostile document leaves no process behind."""
    code = f"""
from bombs import BOMBS
from ingest import messages
from ingest.apart import Apart

apart, receive = Apart(), messages.receive

def told(stream):
    print(apart._process.pid, flush=True)
    return receive(stream)

messages.receive = told  # the document has been sent by then
apart.ask("draft", {FIELDS}, BOMBS["attributes.html"]())
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    end = time.monotonic() + 10
    while time.monotonic() < end and running(child):
        time.sleep(0.02)
    assert not running(child)


def running(process: int) -> bool:
    """Whether it is there and no mere entry that nobody has asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
