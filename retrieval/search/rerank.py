"""An optional cross-encoder that reads question and passage together: slower, better, and only by setting."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker:
    """A sentence-transformers CrossEncoder by name or folder, loaded at first use."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def model(self) -> "CrossEncoder":
        """The loaded model; raises ModelError."""
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(self.name, device="cpu")  # type: ignore[no-any-return]  # its own decorator hides the type
        except Exception as error:  # the library raises whatever its parts raise
            message = f"The rerank model {self.name!r} cannot be loaded: {str(error).splitlines()[0] if str(error) else error!r}."
            raise ModelError(
                message, help="Set FOOTNOTE_RERANK_MODEL to a CrossEncoder name or folder, or leave it empty."
            ) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question; higher is better, comparable within one question."""
        pairs = [(question, text) for text in texts]
        return [float(score) for score in np.ravel(self.model.predict(pairs, show_progress_bar=False))] if pairs else []
