"""BM25 over stems in tantivy: the only file that imports tantivy. Derived from the catalogue and rebuilt from it when damaged."""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from retrieval.errors import IndexDamaged
from retrieval.library.records import ChunkRecord, Mark

# Part of the folder's name: an index made by another schema or analyser is left alone and a new one is filled.
VERSION = 1
MARK = "mark"
WRITER_BYTES = 30_000_000
DAMAGED = (ValueError, OSError)  # what tantivy raises

# Languages that tantivy can stem, by ISO 639-1. Any other is searched by whole words.
STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
STOPWORDS = frozenset(("da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ru", "sv"))

# Scripts that are written without spaces: each character is a word of its own.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@cache
def _analyzer(language: str) -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.remove_long(60))
    builder = builder.filter(tantivy.Filter.lowercase())
    if language in STOPWORDS:
        builder = builder.filter(tantivy.Filter.stopword(STEMMERS[language]))
    if language in STEMMERS:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[language]))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def stems(text: str, language: str) -> list[str]:
    """The words of a text as they are indexed: lower case, without stop words, stemmed, accents folded."""
    return list(_analyzer(language if language in STEMMERS else "").analyze(_UNSPACED.sub(r" \g<0> ", text)))


class KeywordIndex:
    """The stems of each chunk with title and heading; the mark of how far it has followed the catalogue is a document in it.

    Stems are made here and not by tantivy's query parser: what a person types is never a query language.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"v{VERSION}"
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("stems", stored=False, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("uid", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_unsigned_field("generation", stored=True)
        self._schema = builder.build()
        self._index: Any = None

    def open(self) -> None:
        """Read the index from disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(self.folder))

    def close(self) -> None:
        """Let go of the files."""
        self._index = None

    def mark(self) -> Mark | None:
        """How far the index is; None if it is new, and also if it is damaged."""
        try:
            searcher = self._searcher()
            hits = searcher.search(tantivy.Query.term_query(self._schema, "id", MARK), 1).hits
            if not hits:
                return None
            document = searcher.doc(hits[0][1])
            generation, purged = [*document["generation"], -1][:2]  # the second number is new in version 0.4.0
            return Mark(document["uid"][0], generation, purged)
        except (*DAMAGED, IndexDamaged):
            self._index = None
            return None

    def reset(self) -> None:
        """Begin again with an empty index; raises IndexDamaged."""
        self._index = None
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.open()
        except DAMAGED as error:
            raise IndexDamaged(self.folder) from error

    def apply(self, chunks: Iterable[ChunkRecord], dead: Sequence[str], mark: Mark) -> None:
        """Write and remove chunks and the mark in one commit; raises IndexDamaged."""
        try:
            self._apply(chunks, dead, mark)
        except DAMAGED as error:
            raise IndexDamaged(self.folder) from error

    def _apply(self, chunks: Iterable[ChunkRecord], dead: Sequence[str], mark: Mark) -> None:
        writer = self._index.writer(WRITER_BYTES, 1)
        writer.garbage_collect_files()  # what a killed commit left behind can block the same commit for ever
        for name in dead:
            writer.delete_documents_by_term("id", name)
        for item in chunks:
            writer.delete_documents_by_term("id", item.id)
            writer.add_document(tantivy.Document(id=item.id, stems=" ".join(stems(item.prefix + item.text, item.language))))
        writer.delete_documents_by_term("id", MARK)
        writer.add_document(tantivy.Document(id=MARK, uid=mark.uid, generation=[mark.generation, max(0, mark.purged)]))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, terms: Mapping[tuple[str, ...], float], count: int, *, only: Sequence[str] = ()) -> dict[str, float]:
        """Chunk id to BM25 score, best first; `only` scores just these chunks.

        A term is a tuple of alternative stems, of which the best counts, with the inverse document frequency it shall have:
        tantivy's own is divided out.
        """
        searcher = self._searcher()
        should = tantivy.Occur.Should
        clauses = [(should, self._term(searcher, alternatives, weight)) for alternatives, weight in terms.items()]
        if not clauses:
            return {}
        query = tantivy.Query.boolean_query(clauses)
        if only:
            inside = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "id", list(only)), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, inside), (tantivy.Occur.Must, query)])
        hits = searcher.search(query, count).hits
        return {searcher.doc(address)["id"][0]: score for score, address in hits}

    def frequency(self, alternatives: Sequence[str]) -> int:
        """In how many chunks the most frequent of these stems stands."""
        searcher = self._searcher()
        return max((int(searcher.doc_freq("stems", stem)) for stem in alternatives), default=0)

    def count(self) -> int:
        """Chunks in the index."""
        return int(self._searcher().num_docs) - (self.mark() is not None)

    def ids(self) -> list[str]:
        """All ids in the index."""
        searcher = self._searcher()
        hits = searcher.search(tantivy.Query.all_query(), max(1, int(searcher.num_docs))).hits
        return [name for _, address in hits if (name := searcher.doc(address)["id"][0]) != MARK]

    def _searcher(self) -> Any:
        """A view of the last commit; raises IndexDamaged."""
        try:
            if self._index is None:
                self.open()
            self._index.reload()
            return self._index.searcher()
        except DAMAGED as error:
            raise IndexDamaged(self.folder) from error

    def _term(self, searcher: Any, alternatives: Sequence[str], weight: float) -> Any:
        queries = []
        for stem in alternatives:
            own = _tantivy_idf(int(searcher.num_docs), int(searcher.doc_freq("stems", stem)))
            query = tantivy.Query.term_query(self._schema, "stems", stem, index_option="freq")
            queries.append(tantivy.Query.boost_query(query, weight / own))
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)


def _tantivy_idf(documents: int, frequency: int) -> float:
    """The weight that tantivy's BM25 gives a term by itself."""
    from math import log1p

    return log1p((documents - frequency + 0.5) / (frequency + 0.5))
