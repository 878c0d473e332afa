"""What the Telegram front end costs: `PYTHONPATH=tests python tests/figures/telegram.py LIBRARY QUESTIONS.jsonl`.

LIBRARY is a data folder that `footnote ingest` has filled (it is copied), QUESTIONS.jsonl what `footnote eval` takes.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from botapi import faults
from botapi.records import Chat, Message, Person
from botapi.server import BotApi

from retrieval import REFUSAL, AnswerChain, ArticleRetriever, Encoder, Library

CHATS, EACH = 50, 4
SEQUENTIAL = 300
MANY = 1000
HELD_SECONDS = 5


@contextmanager
def bot(api: BotApi, folder: Path) -> Iterator[int]:
    """A running bot that everyone may use; its process id."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "TELEGRAM_"))}
    settings = {"FOOTNOTE_TELEGRAM_API": api.url, "FOOTNOTE_TELEGRAM_ACCESS": "open", "FOOTNOTE_TELEGRAM_RATE": "100000"}
    command = [sys.executable, "-m", "bot", "telegram", "--data", str(folder)]
    environment = {**surroundings, **settings, "TELEGRAM_BOT_TOKEN": api.token}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        yield process.pid
        process.terminate()


def people(api: BotApi, count: int, first: int = 100) -> list[tuple[Chat, Person]]:
    """So many people in private chats with the bot."""
    persons = [Person(first + number, f"Person {number}") for number in range(count)]
    return [(api.private(person), person) for person in persons]


def ask(api: BotApi, chat: Chat, person: Person, question: str) -> float:
    """Seconds from a question to its answer."""
    before, began = len(api.sent(chat)), time.perf_counter()
    api.say(chat, person, question)
    api.wait_sent(chat, before + 1, 60)
    return time.perf_counter() - began


def told(name: str, seconds: Sequence[float]) -> None:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    print(
        f"{name}: median {statistics.median(ordered) * 1000:.1f} ms, 95 % below {ordered[int(0.95 * len(ordered))] * 1000:.1f} ms"
    )


def chain_alone(folder: Path, questions: Sequence[str]) -> tuple[list[float], dict[str, str]]:
    """Seconds of the chain for each question, in this process, and what it answers."""
    with Library(folder, Encoder()) as library:
        library.check_model()
        chain = AnswerChain(ArticleRetriever(library=library))
        chain.invoke({"question": questions[0]})
        taken, answers = [], {}
        for question in questions:
            began = time.perf_counter()
            answers[question] = chain.invoke({"question": question}).text
            taken.append(time.perf_counter() - began)
    return taken, answers


def one_after_the_other(api: BotApi, questions: Sequence[str]) -> None:
    """Question to final message, nobody else asking."""
    asking = people(api, len(questions), 5000)  # a follow-up would cost the chain more
    taken = [ask(api, *each, question) for each, question in zip(asking, questions, strict=True)]
    told(f"{len(questions)} questions, from question to final message", taken)


def all_at_once(api: BotApi, questions: Sequence[str], answers: dict[str, str]) -> None:
    """Many chats at once, each question a new conversation: whether order is kept and nothing lost, and how long it takes."""
    asking = people(api, CHATS, 1000)
    asked: dict[int, list[str]] = {chat.id: [] for chat, _ in asking}
    began = time.perf_counter()
    for number in range(EACH):
        for place, (chat, person) in enumerate(asking):
            question = questions[(number * CHATS + place) % len(questions)]
            asked[chat.id].append(question)
            api.say(chat, person, "/new")
            api.say(chat, person, question)
    sent = {chat.id: api.wait_for(lambda chat=chat: _answers(api, chat), 120) for chat, _ in asking}
    seconds = time.perf_counter() - began
    right = sum(
        _says(message, answers[question])
        for chat, texts in asked.items()
        for message, question in zip(sent[chat], texts, strict=True)
    )
    print(f"{CHATS} chats × {EACH} questions at once: {right} of {CHATS * EACH} answered once, in order, in {seconds:.1f} s")


def _answers(api: BotApi, chat: Chat) -> list[Message]:
    """The answers in a chat, which have buttons or refuse; empty while there are fewer than were asked for."""
    found = [each for each in api.sent(chat) if each.reply_markup or each.text.startswith(REFUSAL)]
    return found if len(found) >= EACH else []


def _says(message: Message, answer: str) -> bool:
    """Whether a message holds every word of an answer, in order."""
    return answer in " ".join(re.sub(r" \[\d+\]", "", message.text).split())


def one_held_back(api: BotApi, questions: Sequence[str]) -> None:
    """What a chat that is answered 429 costs another one."""
    (held, ada), (other, bob) = people(api, 2, 2000)
    before = [ask(api, other, bob, question) for question in questions[:8]]
    rule = api.fault("sendMessage", chat=held, kind=faults.retry_after(HELD_SECONDS), times=1)
    api.say(held, ada, questions[0])
    during = [ask(api, other, bob, question) for question in questions[8:16]]
    rule.stop()
    api.wait_sent(held, 1, 60)
    added = max(during) - statistics.median(before)
    print(f"one chat held back for {HELD_SECONDS} s: in another at most {added * 1000:.0f} ms more than its median before")


def memory(pid: int) -> float:
    """Resident memory of a process in MiB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def growth(api: BotApi, pid: int, questions: Sequence[str]) -> None:
    """Memory after many questions over that after ten."""
    asking = people(api, 100, 3000)
    figures = []
    for number in range(MANY):
        ask(api, *asking[number % len(asking)], questions[number % len(questions)])
        if number + 1 in {10, 100, MANY}:
            figures.append(f"{memory(pid):.0f} MiB after {number + 1}")
    print(f"memory: {', '.join(figures)}")


def main(library: Path, file: Path) -> None:
    """Measure everything and print it."""
    questions = [json.loads(line)["question"] for line in file.read_text(encoding="utf-8").splitlines()][:SEQUENTIAL]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(library, data)
        taken, answers = chain_alone(data, questions)
        told(f"{len(questions)} questions, the chain alone", taken)
        with BotApi() as api, bot(api, data) as pid:
            (chat, person), *_ = people(api, 1, 50)
            ask(api, chat, person, questions[0])
            growth(api, pid, questions)
            one_after_the_other(api, questions)
            all_at_once(api, questions, answers)
            one_held_back(api, questions)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
