"""Question to ranked passages: keywords and vectors find candidates, one score mixes them, fitted weights rank the best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config, get_callback_manager_for_config
from pydantic import ConfigDict

from retrieval.errors import IndexDamaged
from retrieval.library import Library
from retrieval.passages import Passage, Turn
from retrieval.search import followup, grow
from retrieval.search.cues import asked_for
from retrieval.search.features import BM25_MAXIMUM, CHUNK_FEATURES, Candidate, Measured, candidate, measure
from retrieval.search.query import Analyst, Query, weights
from retrieval.search.rerank import Reranker
from retrieval.weights import load_weights, vector

EACH_WAY = 200  # candidates from each index
RANKED = 20  # candidates that are measured closely


@dataclass(frozen=True, slots=True)
class Ranked:
    """A measured candidate with its score; scores of one question are log-odds up to a constant."""

    measured: Measured
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a query: candidates, best first."""

    query: Query
    ranked: tuple[Ranked, ...]


class ArticleRetriever(BaseRetriever):
    """Passages of one library for a question, as any LangChain program can use it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    count: int = 10
    reranker: Reranker | None = None

    def find(self, question: str, history: Sequence[Turn] = ()) -> Found:
        """Ranked candidates for a question after the turns before it; a damaged index is mended on the way.

        Threads may ask at once: they take turns at the indexes, a few milliseconds each, and at nothing that comes after.
        """
        query, best = self._searched(question, history)
        ranked = self._ranked(query, best)
        # A chunk is gone: its article was edited just now, or another edition has taken the library's place.
        if len(ranked) < len(best) or (not best and self.library.follow_edition()):
            query, best = self._searched(question, history)
            ranked = self._ranked(query, best)
        return Found(query, tuple(ranked))

    def _searched(self, question: str, history: Sequence[Turn]) -> tuple[Query, list[Candidate]]:
        """The candidates in the library as it is now; none if it has no articles."""
        with self.library.reading() as filled:
            if not filled:
                return Query(question, (), (), np.zeros(0, dtype=np.float32)), []
            try:
                found = self._search(question, history)
            except IndexDamaged:
                self.library.mend()
                found = self._search(question, history)
            if self.library.is_overtaken() and self.library.refresh():
                return self._search(question, history)
            return found

    def _search(self, question: str, history: Sequence[Turn]) -> tuple[Query, list[Candidate]]:
        """All that needs the indexes: how the question is read, and the candidates that are worth measuring."""
        query = followup.read(question, history, analyst=self._analyst(), encoder=self.library.encoder)
        return query, sorted(self._candidates(query), key=lambda item: (-item.base, item.chunk))[:RANKED]

    def _ranked(self, query: Query, best: Sequence[Candidate]) -> list[Ranked]:
        chunks, asked = self.library.catalogue.chunks([item.chunk for item in best]), asked_for(query.question)
        ranked = rank([measure(item, chunks[item.chunk], query, asked) for item in best if item.chunk in chunks])
        return self._reread(query.question, ranked)

    def stands_alone(self, question: str) -> bool:
        """Whether a question can be understood without what was said before; in an empty library each can."""
        with self.library.reading() as filled:
            return not filled or followup.stands_alone(question, self._analyst().terms(question))

    def look(
        self, question: str, history: Sequence[Turn] = (), config: RunnableConfig | None = None
    ) -> tuple[Found, tuple[Passage, ...]]:
        """What `find` finds, and its passages, as a step that LangChain's callbacks hear of."""
        manager = get_callback_manager_for_config(ensure_config(config))
        run = manager.on_retriever_start(None, question, name=self.get_name())
        try:
            found = self.find(question, history)
            passages = self.passages(found, self.count)
        except BaseException as error:
            run.on_retriever_error(error)
            raise
        run.on_retriever_end(_documents(passages))
        return found, passages

    def passages(self, found: Found, count: int) -> tuple[Passage, ...]:
        """The best candidates as passages, grown by their surroundings, none inside another."""
        return grow.passages([(item.measured.chunk, item.score) for item in found.ranked], self.library.catalogue, count)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002 - LangChain's name
        return _documents(self.passages(self.find(query), self.count))

    def _reread(self, question: str, ranked: list[Ranked]) -> list[Ranked]:
        """The same candidates in the order of the cross-encoder, if there is one; scores stay what they were, best first."""
        if self.reranker is None:
            return ranked
        texts = [item.measured.chunk.prefix + item.measured.chunk.text for item in ranked]
        order = np.argsort([-score for score in self.reranker.scores(question, texts)], kind="stable")
        return [Ranked(ranked[int(at)].measured, item.score) for at, item in zip(order, ranked, strict=True)]

    def _analyst(self) -> Analyst:
        library = self.library
        return Analyst(library.languages, library.keywords.count(), library.keywords.frequency)

    def _candidates(self, query: Query) -> list[Candidate]:
        """The union of what both indexes find, each chunk with its similarities and its keyword score."""
        library, terms = self.library, weights(query.terms)
        scores = library.keywords.search(terms, EACH_WAY)
        near = library.vectors.search(query.vector, EACH_WAY)
        rest = [name for name in near if name not in scores]
        if terms and rest:
            scores |= library.keywords.search(terms, len(rest), only=rest)
        total = BM25_MAXIMUM * sum(terms.values()) or 1.0
        names = [*dict.fromkeys([*scores, *near])]
        keys = library.catalogue.vector_keys(names)
        # An article that has been edited since the indexes were brought on is found by what it said before.
        for name, key, before in library.catalogue.successors([name for name in names if name not in keys]):
            keys[name], scores[name] = key, max(scores.get(name, 0.0), scores.get(before, 0.0))
        kept = library.catalogue.vectors(list(keys.values()))
        return [
            candidate(name, kept[key], query.vector, scores.get(name, 0.0) / total) for name, key in keys.items() if key in kept
        ]


def _documents(passages: Sequence[Passage]) -> list[Document]:
    """Passages as LangChain knows them."""
    told = ("source", "title", "site", "date", "link", "start", "end", "score")
    return [
        Document(page_content=passage.text, id=passage.chunk, metadata={name: getattr(passage, name) for name in told})
        for passage in passages
    ]


def rank(measured: Sequence[Measured]) -> list[Ranked]:
    """Candidates by the fitted score, best first."""
    step = vector("rank", CHUNK_FEATURES)
    bias = load_weights()["rank"]["bias"]
    ranked = [Ranked(item, float(item.features @ step) + bias) for item in measured]
    return sorted(ranked, key=lambda item: -item.score)
