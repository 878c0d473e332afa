"""What do the articles say about this? The library, the retriever and the chain that answers with citations.

Names are loaded when they are first used: the models and indexes behind some of them take seconds to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.chain import AnswerChain
    from retrieval.embedding import ChunkInput, Encoder
    from retrieval.errors import (
        FootnoteError,
        LibraryBusy,
        LibraryError,
        ModelError,
        ModelMismatch,
        QuestionsError,
        SettingsError,
        SourceError,
    )
    from retrieval.library import ArticleRecord, IndexedArticle, Library, Status, chunk_input
    from retrieval.passages import REFUSAL, Answer, AnswerSentence, Article, Chunk, Citation, Passage, Span, Turn
    from retrieval.search.rerank import Reranker
    from retrieval.search.retriever import ArticleRetriever
    from retrieval.settings import Settings, load_settings

_HOMES = {
    "retrieval.chain": ["AnswerChain"],
    "retrieval.embedding": ["ChunkInput", "Encoder"],
    "retrieval.errors": [
        "FootnoteError",
        "LibraryBusy",
        "LibraryError",
        "ModelError",
        "ModelMismatch",
        "QuestionsError",
        "SettingsError",
        "SourceError",
    ],
    "retrieval.library": ["ArticleRecord", "IndexedArticle", "Library", "Status", "chunk_input"],
    "retrieval.passages": ["REFUSAL", "Answer", "AnswerSentence", "Article", "Chunk", "Citation", "Passage", "Span", "Turn"],
    "retrieval.search.rerank": ["Reranker"],
    "retrieval.search.retriever": ["ArticleRetriever"],
    "retrieval.settings": ["Settings", "load_settings"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "REFUSAL",
    "Answer",
    "AnswerChain",
    "AnswerSentence",
    "Article",
    "ArticleRecord",
    "ArticleRetriever",
    "Chunk",
    "ChunkInput",
    "Citation",
    "Encoder",
    "FootnoteError",
    "IndexedArticle",
    "Library",
    "LibraryBusy",
    "LibraryError",
    "ModelError",
    "ModelMismatch",
    "Passage",
    "QuestionsError",
    "Reranker",
    "Settings",
    "SettingsError",
    "SourceError",
    "Span",
    "Status",
    "Turn",
    "chunk_input",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    """Import a name from its home at first use."""
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)
