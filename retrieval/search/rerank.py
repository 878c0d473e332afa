"""An optional cross-encoder that reads question and passage together: slower, better, and only by setting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.models import BuiltOnce, load_model

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker:
    """A sentence-transformers CrossEncoder by name or folder, loaded at first use."""

    def __init__(self, name: str) -> None:
        self.name = name

    @BuiltOnce
    def model(self) -> "CrossEncoder":
        """The loaded model; raises ModelError."""

        def build(*, local: bool) -> "CrossEncoder":
            from sentence_transformers import CrossEncoder

            return CrossEncoder(self.name, device="cpu", local_files_only=local)

        return load_model(build, name=self.name, setting="FOOTNOTE_RERANK_MODEL")

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question; higher is better, comparable within one question."""
        pairs = [(question, text) for text in texts]
        return [float(score) for score in np.ravel(self.model.predict(pairs, show_progress_bar=False))] if pairs else []
