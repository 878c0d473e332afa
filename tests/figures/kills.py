"""SIGKILL at random moments: `PYTHONPATH=tests python tests/figures/kills.py [--trials 300] [--servers] [--seed 1]`.

In turn a process that ingests a folder whose files are added, edited, moved and removed, one that rebuilds the library, and one
that recovers after a kill are killed; then the library is opened and everything in it compared with what had been reported. With
`--servers` the stores are on a Chroma and a Postgres server.
"""

import argparse
import multiprocessing
import os
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import servers
from killing import KINDS, PRELOADED, Killing

from retrieval import Servers


def main(trials: int, seed: int, *, on_servers: bool) -> None:
    """Run the trials and print the counts."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(PRELOADED)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        where = Servers()
        if on_servers:
            chroma, postgres = servers.chroma(folder / "chroma"), servers.postgres(folder / "postgres")
            database = servers.database(stack.enter_context(postgres))
            where = Servers(stack.enter_context(chroma), "", stack.enter_context(database))
        killing, began = Killing(processes, folder / "trials", where, random.Random(seed)), time.monotonic()
        for number in range(trials):
            for fault in killing.trial(KINDS[number % len(KINDS)]):
                print(f"trial {number}: {fault}", flush=True)
            if number % 20 == 19:
                print(f"{number + 1} trials, {time.monotonic() - began:.0f} s", flush=True)
        told = killing.journal.read_text().count('"done"')
        counts = killing.counts
    print(f"{trials} trials ({', '.join(f'{kind} {counts[kind]}' for kind in KINDS)}), {told} changes reported as done")
    print(f"torn indexes met: {counts['torn']}; processes that ended by themselves: {counts['failed']}")
    print(f"disagreements: {counts['disagreement']}, lost: {counts['lost']}, ghosts: {counts['ghost']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--servers", action="store_true", help="the stores are on servers")
    given = parser.parse_args()
    main(given.trials, given.seed, on_servers=given.servers)
