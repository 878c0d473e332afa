"""An exchange: one question with its answer; its tables, and how it is packed into a row and unpacked."""

import datetime
import json
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from retrieval import Answer, Citation, Dropped, Shortfall, Usage

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # which counts up only what it calls INTEGER

tables = sa.MetaData()
version = sa.Table(
    "version",
    tables,
    sa.Column("one", sa.Integer, primary_key=True),  # there is one row
    sa.Column("schema", sa.Integer, nullable=False),
)
exchange = sa.Table(
    "exchange",
    tables,
    sa.Column("id", Id, primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.BigInteger, nullable=False),
    sa.Column("asker", sa.BigInteger, nullable=False),
    sa.Column("update_id", sa.BigInteger, nullable=False, unique=True),  # the update that was answered: none is answered twice
    sa.Column("parent", Id),  # the exchange that this one goes on from
    sa.Column("pieces", sa.String, nullable=False),  # JSON: the question's messages, as pairs of id and text
    sa.Column("question", sa.String, nullable=False),
    sa.Column("answer", sa.String, nullable=False),
    sa.Column("abstained", sa.Boolean, nullable=False),
    sa.Column("standalone", sa.String, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("model", sa.String),
    sa.Column("citations", sa.String, nullable=False),  # JSON
    sa.Column("asked", sa.String, nullable=False),
    sa.Column("details", sa.String),  # JSON; none where version 0.2.0 has answered
    sa.Index("exchange_thread", "chat", "topic", "asker"),
    sqlite_autoincrement=True,  # a button of a forgotten answer never opens another one
)
message = sa.Table(
    "exchange_message",
    tables,
    sa.Column("chat", sa.BigInteger, primary_key=True),
    sa.Column("message", sa.BigInteger, primary_key=True),
    sa.Column("exchange", Id, nullable=False, index=True),
    sa.Column("from_bot", sa.Boolean, nullable=False),
)
conversation = sa.Table(
    "conversation",
    tables,
    sa.Column("chat", sa.BigInteger, primary_key=True),
    sa.Column("topic", sa.BigInteger, primary_key=True),
    sa.Column("asker", sa.BigInteger, primary_key=True),
    sa.Column("head", Id),  # the exchange that the next question follows; none after a new start
)
vote = sa.Table(
    "vote",
    tables,
    sa.Column("exchange", Id, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True),
    sa.Column("liked", sa.Boolean, nullable=False),
    sa.Column("voted", sa.String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Thread:
    """Whose conversation it is: one asker's, in one topic of one chat; topic 0 where there are none."""

    chat: int
    topic: int
    asker: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came: by which update, in which messages (pairs of id and text), going on from which exchange."""

    thread: Thread
    update_id: int
    pieces: tuple[tuple[int, str], ...]
    question: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """How an answer was come by, as the answer itself has it."""

    written: bool = False
    shortfall: Shortfall | None = None
    usage: Usage | None = None
    carried: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A stored question with its answer; nobody knows the details of one that an older version has stored."""

    id: int
    thread: Thread
    parent: int | None
    pieces: tuple[tuple[int, str], ...]
    question: str
    answer: str
    abstained: bool
    citations: tuple[Citation, ...]
    standalone: str
    confidence: float
    model: str | None
    details: Details


def question_values(asked: Asked) -> dict[str, Any]:
    """The columns that a question fills."""
    return {
        **asdict(asked.thread),
        "update_id": asked.update_id,
        "parent": asked.parent,
        "pieces": json.dumps(asked.pieces),
        "question": asked.question,
        "asked": now(),
    }


def answer_values(answer: Answer) -> dict[str, Any]:
    """The columns that an answer fills."""
    return {
        "answer": answer.text,
        "abstained": answer.abstained,
        "standalone": answer.standalone,
        "confidence": answer.confidence,
        "model": answer.model,
        "citations": json.dumps([asdict(citation) for citation in answer.citations]),
        "details": json.dumps(asdict(details_of(answer))),
    }


def details_of(answer: Answer) -> Details:
    """How an answer was come by."""
    return Details(answer.written, answer.shortfall, answer.usage, answer.carried, answer.dropped)


def unpacked(row: Any) -> Exchange:
    """An exchange from its row."""
    return Exchange(
        id=row.id,
        thread=Thread(row.chat, row.topic, row.asker),
        parent=row.parent,
        pieces=tuple((int(number), str(text)) for number, text in json.loads(row.pieces)),
        question=row.question,
        answer=row.answer,
        abstained=row.abstained,
        citations=tuple(Citation(**each) for each in json.loads(row.citations)),
        standalone=row.standalone,
        confidence=row.confidence,
        model=row.model,
        details=_details(json.loads(row.details)) if row.details else Details(),
    )


def _details(values: dict[str, Any]) -> Details:
    return Details(
        written=values["written"],
        shortfall=values["shortfall"] and Shortfall(values["shortfall"]),
        usage=values["usage"] and Usage(**values["usage"]),
        carried=tuple(values["carried"]),
        dropped=tuple(Dropped(**each) for each in values["dropped"]),
    )


def now() -> str:
    """The time, as rows keep it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
