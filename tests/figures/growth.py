"""What a library costs as it grows: `PYTHONPATH=tests python tests/figures/growth.py [--sizes 1000 10000] [--server]`.

The text is made of words as frequent as words are, the vectors are drawn, 384 numbers each, and are stored as `footnote ingest`
stores them; embedding them, 35 chunks a second on two cores, would hide what storing costs. With `--server` the vectors are on a
Chroma server that is started for it. A table goes to standard output, a row for each size.
"""

import argparse
import hashlib
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import servers

from retrieval import AnswerChain, Article, ArticleRetriever, Chunk, ChunkInput, Encoder, IndexedArticle, Library, Servers, Span
from retrieval.embedding import ChunkVectors, Vectors
from retrieval.library.following import folder_bytes

SIZES = (1_000, 10_000, 100_000, 300_000)
DIMENSION = 384
VOCABULARY = 50_000
CHUNKS_OF_ARTICLE, SENTENCES, WORDS = 10, 5, 18
PUT_BEFORE_INDEXES = 500  # chunks, as in ingest
ASKED = 300
HEAD = (
    "| chunks | stored/s | first answer | p50 | p95 | CPU each | RSS of an asking process | RSS of the server | catalogue "
    "| vectors | keywords |"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an asking process has measured, in seconds and bytes; `work` are those of its processors for one question."""

    first: float
    median: float
    high: float
    work: float
    memory: int
    answered: int


class DrawnEncoder(Encoder):
    """Stands in for a model of 384 dimensions: a question's vector lies near that of the chunk whose number it ends with."""

    dimension = DIMENSION
    fingerprint = "drawn"

    def __init__(self, name: str = "drawn-384") -> None:
        super().__init__(name)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, of shape (texts, dimension)."""
        numbers = [int(text.rpartition(" ")[2].strip("?")) for text in texts]
        return np.array([near(vector(number), number, 0.6) for number in numbers], dtype=np.float32).reshape(-1, DIMENSION)


def vector(number: int) -> Vectors:
    """The vector of a chunk."""
    return normal(np.random.default_rng(number).standard_normal(DIMENSION, dtype=np.float32))


def near(centre: Vectors, seed: int, share: float) -> Vectors:
    """A vector that another one makes this share of."""
    rest = normal(np.random.default_rng([seed, 7]).standard_normal(DIMENSION, dtype=np.float32))
    return normal(share * centre + (1 - share) * rest)


def normal(values: Vectors) -> Vectors:
    """The same direction with length 1."""
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


@cache
def vocabulary() -> tuple[list[str], "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """Words, and how far the frequencies of all up to each add up, by Zipf's law."""
    chance, syllables = np.random.default_rng(3), [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
    words = ["".join(chance.choice(syllables, size=2 + rank % 3)) for rank in range(VOCABULARY)]
    shares = 1.0 / (np.arange(VOCABULARY) + 2.7)
    return words, np.cumsum(shares / shares.sum())


def sentences(number: int) -> list[str]:
    """The sentences of a chunk, about 600 characters together."""
    words, frequencies = vocabulary()
    drawn = np.searchsorted(frequencies, np.random.default_rng([number, 5]).random((SENTENCES, WORDS)))
    return [" ".join(words[at] for at in row).capitalize() + "." for row in np.minimum(drawn, VOCABULARY - 1)]


def article(first: int, fingerprint: str) -> tuple[IndexedArticle, dict[str, ChunkVectors]]:
    """An article of chunks from a number on, and the vectors by their keys."""
    text, chunks, vectors = "", [], {}
    title = f"Report {first}"
    for number in range(first, first + CHUNKS_OF_ARTICLE):
        body, spans = "", []
        for sentence in sentences(number):
            spans.append(Span(len(body), len(body) + len(sentence)))
            body += sentence + " "
        body = body.rstrip()
        chunks.append(Chunk(len(text), len(text) + len(body), body, tuple(spans)))
        text += body + "\n\n"
    inputs = tuple(ChunkInput(f"{title}\n", chunk.text, chunk.sentences) for chunk in chunks)
    keys = tuple(item.key(fingerprint) for item in inputs)
    for number, key in enumerate(keys, first):
        whole = vector(number)
        vectors[key] = ChunkVectors(whole, np.stack([near(whole, number * SENTENCES + at, 0.7) for at in range(SENTENCES)]))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return IndexedArticle(
        Article(f"/articles/{first}.md", digest, text, title, language="en"), tuple(chunks), inputs, keys
    ), vectors


def grow(library: Library, chunks: int, size: int) -> float:
    """Store articles until there are so many chunks; seconds without those that drawing them took."""
    library.check_model()
    taken, behind = 0.0, 0
    with library.writing():
        for first in range(chunks, size, CHUNKS_OF_ARTICLE):
            item, vectors = article(first, library.encoder.fingerprint)
            began = time.perf_counter()
            library.catalogue.keep_vectors(vectors)
            library.put(item)
            behind += len(item.chunks)
            if behind >= PUT_BEFORE_INDEXES or first + CHUNKS_OF_ARTICLE >= size:
                library.catch_up()
                behind = 0
            taken += time.perf_counter() - began
        began = time.perf_counter()
        library.catch_up(purge=True)
    return taken + time.perf_counter() - began


def ask(folder: Path, servers_: Servers, size: int) -> Asked:
    """Ask as a bot does that has just been started."""
    began = time.perf_counter()
    with Library(folder, DrawnEncoder(), servers_) as library:
        chain, chance = AnswerChain(ArticleRetriever(library=library)), np.random.default_rng(11)
        taken, answered, first = [], 0, 0.0
        worked = 0.0
        for number in map(int, chance.integers(size, size=ASKED)):
            words = sentences(number)[2].rstrip(".").split()[:6]
            start = time.perf_counter()
            answered += not chain.invoke({"question": f"What is {' '.join(words)} {number}?"}).abstained
            taken.append(time.perf_counter() - start)
            if not first:
                first, worked = time.perf_counter() - began, time.process_time()
        worked = time.process_time() - worked
        ordered = sorted(taken[5:])
        middle, high = statistics.median(ordered), ordered[int(0.95 * len(ordered))]
        return Asked(first, middle, high, worked / (ASKED - 1), memory("self"), answered)


def memory(process: int | str) -> int:
    """The bytes in memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def megabytes(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1e6:.0f} MB"


@contextmanager
def place(folder: Path, *, server: bool) -> Iterator[tuple[Servers, Path | None]]:
    """Where the vectors are, and the server's folder if there is one."""
    if not server:
        yield Servers(), None
        return
    with servers.chroma(folder / "chroma") as url:
        yield Servers(chroma_url=url), folder / "chroma"


def serving(folder: Path) -> int:
    """The bytes in memory of the server whose data lie in a folder."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if f"--path\0{folder}\0".encode() in path.read_bytes():
            return memory(path.parent.name)
    return 0


def main(sizes: Sequence[int], parent: Path | None, *, server: bool) -> None:
    """Grow one library from size to size, and measure at each."""
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=parent) as name, place(Path(name), server=server) as (where, chroma):
        folder = Path(name) / "library"
        print(HEAD, "|" + " --- |" * HEAD.count(" | ") + " --- |", sep="\n", flush=True)
        chunks = 0
        for size in sizes:
            with Library(folder, DrawnEncoder(), where) as library:
                rate = (size - chunks) / grow(library, chunks, size)
                catalogue = library.catalogue.size()
            chunks = size
            with processes.Pool(1) as pool:
                asked = pool.apply(ask, (folder, where, size))
            cells = [
                f"{size:,}",
                f"{rate:,.0f}",
                f"{asked.first:.1f} s",
                f"{asked.median * 1000:.0f} ms",
                f"{asked.high * 1000:.0f} ms",
                f"{asked.work * 1000:.0f} ms",
                megabytes(asked.memory),
                megabytes(serving(chroma)) if chroma else "–",
                megabytes(catalogue),
                megabytes(folder_bytes(chroma or folder / "vectors")),
                megabytes(folder_bytes(folder / "keywords")),
            ]
            print("| " + " | ".join(cells) + f" | <!-- {asked.answered} of {ASKED} answered -->", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--server", action="store_true", help="vectors on a Chroma server")
    parser.add_argument("--folder", type=Path, help="where the library is made, and removed again")
    given = parser.parse_args()
    main(given.sizes, given.folder, server=given.server)
