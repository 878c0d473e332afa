"""A chain whose answers are as long as a test wants them."""

from collections.abc import Iterator
from dataclasses import replace

from retrieval import Answer, AnswerChain, AnswerSentence
from retrieval.chain import Question


class Wordy:
    """The real chain with its sentences said as often as the question says behind a ×, so that an answer has any length."""

    def __init__(self, chain: AnswerChain) -> None:
        self._chain, self.retriever, self.chat_model = chain, chain.retriever, chain.chat_model

    def stream(self, question: Question, **stopping: object) -> Iterator[AnswerSentence | Answer]:
        """The sentences again and again, then the whole."""
        text, _, times = question["question"].partition("×")
        answer = self._chain.invoke({**question, "question": text})
        sentences = answer.sentences * int(times or 1)
        yield from sentences
        yield replace(answer, sentences=sentences)
