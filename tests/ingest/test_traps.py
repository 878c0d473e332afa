"""Answers that were made to do harm end in time, and as a sentence."""

from collections.abc import Iterator

import pytest
from sites import Site
from traps import TRAPS

from ingest.fetch import Fetcher
from retrieval.errors import SourceError

# Whatever never ends takes all of the time that it is given.
ENDLESS = {"chunk of one", "chunk extension", "endless gzip", "endless hints", "endless continue", "silence", "trailers"}
QUICK = sorted(TRAPS.keys() - ENDLESS | {"endless hints"})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site with a trap on every page."""
    opened = Site()
    opened.answers.update({f"/{number}": TRAPS[name] for number, name in enumerate(QUICK)})
    opened.answers["/circle"] = TRAPS["circle"]
    yield opened
    opened.close()


@pytest.mark.parametrize("name", QUICK)
def test_trap(site: Site, name: str) -> None:
    """No bad answer is taken for a page."""
    with (
        Fetcher(allow_loopback=True, step_seconds=0.2, total_seconds=0.2, max_bytes=1_000_000) as fetcher,
        pytest.raises(SourceError) as error,
    ):
        fetcher.get(site.url(f"/{QUICK.index(name)}"))

    assert error.value.help
    assert len(error.value.message) < 200
