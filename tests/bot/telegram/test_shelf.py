"""Files that were sent in: under harmless names, each in a folder of its own."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.telegram.shelf import Shelf, harmless
from ingest import Progress, Report

DEVICES = [
    f"{name}{ending}"
    for name in ("CON", "nul", "Aux", "PRN", "com1", "LPT9", "COM²")
    for ending in ("", ".txt", ".tar.gz", " .md")
]
Told = Callable[[Progress], None]


class Nothing:
    """Stands in for the library's doors where only files matter; `removed` are the sources that were taken out."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def sync(self, sources: list[str], notify: Told, stopped: Callable[[], bool]) -> Report:
        """Tell of nothing that was done, but whether it was to be stopped."""
        return Report(tuple(sources), (), (), (), (), (), 0, 0, 0.0, stopped())

    def remove(self, source: str) -> bool:
        """Note it."""
        self.removed.append(source)
        return True


@given(name=st.text(max_size=300) | st.text(st.sampled_from("./\\ \0\u202eaA1ß𠀀:~$*?|<>\"'`\n"), max_size=60))
@example("../../etc/passwd")
@example("a\0b")
@example(".hidden")
@example("..")
@example("x" * 5000)
@example("𠀀" * 5000 + ".epub")
@example("C:\\Windows\\system32\\a.md")
@example("report.pdf.exe\u202efdp.md")
def test_harmless(name: str) -> None:
    """One part of a path, not hidden, that any file system takes and that shows as it is."""
    clean = harmless(name)
    assert clean == Path(clean).name
    assert not set(clean) & set("/\\:*?\"<>|~$'`\0")
    assert clean.isprintable()
    assert clean.strip(" .") == clean != ""
    assert len(clean.encode()) <= 255


@pytest.mark.parametrize("name", DEVICES)
def test_devices(name: str) -> None:
    """What Windows takes for a device, with whatever ending, is called an article."""
    assert harmless(name).startswith("article ")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("river-otter census (2025).md", "river-otter census (2025).md"),
        ("Über Äpfel.PDF", "Über Äpfel.pdf"),
        ("слово.docx", "слово.docx"),
        ("folder/inner/a.txt", "a.txt"),
        ("", "article"),
        ("???.html", "article.html"),
        ("console.md", "console.md"),
    ],
)
def test_good_names_stay(name: str, kept: str) -> None:
    """A name that harms nobody is kept, and so is the ending that tells the kind."""
    assert harmless(name) == kept


def test_keep(tmp_path: Path) -> None:
    """The same file lies in the same place however often it comes; another one of that name does not take its place."""
    shelf = Shelf(Nothing(), tmp_path)
    first = shelf.keep("../a.md", b"one")
    assert shelf.keep("a.md", b"one") == first
    second = shelf.keep("a.md", b"two")
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert first.parent.parent == second.parent.parent == tmp_path / "uploads"
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 2


def test_remove(tmp_path: Path) -> None:
    """Only a file that was sent in is deleted, with its folder when that is empty; doing it twice is no harm."""
    doors, outside = Nothing(), tmp_path / "article.md"
    outside.write_text("An article.")
    shelf = Shelf(doors, tmp_path)
    one, other = shelf.keep("a.md", b"one"), shelf.keep("b.md", b"one")
    sources = [str(one), str(one), str(outside), "https://a.example/", "a.md", str(tmp_path / "uploads" / ".." / "article.md")]
    for source in sources:
        assert asyncio.run(shelf.remove(source))
    assert doors.removed == sources
    assert (outside.exists(), one.exists(), other.exists()) == (True, False, True)
    assert asyncio.run(shelf.remove(str(other)))
    assert [*(tmp_path / "uploads").iterdir()] == []
    assert asyncio.run(shelf.sync(["x"], lambda _: None, threading.Event())).added == ("x",)
