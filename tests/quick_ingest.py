"""The ingest command as a process of its own, with hash vectors in the place of a model that takes long to load."""

import os
import time
from collections.abc import Sequence

from support import HashEncoder

import retrieval
from retrieval import ChunkInput
from retrieval.embedding import ChunkVectors

PAUSE = "QUICK_INGEST_PAUSE"  # seconds that a batch takes, as it would with a model


class PausingEncoder(HashEncoder):
    """Takes its time."""

    def encode_chunks(self, inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        """Hash vectors, after a while."""
        time.sleep(float(os.environ.get(PAUSE, "0")))
        return super().encode_chunks(inputs)


if __name__ == "__main__":
    setattr(retrieval, "Encoder", PausingEncoder)  # noqa: B010 - the name is loaded at its first use
    from ingest.cli import main

    main()
