"""Sources into the library: what is new is read, chunked, embedded and put, what is unchanged is left alone; and a report."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ingest.answers import Validators
from ingest.documents import Failure, Feed
from ingest.fetch import Fetcher
from ingest.memory import Memory
from ingest.plan import Interrupted, Kind, Planner, Step, cut
from ingest.sources import is_web
from ingest.writer import TOO_LONG, Writer, fits
from retrieval import Article, Library, LibraryBusy, ServerDown


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: articles done of those found so far, and chunks; `waiting` while another process changes the library."""

    done: int
    total: int
    source: str
    chunks: int
    embedded: int
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """An article that has moved, and from where."""

    before: str
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run changed, by source; `chunks` and `embedded` are counts, `seconds` the whole time."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[Failure, ...]
    skipped: tuple[str, ...]
    chunks: int
    embedded: int
    seconds: float
    interrupted: bool
    moved: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, article by article, and what it would remove with pruning."""

    steps: tuple[Step, ...]
    departed: tuple[Step, ...]
    interrupted: bool


def sync_sources(  # noqa: PLR0913 - by their names
    sources: Sequence[str],
    *,
    library: Library,
    fetcher: Fetcher,
    notify: Callable[[Progress], None],
    stopped: Callable[[], bool],
    prune: bool = False,
) -> Report:
    """Bring the articles of some sources into the library; one bad article is one line of the report.

    With `prune` the articles that have left the folders and feeds among the sources are removed.
    """
    started = time.monotonic()
    library.check_model_name()
    run = _Run(library, notify, stopped)
    try:
        with library.writing(stopped=run.stopped_waiting):
            interrupted = run.go(sources, fetcher, prune=prune)
            library.catch_up(purge=not interrupted)
    except LibraryBusy:
        if not stopped():
            raise
        interrupted = True
    except ServerDown as error:
        raise run.broken_off(error) from error
    return run.report(time.monotonic() - started, interrupted=interrupted)


def plan_sources(
    sources: Sequence[str],
    *,
    library: Library,
    fetcher: Fetcher,
    notify: Callable[[Progress], None],
    stopped: Callable[[], bool],
) -> Plan:
    """What `sync_sources` would do now; sources are read, nothing is embedded or written."""
    memory = Memory(library.catalogue.digests(), library.catalogue.origins)
    planner = Planner(sources, memory=memory, fetcher=fetcher, stopped=stopped)
    steps: list[Step] = []
    try:
        for step in map(_kept, planner.steps()):
            if isinstance(step, Step):
                steps.append(Step(step.kind, step.source, step.before, step.reason))
                notify(Progress(len(steps), planner.found, step.source, 0, 0))
        return Plan(tuple(steps), tuple(planner.departed()), interrupted=False)
    except Interrupted:
        return Plan(tuple(steps), (), interrupted=True)


def _kept(step: Step | Feed) -> Step | Feed:
    """What becomes of an article or a feed, which is a failure if the library cannot keep it under its source."""
    written = isinstance(step, Feed) or step.new is not None or step.article is not None
    return Step(Kind.FAILED, step.source, reason=TOO_LONG) if written and not fits(step.source) else step


@dataclass(slots=True)
class _Run:
    """One run: what is gathered, and what has been done."""

    library: Library
    notify: Callable[[Progress], None]
    stopped: Callable[[], bool]
    memory: Memory = field(init=False)
    planner: Planner = field(init=False)
    writer: Writer = field(init=False)
    done: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    failed: list[Failure] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)

    def go(self, sources: Sequence[str], fetcher: Fetcher, *, prune: bool) -> bool:
        """Do it all; True if the person has asked to stop before the end."""
        self.memory = Memory(self.library.catalogue.digests(), self.library.catalogue.origins)
        self.planner = Planner(sources, memory=self.memory, fetcher=fetcher, stopped=self.stopped)
        try:
            for step in map(_kept, self.planner.steps()):
                self._take(step)
            self.writer.flush()
            for step in self.planner.departed() if prune else []:
                self._remove(step.source)
        except Interrupted:
            return True
        self._remember_feeds()
        return False

    def __post_init__(self) -> None:
        """Begin."""
        self.writer = Writer(self.library, put=self._note_put, embedded=self._tell, stopped=self.stopped)

    def stopped_waiting(self) -> bool:
        """Whether to stop, asked while another process is changing the library, which is told."""
        self.notify(Progress(0, 0, "", 0, 0, waiting=True))
        return self.stopped()

    def _take(self, step: Step | Feed) -> None:
        """Do what has been decided; what is to be embedded is gathered."""
        if isinstance(step, Feed):
            self.library.catalogue.origins.list_members(step.source, filter(fits, step.members))
            self.feeds.append(step)
            return
        if step.article is not None:
            self._move(step, step.article)
        elif step.new is not None:
            self.writer.gather(step.new, step.validators)
        elif step.kind is Kind.FAILED:
            self.failed.append(Failure(step.source, step.reason))
        else:
            self.done[step.kind].append(step.source)
            if step.kind is Kind.UNCHANGED:
                self._remember(step.source, step.validators)
        self._tell(step.source)
        self.writer.flush_if_due()

    def _move(self, step: Step, article: Article) -> None:
        """Let the article be that of its new place; it is put there as a new one if what was there has gone meanwhile."""
        if not self.library.catalogue.move(step.before, article):
            self.writer.gather(cut(article), None)
            return
        del self.memory.digests[step.before]
        self.memory.digests[step.source] = article.digest
        self.moved.append(Move(step.before, step.source))

    def _remove(self, source: str) -> None:
        if self.stopped():
            raise Interrupted
        if self.library.remove(source):
            self.library.catalogue.origins.forget_article(source)
            del self.memory.digests[source]
            self.done[Kind.REMOVED].append(source)
            self._tell(source)

    def _note_put(self, article: Article, validators: Validators | None) -> None:
        """Note an article that is in now."""
        source = article.source
        self.done[Kind.CHANGED if source in self.memory.digests else Kind.ADDED].append(source)
        self.memory.digests[source] = article.digest
        self._remember(source, validators)
        self._tell(source)

    def _remember(self, source: str, validators: Validators | None) -> None:
        """Remember which version of a page the library has, once it has it, and that it was named."""
        if not is_web(source):
            return
        self.memory.remember(source, validators)
        if source in self.planner.named:
            self.memory.origins.list_members(source, [source], all_of_them=False)

    def _remember_feeds(self) -> None:
        """Remember the versions of feeds of which every article is in; the others are listed anew, so that nothing is missed."""
        failed = {failure.source for failure in self.failed}
        for feed in self.feeds:
            if is_web(feed.source):
                whole = failed.isdisjoint(feed.members) and not any(name.partition("#")[0] == feed.source for name in failed)
                self.memory.remember(feed.source, feed.validators if whole else None)

    def broken_off(self, error: ServerDown) -> ServerDown:
        """The failure of a server with what it has not undone: what is in the catalogue is in, and its indexes follow later."""
        changed = len(self.moved) + sum(len(self.done[kind]) for kind in (Kind.ADDED, Kind.CHANGED, Kind.REMOVED))
        if not changed:
            return error
        told = f"{error.message} What was done until then stands: {changed} added, changed or removed."
        return ServerDown(told, help=f"{error.help} The next run goes on from there.")

    def report(self, seconds: float, *, interrupted: bool) -> Report:
        """The run as it ended."""
        return Report(
            added=tuple(self.done[Kind.ADDED]),
            updated=tuple(self.done[Kind.CHANGED]),
            unchanged=tuple(self.done[Kind.UNCHANGED]),
            removed=tuple(self.done[Kind.REMOVED]),
            failed=tuple(self.failed),
            skipped=tuple(self.done[Kind.SKIPPED]),
            chunks=self.writer.chunks,
            embedded=self.writer.embedded,
            seconds=seconds,
            interrupted=interrupted,
            moved=tuple(self.moved),
        )

    def _tell(self, source: str) -> None:
        counted = (Kind.ADDED, Kind.CHANGED, Kind.UNCHANGED)
        done = sum(len(self.done[kind]) for kind in counted) + len(self.failed) + len(self.moved)
        self.notify(Progress(done, self.planner.found, source, self.writer.chunks, self.writer.embedded))
