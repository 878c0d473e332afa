"""What a chat model's answers cost, and what is made up: `PYTHONPATH=tests python tests/figures/chat.py LIBRARY QUESTIONS`.

LIBRARY is a data folder that `footnote ingest` has filled, QUESTIONS what `footnote eval` takes. The model is scripted: a
share of its sentences has altered quotes, invented numbers or names, wrong passage numbers, no quotes or links in them.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatapi.models import honest, sometimes
from chatapi.replies import Messages, Reply, text
from chatapi.server import ChatServer
from chatting import chain_of

from retrieval import ArticleRetriever, Encoder, Library
from retrieval.answer.contract import ContractReader
from retrieval.answer.generative import MOST_PASSAGES
from retrieval.answer.grounding import Footnotes
from retrieval.chat.prompts import answer_messages

SEED = 7
TIMED = 60  # questions
PAUSE = 0.005  # seconds between two words of the model


def evaluated(folder: Path, questions: Path, server: ChatServer, results: Path) -> str:
    """The summary of a whole run of `footnote eval` with the server's model."""
    environment = {**os.environ, "FOOTNOTE_CHAT_MODEL": "openai:scripted", "OPENAI_BASE_URL": server.url}
    command = [sys.executable, "-m", "bot", "eval", str(questions), "--out", str(results), "--data", str(folder)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def told(folder: Path, results: Sequence[dict[str, Any]], said: Counter[tuple[str, str]]) -> None:
    """Count what was shown of what the model has said, and whether it stands in the articles."""
    with Library(folder, Encoder()) as library:
        citations = [each for result in results for each in result["citations"]]
        valid = sum(library.catalogue.holds(each["source"], each["start"], each["end"], each["quote"]) for each in citations)
    written = [each for result in results if result["written"] for each in result["sentences"]]
    bare = sum(not each["citations"] for each in written)
    true = {sentence for sentence, fault in said if not fault}  # the same may be said twice, truly and not
    faults = {sentence: "" if sentence in true else fault for sentence, fault in said}
    shown = Counter(faults.get(each["text"], "other") for each in written)
    units = Counter(fault for _, fault in said.elements())
    print(f"citations {len(citations)}, valid {valid / max(1, len(citations)):.3f}; sentences shown without a footnote {bare}")
    for fault, count in sorted(units.items()):
        print(f"  {fault or 'true':<24} said {count:>5}, shown {shown[fault]:>5}")


def first_sentences(folder: Path, questions: Sequence[dict[str, Any]]) -> None:
    """How long after the model's own first sentence the first one is given."""

    def slowly(messages: Messages) -> Reply:
        return text(honest(messages), pause=PAUSE)

    late = []
    with Library(folder, Encoder()) as library, ChatServer(slowly) as server:
        chain = chain_of(library, server)
        for question in questions:
            events = chain.stream({"question": question["question"]})
            next(events)
            given = time.monotonic()
            for _ in events:
                pass
            request = server.requests[-1]
            so_far, own = "", None
            for at, piece in request.sent:
                so_far += piece
                if "SENTENCE:" in so_far and so_far.partition("SENTENCE:")[2].lstrip().count("\n"):
                    own = at
                    break
            if own is not None:
                late.append(given - own)
    print(f"first sentence after the model's own: median {1000 * statistics.median(late):.1f} ms of {len(late)}")


def check_times(folder: Path, questions: Sequence[dict[str, Any]]) -> None:
    """How long all that an honest model says of one question is checked, from its text to numbered footnotes."""
    times = []
    with Library(folder, Encoder()) as library:
        retriever = ArticleRetriever(library=library)
        for question in questions:
            _, passages = retriever.look(question["question"])
            messages = answer_messages(question["question"], passages[:MOST_PASSAGES])
            said = honest([{"role": "user", "content": message.text} for message in messages])
            began = time.perf_counter()
            footnotes, reader = Footnotes(question["question"], passages[:MOST_PASSAGES], library), ContractReader()
            for unit in [*reader.feed(said), *reader.end(whole=True)]:
                list(footnotes.check(unit))
            times.append(1000 * (time.perf_counter() - began))
    ordered = sorted(times)
    print(
        f"check of an answer: median {statistics.median(ordered):.2f} ms, 95 % below {ordered[int(0.95 * len(ordered))]:.2f} ms"
    )


def main(folder: Path, questions: Path) -> None:
    """Print the figures."""
    model = sometimes(SEED)
    with tempfile.TemporaryDirectory() as temporary, ChatServer(model) as server:
        results = Path(temporary) / "results.jsonl"
        print(evaluated(folder, questions, server, results))
        said = Counter((unit.sentence, fault) for fault, unit in model.said)
        told(folder, [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()], said)
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    first_sentences(folder, asked[:TIMED])
    check_times(folder, asked)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
