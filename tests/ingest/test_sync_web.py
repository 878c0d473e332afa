"""Pages and feeds that are read again: left alone while their server says that they are as they were, and nothing is missed."""

import hashlib
import random
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sites import Site
from support import found_by_word, open_library
from syncing import PARTS, contents, plan, planned, run

from ingest.plan import Kind
from ingest.writer import LONGEST, TOO_LONG, fits
from retrieval import Library, Servers


class Press:
    """A site whose server knows the versions of its pages; `answered` are paths with the status of each answer."""

    def __init__(self, site: Site) -> None:
        self.site, self.answered = site, list[tuple[str, int]]()

    def publish(self, path: str, body: str, *, kind: str = "text/html", versioned: bool = True) -> str:
        """Put a page at a path, and return its address."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:8]}"'
            same = versioned and handler.headers.get("if-none-match") == etag
            self.answered.append((path, 304 if same else 200))
            handler.send_response(304 if same else 200)
            if versioned:
                handler.send_header("etag", etag)
            handler.send_header("content-type", kind)
            handler.send_header("content-length", "0" if same else str(len(body.encode())))
            handler.end_headers()
            if not same:
                handler.wfile.write(body.encode())

        self.site.answers[path] = answer
        return self.site.url(path)

    def take_down(self, path: str) -> None:
        """Let a page be gone."""
        self.site.answers[path] = (404, {"content-type": "text/html"}, b"")

    def page(self, word: str, *, more: str = "", versioned: bool = True) -> str:
        """Publish a page about a word."""
        text = f"The {word} was seen by many people on the quay, and nobody knew why it was there. {more}" * 9
        return self.publish(f"/{word}", f"<html><body><article><p>{text}</p></article></body></html>", versioned=versioned)

    def feed(self, *words: str, notes: tuple[str, ...] = (), path: str = "/feed", end: str = "</rss>") -> str:
        """Publish a feed of pages, and of notes that have none."""
        items = [f"<item><title>On {w}</title><link>{self.site.url(f'/{w}')}</link><guid>{w}</guid></item>" for w in words]
        items += [
            f"<item><guid isPermaLink='false'>{n}</guid><description>{f'The {n} is a note. ' * 9}</description></item>"
            for n in notes
        ]
        body = f"<rss version='2.0'><channel><title>Quay</title>{''.join(items)}</channel>{end}"
        return self.publish(path, body, kind="application/rss+xml")

    def statuses(self) -> list[tuple[str, int]]:
        """What has been answered since the last look."""
        answered, self.answered = self.answered, []
        return answered


@pytest.fixture
def press() -> Iterator[Press]:
    """A site on loopback."""
    site = Site()
    yield Press(site)
    site.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library with hash vectors."""
    with open_library(tmp_path / "library") as library:
        yield library


def test_an_unchanged_page_is_left_alone(library: Library, press: Press) -> None:
    """A page is asked for by its version; one that has changed comes in, noticed by its version or, without one, by its text."""
    pages = [press.page("harbour"), press.page("orchard", versioned=False)]
    assert run(library, *pages).added == tuple(pages)
    press.statuses()

    report = run(library, *pages)
    assert (report.unchanged, report.embedded) == (tuple(pages), 0)
    assert press.statuses() == [("/harbour", 304), ("/orchard", 200)]

    press.page("harbour", more="It was a pelican.")
    press.page("orchard", more="It was granite.", versioned=False)
    assert planned(plan(library, *pages), Kind.CHANGED) == tuple(pages)
    assert run(library, *pages).updated == tuple(pages)
    assert found_by_word(library, "pelican") == {pages[0]}
    assert [status for _, status in press.statuses()] == [200] * 4


def test_a_removed_page_comes_back(library: Library, press: Press) -> None:
    """What the library does not have any more is fetched whole, as itself and as an entry of a feed that has not changed."""
    page, feed = press.page("harbour"), press.feed("harbour", "orchard", notes=("lantern",))
    press.page("orchard")
    run(library, page, feed)
    library.remove(page)
    assert run(library, page).added == (page,)
    library.remove(page)
    library.remove(f"{feed}#lantern")
    assert run(library, feed).added == (page, f"{feed}#lantern")


def test_an_unchanged_feed(library: Library, press: Press) -> None:
    """The pages of a feed that has not changed are looked at, each by its own version, and keep what the feed said of them."""
    feed = press.feed("harbour", "orchard", notes=("lantern",))
    press.page("harbour")
    press.page("orchard", versioned=False)
    first = run(library, feed)
    details = [(record.source, record.title, record.date, record.site) for record in library.articles()]
    press.statuses()
    report = run(library, feed)

    assert len(first.added) == 3
    assert (sorted(report.unchanged), report.updated, report.embedded) == (sorted(first.added), (), 0)
    assert press.statuses() == [("/feed", 304), ("/harbour", 304), ("/orchard", 200)]
    press.page("harbour", more="It was a pelican.")
    assert run(library, feed).updated == (press.site.url("/harbour"),)
    assert [(record.source, record.title, record.date, record.site) for record in library.articles()] == details


def test_a_feed_of_which_an_entry_failed_is_read_again(library: Library, press: Press) -> None:
    """While an entry cannot be had the feed itself is fetched whole, so that the entry is not forgotten."""
    feed = press.feed("harbour", "orchard")
    press.page("harbour")
    press.take_down("/orchard")
    assert len(run(library, feed).failed) == 1
    press.page("orchard")
    press.statuses()

    assert run(library, feed).added == (press.site.url("/orchard"),)
    assert ("/feed", 200) in press.statuses()
    run(library, feed)
    assert ("/feed", 304) in press.statuses()


def test_pruning_a_feed(library: Library, press: Press) -> None:
    """What a feed lists no more is removed by a run that prunes, and not what was named by itself or is in another feed."""
    named, shared = press.page("harbour"), press.page("lantern")
    for word in ("orchard", "granite"):
        press.page(word)
    feed, other = press.feed("harbour", "orchard", "lantern", notes=("pelican",)), press.feed("lantern", path="/other")
    run(library, named, feed, other)
    press.feed("granite")
    left = {press.site.url("/orchard"), f"{feed}#pelican"}

    assert {step.source for step in plan(library, feed).departed} == left
    assert run(library, feed).removed == ()
    assert set(run(library, feed, prune=True).removed) == left
    assert sorted(contents(library)) == sorted([named, shared, press.site.url("/granite")])
    press.take_down("/feed")
    assert run(library, feed, prune=True).removed == ()
    press.page("feed")
    assert run(library, feed, prune=True).removed == ()


def test_a_feed_that_breaks_off_removes_nothing(library: Library, press: Press) -> None:
    """A feed without its end is told, what is behind it stays, and it is fetched whole the next time though its version stays."""
    feed, pages = press.feed("harbour", "orchard"), [press.page(word) for word in ("harbour", "orchard")]
    run(library, feed)
    press.feed("harbour", end="")
    report = run(library, feed, prune=True)

    assert [failure.source for failure in report.failed] == [feed]
    assert (report.removed, sorted(contents(library))) == ((), sorted(pages))
    press.statuses()
    assert run(library, feed).failed == report.failed
    assert ("/feed", 200) in press.statuses()


def test_a_page_that_fails_is_not_replaced_by_its_summary(library: Library, press: Press) -> None:
    """An article that was read from its page stays as it is while the page cannot be had, though the feed has a summary of it."""
    page = press.page("harbour")
    summary = f"<item><link>{page}</link><description>{'Only the summary of it. ' * 9}</description></item>"
    body = f"<rss version='2.0'><channel><title>Quay</title>{summary}</channel></rss>"
    feed = press.publish("/feed", body, kind="application/rss+xml")
    run(library, feed)
    before = contents(library)
    press.take_down("/harbour")
    report = run(library, feed)

    assert [failure.source for failure in report.failed] == [page]
    assert contents(library) == before


def test_a_summary_is_kept_in_step(library: Library, press: Press) -> None:
    """An article that only the feed has is read from the feed at each run, until its page can be had."""
    link = press.site.url("/harbour")
    for text in ("The first summary. ", "The second summary. "):
        summary = f"<item><link>{link}</link><description>{text * 9}</description></item>"
        body = f"<rss version='2.0'><channel><title>Quay</title>{summary}</channel></rss>"
        feed = press.publish("/feed", body, kind="application/rss+xml")
        run(library, feed)
        assert text.strip() in contents(library)[link][0][1]
        assert run(library, feed).unchanged == (link,)
    press.page(PARTS[0])

    assert run(library, feed).updated == (link,)


def test_a_name_that_is_too_long_costs_no_other_article(tmp_path: Path, press: Press, database_url: str) -> None:
    """What a server's indexes cannot hold is one line of the plan and of the report, and the longest name that they can is in."""
    names = random.Random(1).randbytes(2000).hex()
    assert not fits("\udcff" * (LONGEST // 3 + 1))  # each is three bytes on a server
    page = press.page(names[: LONGEST - len(press.site.url("/"))])
    feed = press.feed("harbour", notes=("lantern", names))
    press.page("harbour")
    long_feed = press.feed("harbour", path=f"/{names[:2800]}")
    with open_library(tmp_path, servers=Servers(database_url=database_url)) as library:
        expected = sorted([(f"{feed}#{names}", TOO_LONG), (long_feed, TOO_LONG)])
        assert sorted((step.source, step.reason) for step in plan(library, feed, long_feed).steps if step.reason) == expected
        report = run(library, feed, page, long_feed)

        assert sorted((failure.source, failure.reason) for failure in report.failed) == expected
        assert sorted(report.added) == sorted([f"{feed}#lantern", page, press.site.url("/harbour")])
        assert run(library, feed, page, long_feed).added == ()
