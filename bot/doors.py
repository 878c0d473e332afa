"""The library of a program that stays: answered from in one place, changed through another, with one model for both.

The model is the answering library's, which takes another one when the library has been rebuilt with it meanwhile.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.wiring import open_chat_model, ready_chain, ready_retriever

if TYPE_CHECKING:
    from ingest import Progress, Report
    from retrieval import AnswerChain, Library, Settings


class Doors:
    """Opens one data folder, which may be empty still, as often as it is needed."""

    def __init__(self, settings: "Settings") -> None:
        from retrieval import Encoder

        self._settings, self._encoder = settings, Encoder(settings.embedding_model)
        self._chat_model = open_chat_model(settings)
        self._answering: Library | None = None

    def chain(self) -> "AnswerChain":
        """The chain that answers, ready; it sees at its next question what has come in by the other door."""
        retriever = ready_retriever(self._library(), self._settings)
        self._answering = retriever.library
        return ready_chain(retriever, self._chat_model, self._settings)

    def sync(self, sources: list[str], notify: "Callable[[Progress], None]", stopped: Callable[[], bool]) -> "Report":
        """Bring sources in."""
        from ingest import Fetcher, sync_sources

        allow = self._settings.allow_loopback
        with self._library() as library, Fetcher(allow_loopback=allow, stopped=stopped) as fetcher:
            return sync_sources(sources, library=library, fetcher=fetcher, notify=notify, stopped=stopped)

    def remove(self, source: str) -> bool:
        """Take an article out; whether it was there."""
        with self._library() as library, library.writing():
            removed = library.remove(source)
            library.catch_up(purge=True)
            return removed

    def _library(self) -> "Library":
        from retrieval import Library

        if self._answering is not None:
            self._answering.follow_edition()
            self._encoder = self._answering.encoder
        return Library(self._settings.data_dir, self._encoder, self._settings.servers)
