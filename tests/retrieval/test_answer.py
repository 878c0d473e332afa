"""Answers and their footnotes, from the real articles."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import assert_agreement, indexed

from retrieval import REFUSAL, Answer, AnswerChain, Article, ArticleRetriever, Encoder, Library, Turn
from retrieval.answer.extractive import choose
from retrieval.answer.grounding import grounded

QUESTIONS = [
    "When did the tram line reopen?",
    "How many otters were counted?",
    "Which jar of sourdough starter rose fastest?",
    "Who pressed the switch of the lighthouse?",
    "How does the seed library work?",
    "Wie viele Apfelbäume stehen auf der Streuobstwiese?",
    "What does the choir sing on the night bus?",
]


@pytest.fixture(scope="module")
def chain(library: Library) -> AnswerChain:
    """The chain over the library of all test articles."""
    return AnswerChain(ArticleRetriever(library=library))


@pytest.fixture
def own(library_folder: Path, encoder: Encoder, tmp_path: Path) -> Iterator[Library]:
    """A copy of that library which a test may change."""
    shutil.copytree(library_folder, tmp_path / "library")
    with Library(tmp_path / "library", encoder) as library:
        yield library


def ask(chain: AnswerChain, question: str, *history: Turn) -> Answer:
    """The answer to a question."""
    return chain.invoke({"question": question, "history": history})


def texts(library: Library) -> dict[str, str]:
    """Source to the article's whole text."""
    ids = {item.source: item.article_id for item in library.catalogue.chunks(library.catalogue.live_ids()).values()}
    return {source: library.catalogue.text(number, 0, 10**9) for source, number in ids.items()}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_sentence_is_a_quote(chain: AnswerChain, library: Library, question: str) -> None:
    """An answer is sentences with one citation each, numbered in order, and each quote stands where the citation says."""
    answer, articles = ask(chain, question), texts(library)

    assert not answer.abstained, answer.confidence
    assert list(range(1, len(answer.sentences) + 1)) == [citation.number for citation in answer.citations]
    assert [(number,) for number in range(1, len(answer.sentences) + 1)] == [sentence.citations for sentence in answer.sentences]
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        assert citation.quote == articles[citation.source][citation.start : citation.end]
        assert sentence.text == " ".join(citation.quote.split())
    assert answer.text == " ".join(sentence.text for sentence in answer.sentences)
    assert 0 < answer.confidence < 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_sentences_are_in_reading_order(chain: AnswerChain, question: str) -> None:
    """Sentences of one article stand together and as they do there, and no passage is inside another."""
    answer = ask(chain, question)
    places = [(citation.source, citation.start) for citation in answer.citations]
    sources = list(dict.fromkeys(source for source, _ in places))

    assert places == sorted(places, key=lambda place: (sources.index(place[0]), place[1]))
    spans = [(passage.source, passage.start, passage.end) for passage in answer.passages]
    assert not [(a, b) for a in spans for b in spans if a != b and a[0] == b[0] and a[1] <= b[1] and b[2] <= a[2]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_are_the_article(chain: AnswerChain, library: Library, question: str) -> None:
    """Each passage is a slice of its article, the best one first."""
    answer, articles = ask(chain, question), texts(library)

    assert answer.passages
    assert all(passage.text == articles[passage.source][passage.start : passage.end] for passage in answer.passages)
    scores = [passage.score for passage in answer.passages]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("question", ["What is the boiling point of tungsten?", "Who won the chess final in Reykjavik?"])
def test_refusal_has_no_citations(chain: AnswerChain, question: str) -> None:
    """Where the articles do not say, there is the refusal phrase and the closest passages, and nothing is cited."""
    answer = ask(chain, question)

    assert answer.abstained
    assert (answer.text, answer.sentences, answer.citations) == (REFUSAL, (), ())
    assert answer.passages


@pytest.mark.parametrize(
    "question",
    ["", "   \n", "the of and it", "🦊🦊🦊", "\udcff", "\0", "id:mark AND -x", "?" * 1000, "tide " * 200_000],
    ids=["empty", "space", "stop_words", "emoji", "surrogate", "null", "syntax", "marks", "megabyte"],
)
def test_no_question_is_an_error(chain: AnswerChain, question: str) -> None:
    """Whatever is asked, there is an answer or a refusal, soon."""
    started = time.process_time()
    answer = ask(chain, question, Turn("", ""), Turn(question, question))

    assert answer.question == question
    assert answer.abstained or answer.citations
    assert time.process_time() - started < 15


def test_follow_up_is_searched_with_what_was_said(chain: AnswerChain) -> None:
    """A follow-up shows what was carried from the turns before, a first question is searched as it is."""
    first = ask(chain, "When did the tram line reopen?")
    second = ask(chain, "And why was it closed?", Turn(first.question, first.text))

    assert (first.standalone, first.carried) == (first.question, ())
    assert second.carried
    assert second.standalone == f"And why was it closed? ({', '.join(second.carried)})"
    assert "tram" in second.passages[0].title.lower()


def test_empty_library_refuses(encoder: Encoder, tmp_path: Path) -> None:
    """A library without any article answers nothing, without an error."""
    with Library(tmp_path, encoder) as library:
        answer = ask(AnswerChain(ArticleRetriever(library=library)), "When did the tram line reopen?")
    assert (answer.abstained, answer.text, answer.passages, answer.confidence) == (True, REFUSAL, (), 0.0)


def test_emptied_library_refuses(own: Library) -> None:
    """A library whose articles have all been removed answers nothing either."""
    for record in own.articles():
        own.remove(record.source)
    answer = ask(AnswerChain(ArticleRetriever(library=own)), "When did the tram line reopen?")

    assert (answer.abstained, answer.passages) == (True, ())
    assert_agreement(own)


def test_changed_quotes_are_dropped(own: Library) -> None:
    """A quote whose article has been edited or removed since it was found is no citation; the others are numbered anew."""
    retriever = ArticleRetriever(library=own)
    chosen = [quote for question in QUESTIONS[:3] for quote in choose(retriever.find(question))[:1]]
    kept, edited, removed = (quote.measured.chunk for quote in chosen)
    article = Article(edited.source, "new", "Only this is left of it, and it is long enough to fill the place.", "Title")
    item = indexed(article, own.encoder)
    own.catalogue.keep_vectors(dict(zip(item.keys, own.encoder.encode_chunks(item.inputs), strict=True)))
    own.put(item)
    own.remove(removed.source)
    settled = list(grounded(reversed(chosen), own))

    assert [(sentence.citations, citation.number, citation.source) for sentence, citation in settled] == [((1,), 1, kept.source)]
    assert list(grounded([], own)) == []
