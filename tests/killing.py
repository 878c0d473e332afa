"""Trials in which processes that change a library are killed, and what is wrong in the library after each."""

import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from support import assert_agreement, found_by_word, open_library
from writers import NamedEncoder, rebuild_until_killed, recover_until_killed, sync_until_killed

from retrieval import Library, LibraryError, Servers
from retrieval.errors import IndexDamaged

LONGEST = 10.0  # seconds of one process
KINDS = ("ingest", "rebuild", "recovery")
PRELOADED = ["writers", "sentencex", "chromadb_rust_bindings", "_strptime"]  # what costs more to import than a trial lasts


class KeptEncoder(NamedEncoder):
    """Fails whoever embeds: recovery has to live on the vectors that are kept."""

    def encode_chunks(self, inputs: Any) -> Any:
        """Raise."""
        message = f"{len(inputs)} chunks are embedded although their vectors are kept."
        raise AssertionError(message)


@dataclass(slots=True)
class Killing:
    """A library in a folder, the articles that are ingested into it, and the journal of what was reported."""

    processes: ForkServerContext
    folder: Path
    servers: Servers
    chance: random.Random
    steps: int = 14  # of a process, at most, before it is killed
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make the folders and an empty library."""
        self.articles.mkdir(parents=True)
        stays = self.articles / "source99.md"  # a folder without any article would be a failure
        stays.write_text("source99 stays for ever.\n")
        line = json.dumps(["begin", str(stays), hashlib.sha256(stays.read_bytes()).hexdigest()])
        self.journal.write_text(f"{line}\n")
        open_library(self.data, NamedEncoder(), self.servers).close()

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "library"

    @property
    def articles(self) -> Path:
        """The folder that is ingested."""
        return self.folder / "articles"

    @property
    def journal(self) -> Path:
        """The file of what was begun and what was reported."""
        return self.folder / "journal"

    def trial(self, kind: str) -> list[str]:
        """Kill once, twice where recovery is killed too, and give back what is wrong then."""
        if kind == "rebuild" and self._has_articles():
            self._kill(rebuild_until_killed, self.data, self.chance.randint(0, 99), self.servers, most=2.5)
        else:
            arguments = (self.data, self.articles, self.journal, self.chance.randint(0, 10**9), self.servers)
            self._kill(sync_until_killed, *arguments, most=0.5, steps=self.chance.randint(0, self.steps))
        self.counts["torn"] += self._torn()
        if kind == "recovery":
            if self.chance.random() < 1 / 3:  # so that there is much to recover
                shutil.rmtree(self._current() / self.chance.choice(("vectors", "keywords")), ignore_errors=True)
            for _ in range(self.chance.randint(1, 2)):
                self._kill(recover_until_killed, self.data, self.servers, most=0.6)
                self.counts["torn"] += self._torn()
        self.counts[kind] += 1
        wrong = self._faults(purge=self.chance.random() < 0.2)
        self.counts.update(fault.partition(":")[0] for fault in wrong)
        return wrong

    def _kill(self, target: Callable[..., None], *arguments: object, most: float, steps: int = 0) -> None:
        """Run a process until it has made so many steps, and for a moment more, then kill it."""
        process, before = self.processes.Process(target=target, args=arguments), self._steps()
        process.start()
        end = time.monotonic() + LONGEST
        while process.exitcode is None and self._steps() < before + steps and time.monotonic() < end:
            time.sleep(0.005)
        process.join(self.chance.uniform(0.02, most))
        if process.exitcode is None and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        else:
            self.counts["failed"] += 1  # it has ended by itself, which none of them should
        process.join()

    def _steps(self) -> int:
        """Lines in the journal."""
        return self.journal.read_bytes().count(b"\n")

    def _faults(self, *, purge: bool) -> list[str]:
        """What is wrong once the library has been opened again."""
        wrong = []
        with open_library(self.data, KeptEncoder(), self.servers) as library:
            model = library.catalogue.model()
            if model is None:
                return []
            library.encoder = KeptEncoder(model.name)
            try:
                library.catch_up(purge=purge)
                assert_agreement(library)
            except (AssertionError, LibraryError) as error:
                wrong.append(f"disagreement: {error}")
            held = {source: digest.rpartition(":")[2] for source, digest in library.catalogue.digests().items()}
            for source, states in expected(self.journal).items():
                wrong += _fault(library, source, held.get(source, ""), states)
            assert held.keys() <= expected(self.journal).keys()
        return wrong

    def _torn(self) -> bool:
        """Whether Chroma's files are torn, as they are before anybody recovers."""
        if self.servers.chroma_url or not (self._current() / "vectors").exists():
            return False
        with open_library(self.data, KeptEncoder()) as library:
            if library.catalogue.model() is None:
                return False
            try:
                library.vectors.open()
            except IndexDamaged:
                return True
            return False

    def _current(self) -> Path:
        with open_library(self.data, KeptEncoder(), self.servers) as library:
            return library.edition.folder

    def _has_articles(self) -> bool:
        with open_library(self.data, KeptEncoder(), self.servers) as library:
            return library.catalogue.has_articles()


def _fault(library: Library, source: str, digest: str, states: set[str]) -> list[str]:
    """What is wrong with one article that should be in one of some states."""
    if digest not in states:
        return [f"{'ghost' if states == {''} else 'lost'}: {source} is {digest or 'gone'} and not one of {states}"]
    found = source in found_by_word(library, Path(source).stem.removesuffix("-moved"))
    if found != bool(digest):
        return [f"{'lost: not' if digest else 'ghost:'} found by its own word: {source}"]
    return []


def expected(journal: Path) -> dict[str, set[str]]:
    """Source to the digests it may have, "" for none: the acknowledged one, and those whose writing was cut off."""
    done: dict[str, set[str]] = {}
    for line in journal.read_text().splitlines():
        step, source, digest = json.loads(line)
        done[source] = {digest} if step == "done" else {*done.get(source, {""}), digest}
    return done
