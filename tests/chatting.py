"""A chain whose chat model is a real client of a scripted server."""

from typing import Any

from chatapi.server import ChatServer
from langchain_openai import ChatOpenAI

from retrieval import Answer, AnswerChain, AnswerSentence, ArticleRetriever, ChatModel, Library


def client(server: ChatServer, **more: Any) -> ChatOpenAI:
    """The real client, which does not ask again by itself."""
    return ChatOpenAI(model="scripted", base_url=server.url, api_key="none", max_retries=0, **more)  # type: ignore[arg-type]


def chain_of(library: Library, server: ChatServer, **more: Any) -> AnswerChain:
    """The chain over a library, with the server's model."""
    return AnswerChain(ArticleRetriever(library=library), ChatModel("openai:scripted", client(server)), **more)


def checked(answer: Answer, library: Library) -> None:
    """Fail unless every citation stands in its article, numbers run from 1 in the order of use, and each is used."""
    for citation in answer.citations:
        assert library.catalogue.holds(citation.source, citation.start, citation.end, citation.quote)
    used = [number for sentence in answer.sentences for number in sentence.citations]
    assert [citation.number for citation in answer.citations] == list(dict.fromkeys(used)) == sorted(set(used))
    assert all(bool(sentence.citations) == sentence.supported for sentence in answer.sentences)
    assert [] == [each for each in answer.sentences if not isinstance(each, AnswerSentence)]
