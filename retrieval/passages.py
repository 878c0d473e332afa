"""The nouns that travel between the stages: frozen, and free of any library's types."""

from dataclasses import dataclass, field

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
    """One sentence of an answer with the numbers of the citations it rests on."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation and what was answered."""

    question: str
    answer: str
    abstained: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say about a question, or that they do not say it.

    An abstaining answer has no sentences and no citations; its passages are the closest ones. `standalone` is what was searched
    for, `carried` the terms that came from earlier turns, `confidence` between 0 and 1, `model` the chat model or None.
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

    @property
    def abstained(self) -> bool:
        """Whether the articles do not answer the question."""
        return not self.sentences

    @property
    def text(self) -> str:
        """The answer as one paragraph without marks, or the refusal phrase."""
        return " ".join(sentence.text for sentence in self.sentences) or REFUSAL
