"""The articles, in three stores kept in step."""

from retrieval.library.library import Library
from retrieval.library.records import ArticleRecord, IndexedArticle, Status, chunk_input

__all__ = ["ArticleRecord", "IndexedArticle", "Library", "Status", "chunk_input"]
