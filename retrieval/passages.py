"""The nouns that travel between the stages: frozen, and free of any library's types."""

from dataclasses import dataclass, field
from enum import StrEnum

# What an answer says when the articles do not: the same in the terminal, in a chat and in a prompt.
REFUSAL = "The articles do not say."


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read.

    `source` is its identity: an absolute path or a URL. `text` is plain text in which a line that starts with one to six `#`
    is a heading, a line that starts with `- ` or `1. ` a list item, and a line with ` | ` a table row. `digest` names the bytes
    it was read from. `date` is ISO 8601 (a day, month or year), `language` ISO 639-1; either is empty when unknown.
    """

    source: str
    digest: str
    text: str
    title: str
    author: str = ""
    site: str = ""
    date: str = ""
    language: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of an article that is embedded and found as one.

    `article.text[start:end] == text` always. `sentences` are spans in `text`; `headings` the path of headings it stands under.
    """

    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article that was found for a question: `article.text[start:end] == text`; a higher score is better."""

    chunk: str
    source: str
    title: str
    text: str
    start: int
    end: int
    score: float
    site: str = ""
    date: str = ""
    link: str = ""
    headings: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered, verbatim quote: `article.text[start:end] == quote`."""

    number: int
    source: str
    title: str
    quote: str
    start: int
    end: int
    site: str = ""
    date: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A piece of an article around a quote: `article.text[start:end] == text`, and the quote stands in `text` at `quote`.

    `goes_on` says whether there is more of the article behind it.
    """

    source: str
    title: str
    text: str
    start: int
    end: int
    quote: Span
    goes_on: bool = False
    site: str = ""
    date: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer with the numbers of the citations it rests on; one that is not supported rests on none."""

    text: str
    citations: tuple[int, ...]
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation and what was answered."""

    question: str
    answer: str
    abstained: bool = False


class Shortfall(StrEnum):
    """Why an answer is not, or not as a whole, in the words of the chat model that was asked for it."""

    UNREACHABLE = "unreachable"  # no connection
    TIMEOUT = "timeout"  # silent for too long
    BUSY = "busy"  # it has too much to do, or too much was asked of it (429)
    FAILING = "failing"  # a failure on its side (5xx), or one that has no name
    UNAUTHORISED = "unauthorised"  # the key is wrong or may not do this
    UNKNOWN_MODEL = "unknown model"  # the provider knows no model of this name
    TOO_LONG = "too long"  # for the model's context
    DECLINED = "declined"  # the model or its provider will not answer
    EMPTY = "empty"  # it has said nothing
    BROKEN_FORM = "broken form"  # it has not kept to the contract
    UNSUPPORTED = "unsupported"  # nothing of what it said stands in the passages
    CUT = "cut"  # it broke off; what was checked before that stands
    ANSWER_BUDGET = "answer budget"  # the tokens for one answer are used up
    DAY_BUDGET = "day budget"  # the tokens for today are used up


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a chat model has read and written; counted by its provider, or else estimated from the length of the text."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)

    @property
    def total(self) -> int:
        """Tokens read and written."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence of the chat model that the passages do not support, and the reason in a few words."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say about a question, or that they do not say it.

    An abstaining answer has no sentence that is supported and no citations; its passages are the closest ones. `standalone` is
    what was searched for, `carried` the terms that came from earlier turns, `confidence` between 0 and 1.

    `model` is the chat model that was asked, or None. `written` says whether the sentences are its own words, and not the
    articles'; `refused` whether it has said that the passages do not answer; `shortfall` is why it has done neither, or why the
    sentences end early; `dropped` are those that were not supported.
    """

    question: str
    standalone: str
    passages: tuple[Passage, ...]
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    confidence: float
    seconds: float
    model: str | None = None
    carried: tuple[str, ...] = field(default=())
    written: bool = False
    refused: bool = False
    shortfall: Shortfall | None = None
    usage: Usage | None = None
    dropped: tuple[Dropped, ...] = ()

    @property
    def abstained(self) -> bool:
        """Whether the articles do not answer the question."""
        return not self.sentences

    @property
    def text(self) -> str:
        """What is supported of the answer as one paragraph without marks, or the refusal phrase."""
        return " ".join(sentence.text for sentence in self.sentences if sentence.supported) or REFUSAL
