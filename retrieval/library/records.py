"""What goes into and comes out of the library's stores, frozen."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.embedding import ChunkInput
from retrieval.passages import Article, Chunk, Span


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What tells one embedding model from another."""

    name: str
    dimension: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class State:
    """Where the catalogue stands: of what died up to `purged` an index that is not so far yet learns nothing any more."""

    uid: str
    generation: int
    purged: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an index has followed which catalogue; it is stored inside the index itself.

    `purged` is how far the catalogue had forgotten what is dead at that time, which is negative where it is not known.
    """

    uid: str
    generation: int
    purged: int = field(default=-1, compare=False)

    def misses_nothing(self, state: State) -> bool:
        """Whether the catalogue still has all that this index has yet to learn, be it that it was made anew after a purge."""
        known = self.generation >= state.purged or self.purged == state.purged
        return self.uid == state.uid and self.generation <= state.generation and known


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article, its chunks, and for each chunk what the model reads of it and the key of its vectors."""

    article: Article
    chunks: tuple[Chunk, ...]
    inputs: tuple[ChunkInput, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """One line of the list of articles; `characters` and `chunks` are counts, `added` an ISO 8601 time."""

    source: str
    title: str
    author: str
    site: str
    date: str
    language: str
    link: str
    added: str
    characters: int
    chunks: int


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A stored chunk; `vector` is the key of its vectors, the last five fields are its article's."""

    id: str
    article_id: int
    start: int
    end: int
    prefix: str
    text: str
    headings: tuple[str, ...]
    sentences: tuple[Span, ...]
    language: str
    vector: str
    source: str = ""
    title: str = ""
    site: str = ""
    date: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What `footnote status` shows; sizes in bytes, `vectors` and `keywords` are the counts in the two indexes."""

    folder: Path
    articles: int
    chunks: int
    vectors: int
    keywords: int
    agree: bool
    languages: dict[str, int]
    model: ModelIdentity | None
    catalogue_bytes: int
    vectors_bytes: int
    keywords_bytes: int


def chunk_input(article: Article, chunk: Chunk) -> ChunkInput:
    """What the model reads of a chunk: title and nearest heading, then its text from the first sentence on."""
    heads = [article.title, *chunk.headings[-1:]]
    prefix = " - ".join(dict.fromkeys(" ".join(head.split())[:150] for head in heads if head.strip()))
    first = chunk.sentences[0].start
    spans = tuple(Span(span.start - first, span.end - first) for span in chunk.sentences)
    return ChunkInput(f"{prefix}\n" if prefix else "", chunk.text[first:], spans)


def chunk_ids(article_id: int, keys: tuple[str, ...]) -> list[str]:
    """Ids made of the content: a chunk that only moves keeps its id; repeats within an article are numbered."""
    seen: dict[str, int] = {}
    ids = []
    for key in keys:
        short = hashlib.sha256(key.encode()).hexdigest()[:12]
        seen[short] = seen.get(short, -1) + 1
        ids.append(f"{article_id}.{short}.{seen[short]}")
    return ids
