"""How hostile addresses, answers and files fare: `python tests/figures/hostile.py [SECONDS]`.

SECONDS is what a file may take, 20 unless told: the library's own patience would make this long.

It asks a fetcher for every spelling of every closed address, directly and by way of redirects, lets a site on loopback answer in
every bad way, and reads every bad file. It prints how many were tried and how many were let through: a connection to a closed
address, an answer that counted as a page, a file that was read past its limits or with something from outside in it.
"""

import ipaddress
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bombs import BOMBS
from sites import Site
from spellings import NETWORKS, urls
from traps import FEEDS, TRAPS, redirects

from ingest import apart, feeds, kinds, readers
from ingest.documents import Document
from ingest.fetch import Fetcher
from ingest.readers import read
from retrieval.errors import SourceError

FETCH_SECONDS = 1.0
FILE_SECONDS = 20.0
SPARE_SECONDS = 2.0  # beyond a limit, to begin and to end a process on a busy machine
Outcome = tuple[str, float, bool]  # what was tried, how long it took, whether it was let through


@contextmanager
def watched() -> Iterator[list[str]]:
    """Connections are noted, and only those to loopback are made."""
    import httpcore

    connect, tried = httpcore.SyncBackend.connect_tcp, list[str]()

    def note(backend: Any, host: str, *rest: Any, **more: Any) -> Any:
        tried.append(host)
        if host not in {"127.0.0.1", "::1"}:
            raise httpcore.ConnectError
        return connect(backend, host, *rest, **more)

    httpcore.SyncBackend.connect_tcp = note  # type: ignore[method-assign]
    yield tried
    httpcore.SyncBackend.connect_tcp = connect  # type: ignore[method-assign]


def attempt(name: str, work: Callable[[], object], limit: float) -> Outcome:
    """Try one: a result, an unforeseen error and a long time are as bad as a connection."""
    begun = time.monotonic()
    try:
        work()
        through = True
    except SourceError:
        through = False
    except Exception:  # noqa: BLE001 - that is what is looked for
        through = True
    seconds = time.monotonic() - begun
    return name, seconds, through or seconds > limit + SPARE_SECONDS


def closed(addresses: list[str], *, loopback: bool) -> list[str]:
    """Those of the addresses that nothing may have connected to."""
    found = [getattr(each, "ipv4_mapped", None) or each for each in map(ipaddress.ip_address, addresses)]
    return [str(each) for each in found if any(each in network for network in NETWORKS) and not (loopback and each.is_loopback)]


def addresses() -> Iterator[Outcome]:
    """Every spelling, given and redirected to."""
    with watched() as tried, Fetcher(gap_seconds=0) as fetcher:
        for url in urls():
            tried.clear()
            name, seconds, through = attempt(url, lambda url=url: fetcher.get(url), FETCH_SECONDS)
            yield name, seconds, through or bool(closed(tried, loopback=False))
    site = Site()
    with (
        watched() as tried,
        Fetcher(allow_loopback=True, gap_seconds=0, step_seconds=0.3, total_seconds=FETCH_SECONDS) as fetcher,
    ):
        for path, answer in redirects([url for url in urls() if "127." not in url and "::1" not in url]):
            tried.clear()
            site.answers[path] = answer
            name, seconds, through = attempt(str(answer[1]), lambda path=path: fetcher.get(site.url(path)), FETCH_SECONDS)
            yield f"redirect {name}", seconds, through or bool(closed(tried, loopback=True))
    site.close()


def answers() -> Iterator[Outcome]:
    """Every bad answer."""
    site = Site()
    site.answers.update({f"/{number}": trap for number, trap in enumerate(TRAPS.values())})
    site.answers["/circle"] = TRAPS["circle"]
    with watched() as tried:
        for number, name in enumerate(TRAPS):
            with Fetcher(allow_loopback=True, gap_seconds=0, step_seconds=0.5, total_seconds=FETCH_SECONDS) as fetcher:
                url = site.url(f"/{number}")
                yield attempt(name, lambda fetcher=fetcher, url=url: fetcher.get(url), FETCH_SECONDS)
    if closed(tried, loopback=True):
        yield "an answer that led elsewhere", 0.0, True
    site.close()


def files(folder: Path, seconds: float) -> Iterator[Outcome]:
    """Every bad file, read in bounds; an article is fine when nothing from outside is in it."""
    for path in sorted(folder.iterdir()):

        def work(path: Path = path) -> None:
            if path.name in FEEDS:
                text = repr(list(feeds.entries(path.read_bytes(), source=str(path))))
            else:
                text = read(Document(str(path), kinds.from_name(path.name), path.read_bytes())).text
            if "root:" not in text and text.count("ha ha") < 1000:
                message = "Harmless."
                raise SourceError(message)

        yield attempt(path.name, work, seconds)


def show(kind: str, outcomes: Iterator[Outcome]) -> int:
    """Print the figures of one kind and what was let through; return how many."""
    found = list(outcomes)
    longest = max(found, key=lambda each: each[1])
    through = [name for name, _, bad in found if bad]
    print(
        f"{kind}: {len(found)} tried, {len(through)} let through, longest {longest[1]:.1f} s ({longest[0][:60]})",
        *through,
        sep="\n  ",
    )
    return len(through)


def main() -> None:
    """Print all figures; files are built by another process, whose memory is not ours."""
    if sys.argv[1:2] == ["--build"]:
        for name, make in (BOMBS | FEEDS).items():
            Path(sys.argv[2], name).write_bytes(make())
        return
    seconds = float(sys.argv[1]) if sys.argv[1:] else FILE_SECONDS
    readers.APART = feeds.APART = apart.Apart(seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        through = show("addresses", addresses()) + show("answers", answers())
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        subprocess.run([sys.executable, __file__, "--build", folder], check=True)
        built = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        through += show("files", files(Path(folder), seconds))
    readers.APART.close()
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        f"peak memory: {before // 1024} MB while fetching, {own // 1024} MB in all, {others // 1024} MB of what reads apart",
        end="",
    )
    print(f" (of which {built // 1024} MB may be of what built the files)" if built >= others else "")
    sys.exit(bool(through))


if __name__ == "__main__":
    main()
