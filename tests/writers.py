"""What the processes do that tests start, kill or run beside each other."""

import hashlib
import json
import os
import random
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

from support import SilentEncoder, nearest, open_library, put

from retrieval import Library

SOURCES = [f"source{number}" for number in range(12)]


def write_until_killed(folder: Path, journal: Path, seed: int) -> None:
    """Add, edit and remove random articles for ever; each step is in the journal before it begins and after it is done."""
    chance = random.Random(seed)
    with open_library(folder) as library, journal.open("a") as file:

        def log(step: str, source: str, digest: str) -> None:
            file.write(json.dumps([step, source, digest]) + "\n")
            file.flush()

        while True:
            with library.writing():
                for _ in range(chance.randint(1, 6)):
                    source, text = chance.choice(SOURCES), _text(chance)
                    if chance.random() < 0.3:
                        log("begin", source, "")
                        library.remove(source)
                        log("done", source, "")
                    else:
                        digest = hashlib.sha256(f"{source} {text}".encode()).hexdigest()
                        log("begin", source, digest)
                        put(library, source, f"{source} {text}")
                        log("done", source, digest)
                library.catch_up(purge=chance.random() < 0.2)


def write_for(folder: Path, seconds: float) -> None:
    """Put articles and bring the indexes on, as often as it goes."""
    chance, end = random.Random(1), time.monotonic() + seconds
    with open_library(folder) as library:
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


def read_for(folder: Path, seconds: float) -> None:
    """Ask as a bot does, and fail where a chunk that the index holds is not found by its own vector."""
    chance, end = random.Random(2), time.monotonic() + seconds
    with open_library(folder, SilentEncoder()) as library:
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
