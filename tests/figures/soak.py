"""Ten minutes of ingest beside questions: `PYTHONPATH=tests python tests/figures/soak.py [--minutes 10] [--servers]`.

One process adds, edits and removes articles in a folder and ingests it again and again, now and then with many at once;
another asks about them without a pause and checks that each question sees what was ingested before it was asked. With `--servers`
the stores are on a Chroma and a Postgres server that are started for it. It uses the bundled model.
"""

import argparse
import faulthandler
import random
import statistics
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import servers

from retrieval import Answer, AnswerChain, ArticleRetriever, Encoder, Library, Servers

WORDS = [
    "".join(pair) for pair in zip(*[iter(f"{first}{second}" for first in "bdgklmprtv" for second in "aeiou")] * 2, strict=True)
]
NAMES = [f"{first}{second}ster" for first in WORDS[:6] for second in WORDS[6:13]]
MANY, PARTS, EVERY_SECONDS = 60, 5, 90.0  # articles at once, their parts, and how often they come or go
GONE = 0
LONG = 2.0  # seconds: of a question that takes longer it is shown what it waits for

States = dict[str, int]  # a name to the number that its article tells, GONE if there is none


@dataclass(slots=True)
class Seen:
    """What the asking process knows of each name: what was ingested, and what may be by now."""

    done: States = field(default_factory=dict)
    begun: dict[str, set[int]] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)  # changed since anybody asked about it
    changes: Counter[str] = field(default_factory=Counter)
    over: bool = False

    def follow(self, pipe: Connection) -> None:
        """Take what the changing process has told."""
        while pipe.poll():
            step, states = pipe.recv()
            if step == "over":
                self.over = True
                self.changes["errors of ingest"] += bool(states)
                print(*states.values(), sep="\n", end="")
                return
            for name, number in states.items():
                if step == "begin":
                    self.begun.setdefault(name, set()).add(number)
                else:
                    self.changes[self._kind(name, number)] += 1
                    self.done[name] = number
                    self.begun[name] = {number}
                    self.fresh.append(name)

    def _kind(self, name: str, number: int) -> str:
        return "removed" if number == GONE else "edited" if self.done.get(name) else "added"


def write(folder: Path, name: str, number: int) -> None:
    """Bring an article's file to a state."""
    path = folder / f"{name}.md"
    if number == GONE:
        path.unlink()
        return
    rest = f"## Weather\n\nOn the day of the {name} the weather was mild and the roads were dry.\n" * 2
    path.write_text(f"# The {name}\n\nIn the end {number} visitors saw the {name} at the fair.\n\n{rest}")


def write_many(folder: Path, run: int) -> None:
    """Let many longer articles come, or go again."""
    if there := list(folder.glob("many*.md")):
        for path in there:
            path.unlink()
        return
    for number in range(MANY):
        parts = [
            f"## Part {part}\n\n"
            + " ".join(f"Ledger {run} counts {number * part + line} crates on pier {line}." for line in range(12))
            for part in range(PARTS)
        ]
        (folder / f"many{number}.md").write_text(f"# Ledger {run}-{number}\n\n" + "\n\n".join(parts))


def change(data: Path, folder: Path, where: Servers, seconds: float, pipe: Connection) -> None:
    """Change articles and ingest them until the time is over."""
    from ingest.fetch import Fetcher
    from ingest.sync import sync_sources

    chance, end, many, count = random.Random(5), time.monotonic() + seconds, time.monotonic(), 1000
    states: States = dict.fromkeys(NAMES, GONE)
    try:
        with Library(data, Encoder(), where) as library, Fetcher() as fetcher:
            while time.monotonic() < end:
                picked: States = {}
                for name in chance.sample(NAMES, chance.randint(1, 3)):
                    count += 1
                    picked[name] = GONE if states[name] and chance.random() < 0.4 else count
                pipe.send(("begin", picked))
                for name, number in picked.items():
                    write(folder, name, number)
                if time.monotonic() - many > EVERY_SECONDS:
                    write_many(folder, count)
                    many = time.monotonic()
                report = sync_sources(
                    [str(folder)], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False, prune=True
                )
                assert not report.failed, report.failed
                states |= picked
                pipe.send(("done", picked))
        pipe.send(("over", {}))
    except Exception:  # noqa: BLE001 - it is printed by the process that counts
        pipe.send(("over", {"error": traceback.format_exc()}))


def faults(answer: Answer, name: str, allowed: set[int]) -> list[str]:
    """What is wrong with an answer about a name whose article tells one of these numbers, or is not there."""
    told = {f"{number} visitors saw the {name}" for number in allowed - {GONE}}
    about = [passage for passage in answer.passages if passage.title == f"The {name}"]
    found = []
    if about and not told:
        found.append("a removed article is found")
    elif not about and GONE not in allowed:
        found.append("an article is not found")
    elif about and not any(each in passage.text for passage in about for each in told):
        found.append("an old text is found")
    quotes = [
        citation.quote for citation in answer.citations if citation.title == f"The {name}" and "visitors saw" in citation.quote
    ]
    if any(not any(each in quote for each in told) for quote in quotes):
        found.append("an old text is quoted")
    return found


def ask(data: Path, where: Servers, pipe: Connection) -> None:
    """Ask until the other process is done, and print what was seen."""
    seen, wrong, taken, chance = Seen(), Counter[str](), list[float](), random.Random(7)
    quoted = slowest_at = 0
    began = time.monotonic()
    with Library(data, Encoder(), where) as library:
        chain = AnswerChain(ArticleRetriever(library=library))
        while not seen.done and not seen.over:
            pipe.poll(None)
            seen.follow(pipe)
        chain.invoke({"question": "What is loaded with the first question?"})
        while not seen.over:
            seen.follow(pipe)
            name = seen.fresh.pop(0) if seen.fresh else chance.choice(NAMES)
            before = {seen.done.get(name, GONE)} | seen.begun.get(name, set())
            start = time.perf_counter()
            faulthandler.dump_traceback_later(LONG)
            try:
                answer = chain.invoke({"question": f"How many visitors saw the {name} at the fair?"})
            except Exception:  # noqa: BLE001 - it is counted
                wrong["errors of questions"] += 1
                print(traceback.format_exc())
                continue
            faulthandler.cancel_dump_traceback_later()
            taken.append(time.perf_counter() - start)
            if taken[-1] > LONG:
                print(f"waited {taken[-1]:.2f} s for {name} at {time.monotonic() - began:.1f} s", flush=True)
            if taken[-1] == max(taken):
                slowest_at = round(time.monotonic() - began)
            seen.follow(pipe)
            for fault in faults(answer, name, before | seen.begun.get(name, set())):
                wrong[fault] += 1
                print(f"{fault}: {name} at {time.monotonic() - began:.1f} s, {before}: {answer.text}", flush=True)
            quoted += bool(answer.citations)
    ordered = sorted(taken)
    print(
        f"{time.monotonic() - began:.0f} s; changes: {dict(seen.changes)}; questions: {len(taken)}, of which {quoted} with quotes"
    )
    print(f"wrong or stale answers and errors: {sum(wrong.values()) + seen.changes['errors of ingest']} {dict(wrong)}")
    high = ordered[int(0.95 * len(ordered))]
    print(f"a question took: median {statistics.median(ordered) * 1000:.0f} ms, 95 % below {high * 1000:.0f} ms")
    print(f"the longest: {ordered[-1]:.2f} s, {slowest_at} s after the start")
    print(f"longer than 1 s: {sum(each > 1 for each in ordered)}, than {LONG:.0f} s: {sum(each > LONG for each in ordered)}")


@contextmanager
def place(folder: Path, *, on_servers: bool) -> Iterator[Servers]:
    """Where the stores are."""
    with ExitStack() as stack:
        if not on_servers:
            yield Servers()
            return
        chroma = stack.enter_context(servers.chroma(folder / "chroma"))
        postgres = stack.enter_context(servers.postgres(folder / "postgres"))
        yield Servers(chroma, "", stack.enter_context(servers.database(postgres)))


def main(minutes: float, *, on_servers: bool) -> None:
    """Run both processes."""
    processes = get_context("spawn")
    with tempfile.TemporaryDirectory() as name, place(Path(name), on_servers=on_servers) as where:
        data, folder = Path(name) / "library", Path(name) / "articles"
        folder.mkdir()
        ours, theirs = processes.Pipe()
        process = processes.Process(target=change, args=(data, folder, where, minutes * 60, theirs))
        process.start()
        ask(data, where, ours)
        process.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--servers", action="store_true", help="the stores are on servers")
    given = parser.parse_args()
    main(given.minutes, on_servers=given.servers)
