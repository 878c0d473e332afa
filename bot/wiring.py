"""The only place of the bot that picks real parts; they are imported when they are needed, for that takes seconds."""

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval import LibraryError

if TYPE_CHECKING:
    from retrieval import AnswerChain, ArticleRetriever, Library, Reranker, Settings
    from retrieval.chat.calls import ChatModel

DEFAULT_COUNT = 10  # passages


def settings_of(data: Path | None) -> "Settings":
    """The settings, with the folder that the command line names."""
    from retrieval import load_settings

    return load_settings(data_dir=data)


def open_library(settings: "Settings") -> "Library":
    """The library, without its embedding model being loaded; never a new one."""
    check_folder(settings)
    from retrieval import Encoder, Library

    return Library(settings.data_dir, Encoder(settings.embedding_model), settings.servers)


def check_folder(settings: "Settings") -> None:
    """Say at once, with nothing loaded or made, that there is no library yet; one on a server needs no folder here."""
    try:
        there = settings.data_dir.exists()
    except OSError as error:
        message = f"The data folder {settings.data_dir} cannot be reached: {error.strerror}."
        raise LibraryError(message, help="Check the permissions of the folders above it, or name another with --data.") from None
    if not there and not settings.servers.database_url:
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
    """The chain that answers, ready; what is wrong with the chat model's settings is told before anything heavy is loaded."""
    check_folder(settings)
    chat_model = open_chat_model(settings)
    return ready_chain(open_retriever(settings), chat_model, settings)


def open_chat_model(settings: "Settings") -> "ChatModel | None":
    """The chat model that is configured, or none; its library is imported only then."""
    if not settings.chat_model:
        return None
    from retrieval.chat.opening import open_chat_model as open_configured

    return open_configured(settings)


def ready_chain(retriever: "ArticleRetriever", chat_model: "ChatModel | None", settings: "Settings") -> "AnswerChain":
    """The chain of a retriever that is ready."""
    from retrieval import AnswerChain

    return AnswerChain(
        retriever,
        chat_model,
        answer_tokens=settings.chat_answer_tokens,
        seconds=settings.chat_timeout,
        mark=settings.unsupported == "mark",
    )


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
    from retrieval.library.lost import left_behind

    if not library.catalogue.digests():
        if left := left_behind(library.folder, library.servers):
            raise left
        message = f"The library in {library.folder} has no articles yet."
        raise LibraryError(message, help="Add some: footnote ingest FOLDER")
