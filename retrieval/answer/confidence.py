"""How sure it is that the articles answer the question; below the threshold they do not say.

With a dozen more measures (margins, missing words, the best sentence's own) the development sets were told apart no better. What
is out of the articles' reach is told nearly always; a wrong detail on the right topic needs a model that reads.
"""

from math import exp

import numpy as np

from retrieval.search.features import CHUNK_FEATURES, Row
from retrieval.search.retriever import Found
from retrieval.weights import load_weights, vector

CONFIDENCE_FEATURES = ("maxsim", "rank_score", "foreign", "foreign_coverage")
KNOWN_LANGUAGES = ("en", "")  # of the default model; in others its similarities are low, and the words have to speak


def confidence_features(found: Found) -> Row:
    """Of the best chunk: its best sentence's similarity, its score, and its coverage in a language the model knows little."""
    best = found.ranked[0]
    measured = dict(zip(CHUNK_FEATURES, best.measured.features, strict=True))
    foreign = float(best.measured.chunk.language not in KNOWN_LANGUAGES)
    return np.array([measured["maxsim"], best.score, foreign, foreign * measured["coverage"]])


def confidence(found: Found) -> float:
    """The fitted probability, between 0 and 1, that the articles answer; 0 where nothing was found."""
    if not found.ranked:
        return 0.0
    score = float(confidence_features(found) @ vector("confidence", CONFIDENCE_FEATURES)) + load_weights()["confidence"]["bias"]
    return 1.0 / (1.0 + exp(-score))


def threshold() -> float:
    """Below this confidence the answer is a refusal."""
    return load_weights()["confidence"]["threshold"]
