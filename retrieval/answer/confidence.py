"""How sure it is that the articles answer the question; below the threshold they do not say."""

from math import exp

import numpy as np

from retrieval.search.features import CHUNK_FEATURES, Row
from retrieval.search.retriever import Found
from retrieval.weights import load_weights, vector

CONFIDENCE_FEATURES = ("maxsim", "best_coverage", "known", "carried", "rank_score")


def confidence_features(found: Found) -> Row:
    """Two measures of the best chunk, what of the question the library knows at all, what of it was carried, and the best score."""
    top = found.ranked[0]
    measured = dict(zip(CHUNK_FEATURES, top.measured.features, strict=True))
    whole = sum(term.rarity for term in found.query.own)
    known = sum(term.rarity for term in found.query.own if term.known) / (whole or 1.0)
    carried = 1.0 - whole / (sum(term.rarity * term.weight for term in found.query.terms) or 1.0)
    return np.array([measured["maxsim"], measured["best_coverage"], known, carried, top.score])


def confidence(found: Found) -> float:
    """The fitted probability, between 0 and 1, that the articles answer; 0 where nothing was found."""
    if not found.ranked:
        return 0.0
    score = float(confidence_features(found) @ vector("confidence", CONFIDENCE_FEATURES)) + load_weights()["confidence"]["bias"]
    return 1.0 / (1.0 + exp(-score))


def threshold() -> float:
    """Below this confidence the answer is a refusal."""
    return load_weights()["confidence"]["threshold"]
