"""What tests of answers share."""

import pytest

from retrieval import AnswerChain, ArticleRetriever, Library


@pytest.fixture(scope="module")
def keyless(library: Library) -> AnswerChain:
    """The chain without a chat model."""
    return AnswerChain(ArticleRetriever(library=library))
