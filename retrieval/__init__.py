"""What do the articles say about this? The library, the retriever and the chain that answers with citations.

Names are loaded when they are first used: the models and indexes behind some of them take seconds to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.chain import AnswerChain, Question
    from retrieval.chat.calls import ChatModel
    from retrieval.chat.opening import open_chat_model
    from retrieval.database import create_tables, open_database
    from retrieval.embedding import ChunkInput, Encoder
    from retrieval.errors import (
        FootnoteError,
        LibraryBusy,
        LibraryError,
        ModelError,
        ModelMismatch,
        QuestionsError,
        ServerDown,
        SettingsError,
        SourceError,
    )
    from retrieval.library import ArticleRecord, IndexedArticle, Library, Status, chunk_input
    from retrieval.passages import (
        REFUSAL,
        Answer,
        AnswerSentence,
        Article,
        Chunk,
        Citation,
        Dropped,
        Passage,
        Shortfall,
        Span,
        Surroundings,
        Turn,
        Usage,
    )
    from retrieval.search.rerank import Reranker
    from retrieval.search.retriever import ArticleRetriever
    from retrieval.settings import Servers, Settings, load_settings

_HOMES = {
    "retrieval.chain": ["AnswerChain", "Question"],
    "retrieval.chat.calls": ["ChatModel"],
    "retrieval.chat.opening": ["open_chat_model"],
    "retrieval.database": ["create_tables", "open_database"],
    "retrieval.embedding": ["ChunkInput", "Encoder"],
    "retrieval.errors": [
        "FootnoteError",
        "LibraryBusy",
        "LibraryError",
        "ModelError",
        "ModelMismatch",
        "QuestionsError",
        "ServerDown",
        "SettingsError",
        "SourceError",
    ],
    "retrieval.library": ["ArticleRecord", "IndexedArticle", "Library", "Status", "chunk_input"],
    "retrieval.passages": [
        "REFUSAL",
        "Answer",
        "AnswerSentence",
        "Article",
        "Chunk",
        "Citation",
        "Dropped",
        "Passage",
        "Shortfall",
        "Span",
        "Surroundings",
        "Turn",
        "Usage",
    ],
    "retrieval.search.rerank": ["Reranker"],
    "retrieval.search.retriever": ["ArticleRetriever"],
    "retrieval.settings": ["Servers", "Settings", "load_settings"],
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
    "ChatModel",
    "Chunk",
    "ChunkInput",
    "Citation",
    "Dropped",
    "Encoder",
    "FootnoteError",
    "IndexedArticle",
    "Library",
    "LibraryBusy",
    "LibraryError",
    "ModelError",
    "ModelMismatch",
    "Passage",
    "Question",
    "QuestionsError",
    "Reranker",
    "ServerDown",
    "Servers",
    "Settings",
    "SettingsError",
    "Shortfall",
    "SourceError",
    "Span",
    "Status",
    "Surroundings",
    "Turn",
    "Usage",
    "chunk_input",
    "create_tables",
    "load_settings",
    "open_chat_model",
    "open_database",
]


def __getattr__(name: str) -> Any:
    """Import a name from its home at first use."""
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)
