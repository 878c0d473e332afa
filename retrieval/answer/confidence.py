"""How sure it is that the articles answer the question; below the threshold they do not say."""

from math import exp

import numpy as np

from retrieval.answer.extractive import Quotable
from retrieval.search.features import CHUNK_FEATURES, Row
from retrieval.search.retriever import Found
from retrieval.weights import load_weights, vector

CONFIDENCE_FEATURES = ("cosine", "maxsim", "best_coverage", "sentence_cosine", "sentence_coverage", "known", "rank_score")


def confidence_features(found: Found, best: Quotable) -> Row:
    """Values of the best chunk, of the best sentence, and the share of the question's words that the library knows at all."""
    top = found.ranked[0]
    sentence = best.measured.sentences[best.number]
    whole = sum(term.rarity for term in found.query.own) or 1.0
    known = sum(term.rarity for term in found.query.own if term.known) / whole
    of_chunk = dict(zip(CHUNK_FEATURES, top.measured.features, strict=True))
    return np.array(
        [of_chunk["cosine"], of_chunk["maxsim"], of_chunk["best_coverage"], sentence.cosine, sentence.coverage, known, top.score]
    )


def confidence(features: Row) -> float:
    """The fitted probability, between 0 and 1, that the best sentence answers."""
    score = float(features @ vector("confidence", CONFIDENCE_FEATURES)) + load_weights()["confidence"]["bias"]
    return 1.0 / (1.0 + exp(-score))


def threshold() -> float:
    """Below this confidence the answer is a refusal."""
    return load_weights()["confidence"]["threshold"]
