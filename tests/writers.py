"""What the processes do that tests start, kill or run beside each other."""

import hashlib
import json
import os
import random
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

from support import HashEncoder, SilentEncoder, nearest, open_library, put

from ingest.fetch import Fetcher
from ingest.rebuild import rebuild_library
from ingest.sync import Progress, sync_sources
from retrieval import Library, Servers
from retrieval.library import vectors

SOURCES = [f"source{number}" for number in range(12)]


class NamedEncoder(HashEncoder):
    """Hash vectors whose weights are others for each name, so that a rebuild with another name embeds everything anew."""

    @property
    def fingerprint(self) -> str:  # type: ignore[override]  # the class has a constant
        """The name."""
        return self.name


def write_for(folder: Path, seconds: float, servers: Servers | None = None, seed: int = 1) -> None:
    """Put articles and bring the indexes on, as often as it goes."""
    chance, end = random.Random(seed), time.monotonic() + seconds
    with open_library(folder, servers=servers) as library:
        while time.monotonic() < end:
            with library.writing():
                for _ in range(5):
                    put(library, source := chance.choice(SOURCES), f"{source} {_text(chance)}", title=source)
                library.catch_up()
            time.sleep(0.1)


def write_once(folder: Path, name: str) -> None:
    """Put a few articles and bring the indexes on."""
    with open_library(folder) as library, library.writing():
        for number in range(30):
            put(library, f"{name}{number}", f"{name} has number {number}.")
        library.catch_up()


def write_in_steps(folder: Path, barrier: Barrier) -> None:
    """Put an article, let the other process go on, bring the indexes on, and let it go on again."""
    with open_library(folder) as library, library.writing():
        put(library, "late", "The late article.")
        barrier.wait()
        barrier.wait()
        library.catch_up()
        barrier.wait()
        barrier.wait()


def read_for(folder: Path, seconds: float, servers: Servers | None = None) -> None:
    """Ask as a bot does, and fail where a chunk that the index holds is not found by its own vector."""
    chance, end = random.Random(2), time.monotonic() + seconds
    with open_library(folder, SilentEncoder(), servers) as library:
        while time.monotonic() < end:
            library.refresh()
            mark, state = library.vectors._mark, library.catalogue.state()
            assert mark is not None
            assert mark.uid == state.uid
            keys = library.catalogue.vector_keys(chance.sample(ids := _written(library, mark.generation), min(20, len(ids))))
            kept = library.catalogue.vectors(list(keys.values()))
            for name, key in keys.items():
                if name not in nearest(library, kept[key].chunk, 5):
                    assert name not in _written(library, mark.generation)  # it has been removed meanwhile
            library.keywords.search({("tide",): 1.0}, 20)
            time.sleep(0.02)


def _written(library: Library, generation: int) -> list[str]:
    """The live chunks that were written up to a generation."""
    return [item.id for _, live, _ in library.catalogue.changes(0, generation) for item in live]


def _text(chance: random.Random) -> str:
    parts = [f"# Part {chance.randint(1, 9)}\nThe tide {chance.randint(1, 999)} came. " * chance.randint(1, 3) for _ in range(4)]
    return f"has {os.getpid()}.\n" + "\n".join(parts)


def open_and_close(folder: Path) -> None:
    """Open a library that may not be there yet."""
    with open_library(folder) as library:
        library.articles()


class Journal:
    """What has been begun and what was reported as done, a line each, whole even where the writer is killed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")

    def log(self, step: str, source: str, digest: str) -> None:
        """Write one line; the digest is that of the article's bytes, or empty if there shall be none."""
        self._file.write(json.dumps([step, source, digest]) + "\n")
        self._file.flush()


def sync_until_killed(folder: Path, articles: Path, journal: Path, seed: int, servers: Servers) -> None:
    """Add, edit, move and remove files for ever, and ingest the folder after each few changes."""
    _write_often()
    chance, notes = random.Random(seed), Journal(journal)
    with open_library(folder, NamedEncoder(), servers) as library, Fetcher() as fetcher:
        library.encoder = _encoder_of(library)
        while True:
            for _ in range(chance.randint(1, 5)):
                _change_a_file(articles, chance, notes)
            told = _Told(notes)
            report = sync_sources(
                [str(articles)], library=library, fetcher=fetcher, notify=told.take, stopped=lambda: False, prune=True
            )
            assert not report.failed
            for source in [*report.removed, *(move.before for move in report.moved)]:
                if not Path(source).exists():
                    notes.log("done", source, "")


class _Told:
    """Writes into the journal what a run has reported: one article more is done, or one is removed."""

    def __init__(self, notes: Journal) -> None:
        self._notes, self._done = notes, 0

    def take(self, progress: Progress) -> None:
        path = Path(progress.source)
        if progress.source and not path.exists():
            self._notes.log("done", progress.source, "")
        elif progress.done > self._done and path.is_file():
            self._notes.log("done", progress.source, hashlib.sha256(path.read_bytes()).hexdigest())
        self._done = progress.done


def _change_a_file(articles: Path, chance: random.Random, notes: Journal) -> None:
    """Write, move or remove one file in one step, noted before."""
    path = articles / f"{chance.choice(SOURCES)}{chance.choice(('', '', '-moved'))}.md"
    kind = chance.random()
    if path.exists() and kind < 0.25:
        notes.log("begin", str(path), "")
        path.unlink()
    elif path.exists() and kind < 0.4 and "-" not in path.stem and not (other := path.with_stem(f"{path.stem}-moved")).exists():
        notes.log("begin", str(other), hashlib.sha256(path.read_bytes()).hexdigest())
        notes.log("begin", str(path), "")
        path.rename(other)
    else:
        written = articles.parent / f"written.{os.getpid()}"
        written.write_text(f"{path.stem.partition('-')[0]} {_text(chance)}")
        notes.log("begin", str(path), hashlib.sha256(written.read_bytes()).hexdigest())
        written.rename(path)


def rebuild_until_killed(folder: Path, seed: int, servers: Servers) -> None:
    """Rebuild the library for ever, each time with another model."""
    _write_often()
    while True:
        with open_library(folder, NamedEncoder(), servers) as library:
            library.encoder = _encoder_of(library)
            seed += 1
            rebuild_library(library, NamedEncoder(f"hash-{seed % 3}"), notify=lambda _: None, stopped=lambda: False)


def recover_until_killed(folder: Path, servers: Servers) -> None:
    """Open the library and bring its indexes on, as the next start does; then wait to be killed."""
    _write_often()
    with open_library(folder, NamedEncoder(), servers) as library:
        library.encoder = _encoder_of(library)
        library.refresh()
        library.catch_up(purge=True)
    time.sleep(60)


def _encoder_of(library: Library) -> NamedEncoder:
    """The model that the library was built with, whatever a rebuild has made of it."""
    model = library.catalogue.model()
    return NamedEncoder(model.name) if model else NamedEncoder()


def _write_often() -> None:
    """Let Chroma write its files so often that more kills hit that moment."""
    configuration = vectors.CONFIGURATION["hnsw"]
    assert isinstance(configuration, dict)
    configuration["sync_threshold"] = 20
