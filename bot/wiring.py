"""The only place of the bot that picks real parts; they are imported when they are needed, for that takes seconds."""

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval import LibraryError

if TYPE_CHECKING:
    from retrieval import AnswerChain, ArticleRetriever, Library, Reranker, Settings

DEFAULT_COUNT = 10  # passages


def settings_of(data: Path | None) -> "Settings":
    """The settings, with the folder that the command line names."""
    from retrieval import load_settings

    return load_settings(data_dir=data)


def open_library(settings: "Settings") -> "Library":
    """The library, without its embedding model being loaded; never a new one."""
    check_folder(settings)
    from retrieval import Encoder, Library

    return Library(settings.data_dir, Encoder(settings.embedding_model))


def check_folder(settings: "Settings") -> None:
    """Say at once, with nothing loaded or made, that there is no library yet."""
    if not settings.data_dir.exists():
        message = f"There is no library in {settings.data_dir} yet."
        raise LibraryError(message, help="Make one: footnote ingest FOLDER")


def open_retriever(settings: "Settings", *, count: int = DEFAULT_COUNT) -> "ArticleRetriever":
    """The retriever of a library that has articles, ready to search."""
    library = open_library(settings)
    try:
        _check_content(library)
    except BaseException:
        library.close()
        raise
    return ready_retriever(library, settings, count=count)


def open_chain(settings: "Settings") -> "AnswerChain":
    """The chain that answers, ready."""
    from retrieval import AnswerChain

    return AnswerChain(retriever=open_retriever(settings))


def ready_retriever(library: "Library", settings: "Settings", *, count: int = DEFAULT_COUNT) -> "ArticleRetriever":
    """The retriever of an open library: the model is loaded and is the one that the library was built with."""
    try:
        library.check_model()
        reranker = _reranker(settings.rerank_model)
    except BaseException:
        library.close()
        raise
    from retrieval import ArticleRetriever

    return ArticleRetriever(library=library, count=count, reranker=reranker)


def _reranker(name: str) -> "Reranker | None":
    """The reranker, loaded, so that a name that cannot be loaded is told at once and not at each question."""
    if not name:
        return None
    from retrieval import Reranker

    reranker = Reranker(name)
    _ = reranker.model
    return reranker


def _check_content(library: "Library") -> None:
    if not library.catalogue.digests():
        message = f"The library in {library.folder} has no articles yet."
        raise LibraryError(message, help="Add some: footnote ingest FOLDER")
