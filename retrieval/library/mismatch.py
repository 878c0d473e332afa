"""What is said where vectors of two embedding models would meet in one library."""

from retrieval.errors import ModelMismatch
from retrieval.library.records import ModelIdentity


def another_model(built: ModelIdentity, asked: str) -> ModelMismatch:
    """A library is opened with a model that it was not built with."""
    message = f"The library was built with the embedding model {built.name} ({built.fingerprint}), not {asked}."
    help_line = f"Use that model (FOOTNOTE_EMBEDDING_MODEL={built.name}), or another folder with --data. "
    return ModelMismatch(message, help=help_line + "To make the library anew with the other model: footnote rebuild")


def rebuilt_meanwhile() -> ModelMismatch:
    """Articles are ready for a model that is no longer the library's."""
    message = "The library was rebuilt with another embedding model while articles were put into it."
    return ModelMismatch(message, help="Name that model in FOOTNOTE_EMBEDDING_MODEL and ingest again.")
