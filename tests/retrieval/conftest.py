"""What tests of answers share, and those of several processes."""

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

import killing
import pytest

from retrieval import AnswerChain, ArticleRetriever, Library


@pytest.fixture(scope="module")
def keyless(library: Library) -> AnswerChain:
    """The chain without a chat model."""
    return AnswerChain(ArticleRetriever(library=library))


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts processes that have the heavy imports behind them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(killing.PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(killing.__file__).parent))  # the server itself does not get pytest's path
        forkserver.ensure_running()
    return context
