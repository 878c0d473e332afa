"""Whether the embedding model can be loaded and is the one that the library was built with."""

from collections.abc import Iterator

import numpy as np

from retrieval.embedding import Encoder
from retrieval.library.health.faults import input_of
from retrieval.library.health.findings import Finding, Level
from retrieval.library.health.ground import Ground
from retrieval.library.records import ModelIdentity

MODEL = "Model"
EMBEDDED = 4  # chunks that are embedded anew
ALIKE = 0.99  # cosine; another machine and 16 bits a number make less of a difference
TEXT = "A fixed text."
OTHER = "Set FOOTNOTE_EMBEDDING_MODEL to another sentence-transformers model"


def examine_model(encoder: Encoder, ground: Ground | None) -> Iterator[Finding]:
    """Load the model, embed a few chunks, and hold the vectors against those that the library keeps."""
    built = ground.model if ground and ground.live else None
    if built is not None and built.name != encoder.name:
        said = f"The library was built with the embedding model {built.name}, and the settings name {encoder.name}."
        yield Finding(MODEL, Level.WRONG, said, f"export FOOTNOTE_EMBEDDING_MODEL={built.name}")
        return
    (vector,) = encoder.encode_queries([TEXT])
    own = ModelIdentity(encoder.name, len(vector), encoder.fingerprint)
    shown = f"{own.name}, {own.dimension} dimensions ({own.fingerprint})"
    if not np.isfinite(vector).all() or not vector.any():
        yield Finding(MODEL, Level.WRONG, f"The model {own.name} makes vectors of a text that are no numbers.", OTHER)
    elif built is not None and built != own:
        said = f"The library was built with {built.dimension} dimensions ({built.fingerprint}), and the model is {shown}."
        yield Finding(MODEL, Level.WRONG, said, "footnote rebuild")
    elif ground and not _makes_the_same(encoder, ground):
        yield Finding(
            MODEL, Level.WRONG, "The model makes other vectors of chunks than those that the library keeps.", "footnote rebuild"
        )
    else:
        yield Finding(MODEL, Level.OK, shown)


def _makes_the_same(encoder: Encoder, ground: Ground) -> bool:
    """Whether chunks get the vectors that are kept; those for which none are kept are not asked."""
    chosen = [item for item in ground.sample if item.vector in ground.vectors and ground.vectors[item.vector].any()][:EMBEDDED]
    made = encoder.encode_chunks([input_of(item) for item in chosen])
    return all(float(new.chunk @ ground.vectors[item.vector]) >= ALIKE for item, new in zip(chosen, made, strict=True))
